#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "base/result.h"

namespace trackwire::broker {

/// A connection's record: who it is and how to resume it. All but the key are opaque here.
struct SessionRecord {
  std::string key;    ///< its public id
  std::string proof;  ///< what somebody must present who wants to take it over
  std::string owner;  ///< names the process and socket that hold it
  std::string value;
};

enum class TakeOverError : uint8_t {
  kUnknown,      ///< there is no record, or it has expired
  kRefused,      ///< the proof is another; the record stays as it was
  kUnavailable,  ///< storage did not answer
};

/// Keeps session records beyond the life of a connection and of the process.
///
/// A record has one owner, and only that one changes it: what a former owner still says after
/// somebody took the record over has no effect, however late it arrives. All calls from any thread,
/// those of one thread take effect in their order; callbacks run on the broker's loop. A record that
/// was saved is durable soon after (not when Save() returns).
class SessionStore {
 public:
  using TakeOverDone = std::function<void(Result<SessionRecord, TakeOverError>)>;

  virtual ~SessionStore() = default;
  /// Writes a new record, or replaces one of the same owner; the record lives until Expire() or
  /// Remove(), or thirty days without either. Where one process has the records to itself, those of
  /// an earlier one live no longer than a grace after it has opened.
  virtual void Save(SessionRecord record) = 0;
  /// The connection is gone but may come back within `ttl`.
  virtual void Expire(const std::string& key, const std::string& owner,
                      std::chrono::milliseconds ttl) = 0;
  virtual void Remove(const std::string& key, const std::string& owner) = 0;
  /// Atomically names a new owner and returns the record as it was, with its former owner. An expiry
  /// under way ends.
  virtual void TakeOver(const std::string& key, const std::string& proof,
                        const std::string& new_owner, TakeOverDone done) = 0;
};

}  // namespace trackwire::broker
