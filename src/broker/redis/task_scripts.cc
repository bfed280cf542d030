#include "broker/redis/task_scripts.h"

namespace trackwire::broker {
namespace {

// A task is its fields in `data`: `<id>:p` payload, `:k` key, `:a` attempts, `:n` its place; after
// its end only `:e`, the token that ended it, for a while. A task with a payload is in exactly one
// of `waiting`, `delayed`, `taken`. Every key is touched before anything is written, because an
// error in the middle (a key of another type) would leave half a step.
constexpr const char* kCommon = R"lua(
local waiting, delayed, taken, data = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local by_key, workers, ended = KEYS[5], KEYS[6], KEYS[7]
for _, key in ipairs({waiting, delayed, workers, ended}) do redis.call('ZCARD', key) end
for _, key in ipairs({taken, data, by_key}) do redis.call('HLEN', key) end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[1])
local broken = 0

-- Whatever somebody wrote there: a number below the limit, or 0.
local function number(text, limit)
  local value = tonumber(text or 0) or 0
  return value >= 0 and value < limit and value or 0
end
local function ms(value) return string.format('%.0f', value) end

local function forget(id)
  local key = redis.call('HGET', data, id .. ':k')
  if key and redis.call('HGET', by_key, key) == id then redis.call('HDEL', by_key, key) end
  redis.call('HDEL', data, id .. ':p', id .. ':k', id .. ':a', id .. ':n')
end

local function give_back(id)
  redis.call('HDEL', taken, id)
  if redis.call('HEXISTS', data, id .. ':p') == 1 then
    redis.call('ZADD', waiting, ms(number(redis.call('HGET', data, id .. ':n'), 9e15)), id)
  else
    forget(id)
    broken = broken + 1
  end
end

local function worker_of(token) return string.match(token, '^([^:]*):') or '' end
local function wake(channel) redis.pcall('PUBLISH', channel, '') end
)lua";

std::string Script(const char* body) { return std::string(kCommon) + body; }

}  // namespace

const std::string& TaskScripts::Add() {
  static const std::string kScript = Script(R"lua(
local id, key, payload = ARGV[2], ARGV[3], ARGV[4]
local function position(of) return redis.call('ZRANK', waiting, of) or 0 end
if redis.call('HEXISTS', data, id .. ':p') == 1 or redis.call('HEXISTS', data, id .. ':e') == 1 then
  return {'added', id, position(id)}
end
if key ~= '' then
  local known = redis.call('HGET', by_key, key)
  if known and redis.call('HEXISTS', data, known .. ':p') == 1 then
    return {'joined', known, position(known)}
  end
end
if redis.call('ZCARD', waiting) + redis.call('ZCARD', delayed) >= tonumber(ARGV[5]) then
  return {'full', '', 0}
end
local place = number(redis.call('HGET', data, '#place'), 9e15) + 1
redis.call('HSET', data, '#place', ms(place), id .. ':p', payload, id .. ':k', key, id .. ':a', '0',
           id .. ':n', ms(place))
if key ~= '' then redis.call('HSET', by_key, key, id) end
redis.call('ZADD', waiting, ms(place), id)
wake(ARGV[6])
return {'added', id, position(id)}
)lua");
  return kScript;
}

const std::string& TaskScripts::Take() {
  static const std::string kScript = Script(R"lua(
local me, lease, want = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local name_again, look_at_all, beat = ARGV[5] == '1', ARGV[6] == '1', tonumber(ARGV[7])

-- While Redis was away nobody could give a sign of life: that time does not count.
local seen = number(redis.call('HGET', data, '#seen'), 9e15)
local away = now - seen
if seen > 0 and away > 2 * beat then
  local alive = redis.call('ZRANGEBYSCORE', workers, ms(seen), '+inf', 'WITHSCORES')
  for i = 1, #alive, 2 do redis.call('ZINCRBY', workers, ms(away), alive[i]) end
end
redis.call('HSET', data, '#seen', ms(now))
redis.call('ZADD', workers, ms(now + lease), me)

local dead = redis.call('ZRANGEBYSCORE', workers, '-inf', '(' .. ms(now), 'LIMIT', 0, 100)
for _, worker in ipairs(dead) do redis.call('ZREM', workers, worker) end
local back = 0
local mine = {}
if #dead > 0 or look_at_all or name_again then
  local all = redis.call('HGETALL', taken)
  for i = 1, #all, 2 do
    local worker = worker_of(all[i + 1])
    if worker == me then
      mine[#mine + 1] = all[i]
    elseif not redis.call('ZSCORE', workers, worker) then
      give_back(all[i])
      back = back + 1
    end
  end
end
local due = redis.call('ZRANGEBYSCORE', delayed, '-inf', ms(now), 'LIMIT', 0, 100)
for _, id in ipairs(due) do
  redis.call('ZREM', delayed, id)
  give_back(id)
  back = back + 1
end

local tasks = {}
local function name(id, attempt, token)
  local payload = redis.call('HGET', data, id .. ':p')
  if payload then
    tasks[#tasks + 1] = {id, redis.call('HGET', data, id .. ':k') or '', payload, attempt, token}
    return true
  end
  redis.call('HDEL', taken, id)
  forget(id)
  broken = broken + 1
  return false
end
if name_again then
  for _, id in ipairs(mine) do
    local token = redis.call('HGET', taken, id)
    name(id, tonumber(string.match(token, ':(%d+)$')) or 1, token)
  end
end
if want > 0 then
  local next = redis.call('ZPOPMIN', waiting, want)
  for i = 1, #next, 2 do
    local id = next[i]
    local attempt = number(redis.call('HGET', data, id .. ':a'), 4e9) + 1
    local token = me .. ':' .. ms(attempt)
    if name(id, attempt, token) then
      redis.call('HSET', data, id .. ':a', ms(attempt))
      redis.call('HSET', taken, id, token)
    end
  end
end
if back > 0 and redis.call('ZCARD', waiting) > 0 then wake(ARGV[8]) end
local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
local until_next = -1
if first[2] then until_next = math.max(0, math.min(tonumber(first[2]) - now, 3600000)) end
return {tasks, until_next, broken}
)lua");
  return kScript;
}

const std::string& TaskScripts::Finish() {
  // Kept for ten minutes: so long a step may be repeated.
  static const std::string kScript = Script(R"lua(
local id, token = ARGV[2], ARGV[3]
if redis.call('HGET', taken, id) ~= token then
  return redis.call('HGET', data, id .. ':e') == token and 1 or 0
end
redis.call('HDEL', taken, id)
forget(id)
redis.call('HSET', data, id .. ':e', token)
redis.call('ZADD', ended, ms(now), id)
local old = redis.call('ZRANGEBYSCORE', ended, '-inf', ms(now - 600000), 'LIMIT', 0, 16)
for _, gone in ipairs(old) do
  redis.call('ZREM', ended, gone)
  redis.call('HDEL', data, gone .. ':e')
end
return 1
)lua");
  return kScript;
}

const std::string& TaskScripts::Retry() {
  static const std::string kScript = Script(R"lua(
local id, token, delay = ARGV[2], ARGV[3], tonumber(ARGV[4])
if redis.call('HGET', taken, id) ~= token then return 0 end
if delay > 0 then
  redis.call('HDEL', taken, id)
  redis.call('ZADD', delayed, ms(now + delay), id)
else
  give_back(id)
end
wake(ARGV[5])
return 1
)lua");
  return kScript;
}

const std::string& TaskScripts::Leave() {
  static const std::string kScript = Script(R"lua(
local me = ARGV[2]
local kept = {}
for i = 4, #ARGV do kept[ARGV[i]] = true end
local all = redis.call('HGETALL', taken)
local back = 0
for i = 1, #all, 2 do
  if worker_of(all[i + 1]) == me and not kept[all[i]] then
    give_back(all[i])
    back = back + 1
  end
end
-- With something kept it stays until its lease has run out.
if #ARGV < 4 then redis.call('ZREM', workers, me) end
if back > 0 then wake(ARGV[3]) end
return back
)lua");
  return kScript;
}

const std::string& TaskScripts::Count() {
  static const std::string kScript =
      "return redis.call('ZCARD', KEYS[1]) + redis.call('ZCARD', KEYS[2])";
  return kScript;
}

std::vector<std::string> TaskKeys(const std::string& prefix, const std::string& queue) {
  const std::string base = prefix + "task:" + queue;
  return {base + ":waiting", base + ":delayed", base + ":taken", base + ":data",
          base + ":keys",    base + ":workers", base + ":ended"};
}

std::string TaskWakeChannel(const std::string& prefix, const std::string& queue) {
  return prefix + "task:" + queue + ":wake";
}

}  // namespace trackwire::broker
