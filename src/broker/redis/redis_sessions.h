#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/redis/redis_context.h"
#include "broker/session_store.h"
#include "net/timer.h"

namespace trackwire::broker {

/// Session records in Redis, a hash each, and an index of their keys. Calls keep their order and wait, bounded, while Redis is
/// away; each may run again after a lost answer without another effect. Belongs to the loop.
class RedisSessions {
 public:
  explicit RedisSessions(RedisContext& context);

  void Save(SessionRecord record);
  void Expire(const std::string& key, const std::string& owner, std::chrono::milliseconds ttl);
  void Remove(const std::string& key, const std::string& owner);
  void TakeOver(const std::string& key, const std::string& proof, const std::string& new_owner,
                SessionStore::TakeOverDone done);

  void List(const std::string& after, size_t max, SessionStore::ListDone done);
  void Find(const std::string& key, SessionStore::FindDone done);
  void Touch(const std::vector<SessionTouch>& touches, SessionStore::KeysDone lost,
             SessionStore::KeysDone missing);
  void End(const std::string& key, SessionStore::EndDone done);

  /// Looks whether the next few of the index are still there. Now and then.
  void Sweep();
  void OnUp();
  /// Tells those who wait for longer than a returning client would. Now and then.
  void FailLate(Steady::time_point now);
  bool idle() const { return calls_.empty(); }
  uint64_t dropped() const { return dropped_; }

 private:
  /// Nothing when there was no answer in time.
  using Done = std::function<void(const RespValue* answer)>;
  struct Call {
    const std::string* script = nullptr;
    std::string key;                  ///< of its record; empty: it is about many
    std::vector<std::string> many;    ///< keys of records
    std::vector<std::string> arguments;
    Done done;                        ///< empty: nobody waits
    Steady::time_point deadline{};    ///< of `done`
    std::string owner;                ///< of a Save; else empty
    uint64_t number = 0;
    std::optional<RespValue> answer;  ///< came before that of an earlier one
  };

  struct Touching;

  void Add(Call call);
  void Ask(Call call, Done done);
  void ReadPage(std::vector<std::string> keys, size_t asked, const SessionStore::ListDone& done);
  void TouchSome(const std::vector<SessionTouch>& touches, size_t from, size_t to,
                 const std::shared_ptr<Touching>& all);
  std::vector<std::string> KeysOf(const Call& call) const;
  void Flush();
  void OnAnswer(uint64_t number, uint64_t round, Result<RespValue> answer);
  /// It is answered and out of the queue.
  void Note(const Call& call);
  void SendAgainAfter(std::chrono::milliseconds pause);
  void SendAgain();

  RedisContext& context_;
  std::deque<Call> calls_;  ///< those under way first
  /// The last waiting call for a record, by its number: one Save after another replaces it.
  std::unordered_map<std::string, uint64_t> last_of_;
  size_t under_way_ = 0;
  uint64_t next_number_ = 0;
  uint64_t round_ = 0;
  uint64_t dropped_ = 0;
  bool stalled_ = false;
  bool sweeping_ = false;
  std::string swept_through_;
  net::Timer again_;
};

}  // namespace trackwire::broker
