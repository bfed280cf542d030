#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/redis/log_ring.h"
#include "broker/redis/redis_context.h"
#include "net/timer.h"

namespace trackwire::broker {

/// Follows the log from where it opened, over a link of its own, and keeps its newest entries.
///
/// Each entry once, in order. Knows when it lost its place: the log has another epoch. Belongs to
/// the loop.
class LogTail {
 public:
  using OnEntries = std::function<void(const std::vector<LogEntryPtr>&)>;
  struct Place {
    std::string epoch;
    LogOffset end;      ///< newest entry
    LogOffset trimmed;  ///< newest that expired; 0-0 when none did
  };

  /// `on_break` after the place was lost: end() is another already.
  LogTail(RedisContext& context, OnEntries on_entries, std::function<void()> on_break);

  /// From the end on. Entries before it come into memory without being told.
  void Start(const Place& place);
  /// What a look at the log showed, now and then and after each new link of the commands;
  /// `known_epoch` was the tail's when it was asked for.
  void Learn(const std::string& known_epoch, const Place& place);

  const LogOffset& end() const { return ring_.end(); }
  LogRing& ring() { return ring_; }
  bool up() const { return client_.up(); }
  std::string last_error() const { return client_.last_error(); }
  uint64_t strange_entries() const { return strange_; }

 private:
  void Ask();
  void OnAnswer(uint64_t round, Result<RespValue> answer);
  void Take(const RespValue& entries);
  void AskAgainAfter(std::chrono::milliseconds pause);
  void MoveTo(const LogOffset& end);
  void Preload(const std::string& from);
  void OnOlder(const std::string& epoch, Result<RespValue> answer);
  LogEntryPtr Parse(const RespValue& value, const std::string& epoch, bool is_new);
  Steady::time_point AcceptedAt(uint64_t ms) const;

  RedisContext& context_;
  OnEntries on_entries_;
  std::function<void()> on_break_;
  RedisClient client_;
  LogRing ring_;
  LogOffset trimmed_;
  LogOffset place_;  ///< last entry looked at
  bool asking_ = false;
  uint64_t round_ = 0;
  size_t count_ = 64;     ///< entries to ask for
  uint64_t strange_ = 0;  ///< entries that no one of us wrote
  net::Timer again_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// `<ms>-<seq>`; nothing when it is no id.
std::optional<LogOffset> ParseStreamId(const std::string& epoch, const std::string& id);
std::string StreamId(const LogOffset& offset);

}  // namespace trackwire::broker
