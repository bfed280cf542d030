#include "broker/redis/redis_rate_limiter.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <utility>

#include "base/log.h"
#include "broker/redis/script_runner.h"
#include "net/timer.h"

namespace trackwire::broker {
namespace {

// KEYS: buckets. ARGV: ms by which time is ahead, then for each tokens per second, burst, cost.
// Answer: the longest wait in microseconds, 0 when all were taken from. The same sum as
// TakeFromBucket(); microseconds count from a day that leaves a double room for their fractions.
const std::string& TakeScript() {
  static const std::string text = R"lua(
local t = redis.call('TIME')
local now = (t[1] - 1700000000) * 1000000 + t[2] + ARGV[1] * 1000
local full_at, longest = {}, 0
for i, key in ipairs(KEYS) do
  local rate, burst, cost = tonumber(ARGV[i * 3 - 1]), tonumber(ARGV[i * 3]), tonumber(ARGV[i * 3 + 1])
  local to_fill = burst / rate * 1000000
  local held = redis.pcall('GET', key)
  held = type(held) == 'string' and tonumber(held) or now
  local from = math.min(math.max(held, now), now + to_fill)
  full_at[i] = from + cost / rate * 1000000
  longest = math.max(longest, full_at[i] - now - to_fill)
end
if longest > 1 then return string.format('%.0f', longest) end
for i, key in ipairs(KEYS) do
  local ms = math.ceil((full_at[i] - now) / 1000)
  if ms > 0 then
    redis.call('SET', key, string.format('%.3f', full_at[i]), 'PX', ms)
  else
    redis.call('DEL', key)
  end
end
return '0'
)lua";
  return text;
}

std::string Number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

}  // namespace

/// Belongs to the loop but for what says otherwise.
struct RedisRateLimiter::Context : std::enable_shared_from_this<Context> {
  struct Pending {
    std::vector<BucketCharge> charges;
    Done done;  ///< empty once it was told
    Steady::time_point deadline;
  };
  using PendingPtr = std::shared_ptr<Pending>;

  Context(net::Loop& the_loop, RedisClient& the_client, const Clock& clock, Options the_options)
      : loop(the_loop),
        client(the_client),
        options(std::move(the_options)),
        local(clock, options.max_local_buckets),
        late([](void* self) { static_cast<Context*>(self)->TellLate(); }, this) {}

  /// Any thread.
  Verdict DecideAlone(const std::vector<BucketCharge>& charges) {
    ++alone;
    return local.TakeAll(charges);
  }

  void Ask(std::vector<BucketCharge> charges, Done done) {
    auto pending = std::make_shared<Pending>();
    pending->charges = std::move(charges);
    pending->done = std::move(done);
    pending->deadline = loop.now() + options.patience;
    if (!client.up()) return Settle(*pending);
    std::vector<std::string> keys;
    const auto ahead = options.clock_ahead ? options.clock_ahead().count() : 0;
    std::vector<std::string> arguments{std::to_string(ahead)};
    for (const BucketCharge& charge : pending->charges) {
      const double burst = charge.rule.burst > 1 ? charge.rule.burst : 1;
      keys.push_back(options.prefix + "socket:limit:" + charge.key);
      arguments.push_back(Number(charge.rule.per_second));
      arguments.push_back(Number(burst));
      arguments.push_back(Number(std::isnan(charge.cost) ? 0 : std::clamp(charge.cost, -burst, burst)));
    }
    waiting.push_back(pending);
    if (!late.armed()) late.Start(loop.timers(), options.patience);
    client.Eval(TakeScript(), keys, arguments,
                [weak = weak_from_this(), pending](Result<RespValue> reply) {
                  if (auto self = weak.lock()) self->OnReply(*pending, reply);
                });
  }

  void OnReply(Pending& pending, const Result<RespValue>& reply) {
    Note(reply);
    if (pending.done) {
      if (!reply || !reply->is_string()) {
        Settle(pending);
      } else {
        Tell(pending, VerdictOf(std::strtod(reply->text.c_str(), nullptr)));
      }
    }
    while (!waiting.empty() && !waiting.front()->done) waiting.pop_front();
  }

  void Note(const Result<RespValue>& reply) {
    const bool refused = reply && reply->is_error();
    if (refused && !failing && !IsPassing(*reply)) {
      base::LogError("broker", "rate limits are not shared", {{"detail", reply->text}});
    }
    failing = refused;
  }

  void Settle(Pending& pending) { Tell(pending, DecideAlone(pending.charges)); }

  void Tell(Pending& pending, Verdict verdict) {
    --under_way;
    const Done done = std::exchange(pending.done, nullptr);
    done(verdict);
  }

  void TellLate() {
    const Steady::time_point now = loop.now();
    while (!waiting.empty() && (!waiting.front()->done || waiting.front()->deadline <= now)) {
      const PendingPtr first = std::move(waiting.front());
      waiting.pop_front();
      if (first->done) Settle(*first);
    }
    if (waiting.empty()) return;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        waiting.front()->deadline - now);
    late.Start(loop.timers(), left + std::chrono::milliseconds(1));
  }

  net::Loop& loop;
  RedisClient& client;
  const Options options;
  BucketTable local;                  ///< any thread
  std::atomic<bool> reachable{true};  ///< any thread
  std::atomic<size_t> under_way{0};   ///< any thread
  std::atomic<uint64_t> alone{0};     ///< any thread
  std::deque<PendingPtr> waiting;     ///< in the order of their deadlines
  net::Timer late;
  bool failing = false;
};

RedisRateLimiter::RedisRateLimiter(net::Loop& loop, RedisClient& client, const Clock& clock,
                                   Options options)
    : loop_(loop),
      context_(std::make_shared<Context>(loop, client, clock, std::move(options))) {}
RedisRateLimiter::~RedisRateLimiter() = default;

void RedisRateLimiter::TakeAll(std::vector<BucketCharge> charges, Done done) {
  std::erase_if(charges, [](const BucketCharge& charge) { return !(charge.rule.per_second > 0); });
  if (charges.empty()) return done({});
  if (!context_->reachable || context_->under_way >= context_->options.max_pending) {
    return done(context_->DecideAlone(charges));
  }
  ++context_->under_way;
  loop_.Post([weak = std::weak_ptr(context_), held = std::move(charges),
              answer = std::move(done)]() mutable {
    if (auto context = weak.lock()) context->Ask(std::move(held), std::move(answer));
  });
}

void RedisRateLimiter::OnState(bool up) { context_->reachable = up; }

uint64_t RedisRateLimiter::decided_alone() const { return context_->alone; }

}  // namespace trackwire::broker
