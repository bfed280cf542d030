#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace trackwire::broker {

/// A connection's record: who it is and how to resume it. `value` is opaque here.
struct SessionRecord {
  std::string key;    ///< the private id a client resumes with
  std::string owner;  ///< names the process and socket that hold it
  std::string value;
};

/// Keeps session records beyond the life of a connection and of the process.
///
/// All calls from any thread; callbacks run on the broker's loop. A record that was saved is
/// durable soon after (not when Save() returns).
class SessionStore {
 public:
  virtual ~SessionStore() = default;
  /// Writes or replaces; the record lives until Expire() or Remove(), or thirty days without either.
  /// A record whose process has ended lives no longer than a grace after the next one has opened.
  virtual void Save(SessionRecord record) = 0;
  /// The connection is gone but may come back within `ttl`.
  virtual void Expire(const std::string& key, std::chrono::milliseconds ttl) = 0;
  virtual void Remove(const std::string& key) = 0;
  /// Atomically names a new owner and returns the record as it was, with its former owner; nothing
  /// when there is none or it has expired.
  virtual void TakeOver(const std::string& key, const std::string& new_owner,
                        std::function<void(std::optional<SessionRecord>)> done) = 0;
};

}  // namespace trackwire::broker
