#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

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

/// A record as it is listed: without its proof, which is nobody's but its client's.
struct SessionEntry {
  SessionRecord record;
  bool live = false;  ///< its owner has the connection; else it waits for its client to come back
};

struct SessionPage {
  std::vector<SessionEntry> sessions;  ///< in the order of their keys
  std::string next;  ///< go on after this one; empty when there are no more
};

/// Names a record that its owner still has.
struct SessionTouch {
  std::string key;
  std::string owner;
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
  using ListDone = std::function<void(Result<SessionPage>)>;
  using FindDone = std::function<void(Result<std::optional<SessionEntry>>)>;
  using EndDone = std::function<void(std::optional<SessionRecord>)>;
  using KeysDone = std::function<void(std::vector<std::string> keys)>;

  /// Entries of one page at most; a List() that asks for more gets so many.
  static constexpr size_t kMaxPage = 1'000;

  virtual ~SessionStore() = default;
  /// Writes a new record, or replaces one of the same owner, and makes it live. Without a Touch(),
  /// Save() or TakeOver() it goes after the broker's `session_lifetime` (15 minutes), so that
  /// nothing stays of a process that was killed. Where one process has the records to itself, those
  /// of an earlier one live no longer than a grace after it has opened. Without effect on a record
  /// that was ended.
  virtual void Save(SessionRecord record) = 0;
  /// The connection is gone but may come back within `ttl`; until then the record is away.
  virtual void Expire(const std::string& key, const std::string& owner,
                      std::chrono::milliseconds ttl) = 0;
  virtual void Remove(const std::string& key, const std::string& owner) = 0;
  /// Atomically names a new owner and returns the record as it was, with its former owner. An expiry
  /// under way ends.
  virtual void TakeOver(const std::string& key, const std::string& proof,
                        const std::string& new_owner, TakeOverDone done) = 0;

  /// Records whose key is greater than `after`, at most `max`. A page may hold fewer, even none,
  /// and have a next one. What changes between two pages may be missing from either; what does not
  /// change is in exactly one. Fails with `unavailable` when storage does not answer.
  virtual void List(std::string after, size_t max, ListDone done) = 0;
  /// One record, without its proof; nothing when there is none. Fails with `unavailable`.
  virtual void Find(std::string key, FindDone done) = 0;
  /// Renews the life of many live records in one go: call it for every connection at least thrice
  /// in a `session_lifetime`. `lost` gets the keys that were ended or belong to somebody else now:
  /// their message was lost, and their connections are to be closed. `missing` (may be empty: then
  /// they are among the lost) gets those that are gone though nobody ended them, because storage was
  /// away for longer than they live, or lost them: their owners save them anew. A record that is away
  /// stays as it is. When storage does not answer nothing is lost and nothing is missing.
  virtual void Touch(std::vector<SessionTouch> touches, KeysDone lost, KeysDone missing = {}) = 0;
  /// Ends a record whoever owns it, and returns it, without its proof, so that its owner can be told;
  /// nothing when there is none or storage does not answer. Final: for a day nobody saves or takes
  /// over that key, and Touch() calls it lost.
  virtual void End(std::string key, EndDone done) = 0;
};

}  // namespace trackwire::broker
