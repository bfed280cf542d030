#include "broker/redis/redis_cache.h"

#include <utility>
#include <vector>

#include "base/log.h"
#include "broker/redis/script_runner.h"

namespace trackwire::broker {
namespace {

/// Puts that have not been answered yet may hold so much; further ones are dropped.
constexpr size_t kMaxPendingBytes = 32u << 20;

// `values` holds the texts; a key is in all of `values`, `used`, `expires` or in none.
constexpr const char* kCommon = R"lua(
local values, used, expires, state = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
redis.call('HLEN', values)
redis.call('ZCARD', used)
redis.call('ZCARD', expires)
local bytes = tonumber(redis.call('HGET', state, 'bytes')) or 0
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[1])
local function text(value) return string.format('%.0f', value) end
local function cost_of(key, size) return #key + size + 256 end
local function set_bytes(value)
  if not (value > 0) or redis.call('HLEN', values) == 0 then value = 0 end
  redis.call('HSET', state, 'bytes', text(value))
end
local function remove(key)
  if redis.call('HEXISTS', values, key) == 1 then
    bytes = bytes - cost_of(key, redis.call('HSTRLEN', values, key))
    redis.call('HDEL', values, key)
  end
  redis.call('ZREM', used, key)
  redis.call('ZREM', expires, key)
end
)lua";

const std::string& GetScript() {
  static const std::string kScript = std::string(kCommon) + R"lua(
local key = ARGV[2]
local value = redis.call('HGET', values, key)
if not value then return false end
local expires_at = tonumber(redis.call('ZSCORE', expires, key) or 0)
if expires_at <= now then
  remove(key)
  set_bytes(bytes)
  return false
end
local last = tonumber(redis.call('ZSCORE', used, key) or 0)
if last < now - 10000 then redis.call('ZADD', used, text(now), key) end
return value
)lua";
  return kScript;
}

const std::string& PutScript() {
  static const std::string kScript = std::string(kCommon) + R"lua(
local key, value, ttl, max = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
remove(key)
local old = redis.call('ZRANGEBYSCORE', expires, '-inf', text(now), 'LIMIT', 0, 16)
for _, gone in ipairs(old) do remove(gone) end
local cost = cost_of(key, #value)
local kept = ttl > 0 and cost <= max
if kept then
  local rounds = 0
  while bytes + cost > max do
    local first = redis.call('ZPOPMIN', used)
    rounds = rounds + 1
    if not first[1] or rounds > 20000 then break end
    remove(first[1])
  end
  if bytes + cost > max and redis.call('ZCARD', used) == 0 then
    -- Somebody else wrote here: the sum or the texts are not ours.
    redis.call('DEL', values, expires)
    bytes = 0
  end
  kept = bytes + cost <= max
end
if kept then
  redis.call('HSET', values, key, value)
  redis.call('ZADD', used, text(now), key)
  redis.call('ZADD', expires, text(now + ttl), key)
  bytes = bytes + cost
end
set_bytes(bytes)
return 1
)lua";
  return kScript;
}

const std::string& RemoveScript() {
  static const std::string kScript = std::string(kCommon) + R"lua(
remove(ARGV[2])
set_bytes(bytes)
return 1
)lua";
  return kScript;
}

}  // namespace

struct RedisCache::Context : std::enable_shared_from_this<Context> {
  Context(RedisClient& the_client, Options the_options)
      : client(the_client),
        options(std::move(the_options)),
        keys{options.prefix + "cache:values", options.prefix + "cache:used",
             options.prefix + "cache:expires", options.prefix + "cache:state"} {}

  void Run(const std::string& script, std::vector<std::string> arguments,
           std::function<void(RespValue)> done) {
    const auto ahead = options.clock_ahead ? options.clock_ahead().count() : 0;
    arguments.insert(arguments.begin(), std::to_string(ahead));
    client.Eval(script, keys, arguments,
                [weak = weak_from_this(), answer = std::move(done)](Result<RespValue> reply) {
                  auto self = weak.lock();
                  if (!self) return;
                  self->Note(reply);
                  answer(reply && !reply->is_error() ? std::move(*reply) : RespValue{});
                });
  }

  void Note(const Result<RespValue>& reply) {
    const bool refused = reply && reply->is_error();
    if (!reply || refused) ++failures;
    if (refused && !failing && !IsPassing(*reply)) {
      base::LogError("broker", "the cache cannot be used", {{"detail", reply->text}});
    }
    failing = refused;
  }

  RedisClient& client;
  const Options options;
  const std::vector<std::string> keys;
  size_t pending_bytes = 0;
  uint64_t failures = 0;
  bool failing = false;
};

RedisCache::RedisCache(net::Loop& loop, RedisClient& client, Options options)
    : loop_(loop), context_(std::make_shared<Context>(client, std::move(options))) {}
RedisCache::~RedisCache() = default;

void RedisCache::Get(std::string key, std::function<void(std::optional<std::string>)> done) {
  loop_.Post([weak = std::weak_ptr(context_), of = std::move(key),
              answer = std::move(done)]() mutable {
    auto context = weak.lock();
    if (!context) return;
    context->Run(GetScript(), {std::move(of)}, [call = std::move(answer)](RespValue reply) {
      if (!reply.is_string()) return call(std::nullopt);
      call(std::move(reply.text));
    });
  });
}

void RedisCache::Put(std::string key, std::string value, std::chrono::milliseconds ttl) {
  loop_.Post([weak = std::weak_ptr(context_), of = std::move(key), text = std::move(value),
              ttl]() mutable {
    auto context = weak.lock();
    if (!context) return;
    const size_t cost = of.size() + text.size();
    const size_t max = context->options.max_bytes;
    if (context->pending_bytes + cost > kMaxPendingBytes || cost > max) {
      // Not kept, but what it was to replace must not be read either.
      context->Run(RemoveScript(), {std::move(of)}, [](const RespValue&) {});
      return;
    }
    context->pending_bytes += cost;
    context->Run(PutScript(),
                 {std::move(of), std::move(text), std::to_string(ttl.count()),
                  std::to_string(max)},
                 [weak, cost](const RespValue&) {
                   if (auto self = weak.lock()) self->pending_bytes -= cost;
                 });
  });
}

void RedisCache::Remove(std::string key) {
  loop_.Post([weak = std::weak_ptr(context_), of = std::move(key)]() mutable {
    if (auto context = weak.lock()) {
      context->Run(RemoveScript(), {std::move(of)}, [](const RespValue&) {});
    }
  });
}

uint64_t RedisCache::failures() const { return context_->failures; }

}  // namespace trackwire::broker
