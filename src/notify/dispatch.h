#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "broker/broker.h"
#include "notify/audience.h"
#include "notify/choices.h"
#include "notify/encode.h"
#include "socketio/namespace.h"
#include "tracking/board.h"

namespace trackwire::notify {

struct DispatchCounters {
  uint64_t dispatched = 0;  ///< entries handed to the shards
  uint64_t unreadable = 0;  ///< entries that are no envelope: a foreign hand wrote the log
};

/// Stage 2: follows the log, works out who may see each entry, encodes it once and hands it to the
/// shards, one batch for each batch of the log.
///
/// Lives on the broker's loop, all of it. What it hands over in one call precedes whatever that
/// loop posts to a shard afterwards; recovery rests on this.
class Dispatch {
 public:
  /// Everything outlives the dispatch. `board` is brought up to date with each entry before the
  /// entry goes out; where unknown trackers are public, it also learns them.
  Dispatch(broker::Broker& broker, socketio::Namespace& nsp, tracking::Board& board,
           const Choices& choices, const Clock& clock, VisibilityRules rules, const Views& views,
           EncodeOptions options);

  /// On the broker's loop. How locations that others have written another way become such as the
  /// board reads; empty: as they are.
  using ReadForm = std::function<std::string(std::string_view notification, WallTime told_at)>;
  void SetReadForm(ReadForm read_form) { read_form_ = std::move(read_form); }

  /// Begins to follow; once.
  void Start();
  const DispatchCounters& counters() const { return counters_; }

  /// Brings the board up to date with an entry of the log, which is not delivered.
  void Learn(const broker::LogEntry& entry);

  /// Who gets an envelope, by what the board knows now. `with_place`: its subject says where it is,
  /// a location by its own account and another event by the last place known.
  Audience AudienceOf(const ingest::Envelope& envelope, bool with_place) const;
  const Views& views() const { return views_; }

 private:
  void OnEntries(const std::vector<broker::LogEntryPtr>& entries);
  const VisibilityRules& RulesFor(const ingest::Envelope& envelope,
                                  const tracking::Tracker* tracker) const;
  void Remember(const broker::LogEntry& entry, const ingest::Envelope& envelope);
  void RememberLocation(const broker::LogEntry& entry, const ingest::Envelope& envelope,
                        WallTime now);

  broker::Broker& broker_;
  socketio::Namespace& nsp_;
  tracking::Board& board_;
  const Choices& choices_;
  const Clock& clock_;
  const VisibilityRules rules_;
  const VisibilityRules hiding_rules_{false, rules_.public_events};
  const Views& views_;
  const EncodeOptions options_;
  ReadForm read_form_;
  DispatchCounters counters_;
};

/// How many trackers the board knows at most before it stops to learn more from notifications.
inline constexpr size_t kMaxLearnedTrackers = 200'000;

/// An entry of the log was checked when it was accepted; its size is no longer a question.
inline constexpr size_t kAnySize = ~size_t{0};

}  // namespace trackwire::notify
