#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "broker/notification_log.h"
#include "net/loop.h"
#include "socketio/namespace.h"
#include "tracking/board.h"

namespace trackwire::auth {
struct Identity;
}

namespace trackwire::notify {

/// Tells open sockets that trackers have another owner, public mark or name: the event
/// `trackers_changed`, `{"trackers": [ids] | null}`, to exactly those who could see one of them
/// before or can now, with the ids of no others; null for more than kMaxIds.
///
/// Belongs to the broker's loop.
class TrackerNews {
 public:
  static constexpr size_t kMaxIds = 500;
  static constexpr size_t kMaxKept = 2'000;

  /// `kept_for`: how long somebody may be away and still ask what was told meanwhile.
  TrackerNews(net::Loop& loop, const broker::NotificationLog& log, socketio::Namespace& nsp,
              std::chrono::milliseconds kept_for);

  /// The board has changed so just now.
  void Tell(std::vector<tracking::TrackerChange> changes);
  /// What somebody is to be told who comes back and has all entries up to `since`: the payload, or
  /// nothing.
  std::string MissedSince(const broker::LogOffset& since, const auth::Identity& identity) const;

 private:
  using Changes = std::shared_ptr<const std::vector<tracking::TrackerChange>>;
  struct Told {
    broker::LogOffset at;
    Steady::time_point when;
    Changes changes;
  };

  void Keep(const Changes& changes);

  net::Loop& loop_;
  const broker::NotificationLog& log_;
  socketio::Namespace& nsp_;
  const std::chrono::milliseconds kept_for_;
  std::deque<Told> told_;
  size_t kept_ = 0;
  broker::LogOffset forgotten_;          ///< up to here too much was told to be kept
  Steady::time_point forgotten_when_{};
};

/// What one person is told of changes: the payload, or nothing when none concerns them.
std::string NewsFor(const std::vector<const tracking::TrackerChange*>& changes,
                    const auth::Identity& identity);

}  // namespace trackwire::notify
