#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "broker/session_store.h"

namespace trackwire::broker {

/// Session records in memory, and which of them storage does not know yet. Any thread.
class SessionTable {
 public:
  struct Row {
    SessionRecord record;
    WallTime expires_at{};
    bool away = false;

    /// Kept only so that nobody writes it again.
    bool ended() const { return record.owner.empty(); }
  };
  /// A record as storage should have it; without a row it is gone.
  struct Change {
    std::string key;
    std::optional<Row> row;
  };

  SessionTable(size_t max_records, std::chrono::seconds lifetime)
      : max_records_(max_records), lifetime_(lifetime) {}

  /// From storage, at the start: its owner has gone with its process.
  void Load(Row row);
  enum class Saved : uint8_t { kYes, kNotTheOwner, kTooMany };
  Saved Save(SessionRecord record, WallTime now);
  /// Whether there was something to do; so with Remove().
  bool Expire(const std::string& key, const std::string& owner, WallTime at);
  bool Remove(const std::string& key, const std::string& owner);
  Result<SessionRecord, TakeOverError> TakeOver(const std::string& key, const std::string& proof,
                                                const std::string& new_owner, WallTime now);
  SessionPage List(const std::string& after, size_t max, WallTime now) const;
  std::optional<SessionEntry> Find(const std::string& key, WallTime now) const;
  struct Touched {
    std::vector<std::string> lost;
    std::vector<std::string> missing;
  };
  Touched Touch(const std::vector<SessionTouch>& touches, WallTime now);
  std::optional<SessionRecord> End(const std::string& key, WallTime now);
  /// Removes expired records among the next few; all are looked at within a minute of calls once a
  /// second. True when something is to be written.
  bool Sweep(WallTime now);

  bool dirty() const;
  /// What storage has to learn, at most `max`; PutBack() when that failed.
  std::vector<Change> TakeDirty(size_t max);
  void PutBack(const std::vector<Change>& changes);
  size_t size() const;

 private:
  void TouchOne(const SessionTouch& touch, WallTime now, Touched& touched);

  // Guards everything below: shards save and resume while the writer collects. Held for a few map
  // operations at a time; there is one call per connect or change, none per message.
  mutable std::mutex mutex_;
  std::map<std::string, Row> rows_;
  std::unordered_set<std::string> dirty_;
  std::string swept_through_;
  size_t max_records_;
  std::chrono::seconds lifetime_;
};

}  // namespace trackwire::broker
