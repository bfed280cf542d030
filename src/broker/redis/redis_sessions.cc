#include "broker/redis/redis_sessions.h"

#include <utility>
#include <vector>

#include "base/log.h"
#include "broker/redis/session_scripts.h"

namespace trackwire::broker {
namespace {

using std::chrono::milliseconds;

constexpr size_t kMaxCalls = 200'000;
constexpr size_t kMaxUnderWay = 256;
constexpr milliseconds kAfterLoss{100};
constexpr milliseconds kAfterTrouble{500};
constexpr auto kPatience = std::chrono::seconds(5);  // of who waits for an answer

/// Whether Redis will do it later, so that it makes sense to wait.
bool IsPassing(std::string_view error) {
  for (const std::string_view code :
       {"LOADING", "READONLY", "CLUSTERDOWN", "TRYAGAIN", "MASTERDOWN", "BUSY", "NOREPLICAS",
        "MISCONF", "OOM"}) {
    if (error.starts_with(code)) return true;
  }
  return false;
}

}  // namespace

RedisSessions::RedisSessions(RedisContext& context)
    : context_(context),
      again_([](void* self) { static_cast<RedisSessions*>(self)->SendAgain(); }, this) {}

void RedisSessions::Add(Call call) {
  if (calls_.size() >= kMaxCalls) {
    if (dropped_++ == 0) base::LogError("broker", "too many session records wait for Redis");
    if (call.done) call.done(nullptr);
    return;
  }
  call.number = next_number_++;
  if (!call.key.empty()) last_of_[call.key] = call.number;
  calls_.push_back(std::move(call));
  Flush();
}

void RedisSessions::Ask(Call call, Done done) {
  call.done = std::move(done);
  call.deadline = context_.loop.now() + kPatience;
  Add(std::move(call));
}

std::vector<std::string> RedisSessions::KeysOf(const Call& call) const {
  if (!call.key.empty()) return {context_.keys.session(call.key), context_.keys.sessions()};
  std::vector<std::string> keys{context_.keys.sessions()};
  keys.reserve(call.many.size() + 1);
  for (const std::string& key : call.many) keys.push_back(context_.keys.session(key));
  return keys;
}

void RedisSessions::Flush() {
  while (!stalled_ && context_.client.up() && under_way_ < calls_.size() &&
         under_way_ < kMaxUnderWay) {
    const Call& call = calls_[under_way_++];
    if (call.answer) continue;
    context_.client.Eval(*call.script, KeysOf(call), call.arguments,
                         [this, number = call.number, round = round_](Result<RespValue> answer) {
                           OnAnswer(number, round, std::move(answer));
                         });
  }
}

void RedisSessions::OnAnswer(uint64_t number, uint64_t round, Result<RespValue> answer) {
  if (round != round_ || calls_.empty()) return;
  if (!answer) return SendAgainAfter(kAfterLoss);
  if (answer->is_error() && IsPassing(answer->text)) return SendAgainAfter(kAfterTrouble);
  const size_t place = number - calls_.front().number;
  if (place >= under_way_) return;
  // In a cluster whose slots move one may overtake another that was sent on to the next node.
  calls_[place].answer = std::move(*answer);
  std::vector<Call> complete;
  while (under_way_ > 0 && calls_.front().answer) {
    complete.push_back(std::move(calls_.front()));
    calls_.pop_front();
    --under_way_;
    Note(complete.back());
  }
  Flush();
  for (const Call& call : complete) {
    if (call.done) call.done(&*call.answer);
  }
}

void RedisSessions::Note(const Call& call) {
  if (const auto last = last_of_.find(call.key);
      last != last_of_.end() && last->second == call.number) {
    last_of_.erase(last);
  }
  if (call.answer->is_error() && dropped_++ == 0) {
    base::LogError("broker", "Redis refuses a session record", {{"reason", call.answer->text}});
  }
}

void RedisSessions::OnUp() {
  if (stalled_) SendAgain();
  Flush();
}

void RedisSessions::SendAgainAfter(milliseconds pause) {
  ++round_;
  stalled_ = true;
  again_.Start(context_.loop.timers(), pause);
}

void RedisSessions::SendAgain() {
  again_.Cancel();
  if (!context_.client.up()) return;  // OnUp() follows
  stalled_ = false;
  under_way_ = 0;
  Flush();
}

void RedisSessions::FailLate(Steady::time_point now) {
  std::vector<Done> late;
  for (Call& call : calls_) {
    if (!call.done || call.deadline > now) continue;
    late.push_back(std::exchange(call.done, nullptr));
    // If it has not run yet, it must not: its caller has been told. What is left has no effect.
    call.script = &scripts::SweepSessions();
    call.arguments.clear();
    call.many = {};
  }
  for (const Done& done : late) done(nullptr);
}

}  // namespace trackwire::broker
