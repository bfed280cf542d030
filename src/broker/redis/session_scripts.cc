#include "broker/redis/session_scripts.h"

namespace trackwire::broker::scripts {

// KEYS: record, index. ARGV: proof, owner, value, ms it lives, key.
const std::string& SaveSession() {
  static const std::string text = R"lua(
local owner = redis.call('HGET', KEYS[1], 'owner')
if owner and owner ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'proof', ARGV[1], 'owner', ARGV[2], 'value', ARGV[3])
redis.call('HDEL', KEYS[1], 'away')
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.pcall('ZADD', KEYS[2], 0, ARGV[5])
return 1
)lua";
  return text;
}

// KEYS: record, index. ARGV: owner, ms.
const std::string& ExpireSession() {
  static const std::string text = R"lua(
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'away', 1)
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
)lua";
  return text;
}

// KEYS: record, index. ARGV: owner, key.
const std::string& RemoveSession() {
  static const std::string text = R"lua(
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
redis.pcall('ZREM', KEYS[2], ARGV[2])
return redis.call('DEL', KEYS[1])
)lua";
  return text;
}

// KEYS: record, index. ARGV: proof, new owner, ms it lives, a word of this attempt's own: asked
// again after a lost answer, it answers the same; key.
// Answer: `unknown`, `refused`, or former owner and value.
const std::string& TakeOverSession() {
  static const std::string text = R"lua(
local r = redis.call('HMGET', KEYS[1], 'owner', 'proof', 'value', 'taken', 'before')
if not r[1] or r[1] == '' then return 'unknown' end
if r[2] ~= ARGV[1] then return 'refused' end
if r[4] == ARGV[4] and r[1] == ARGV[2] then return {r[5], r[3]} end
redis.call('HSET', KEYS[1], 'owner', ARGV[2], 'taken', ARGV[4], 'before', r[1])
redis.call('HDEL', KEYS[1], 'away')
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.pcall('ZADD', KEYS[2], 0, ARGV[5])
return {r[1], r[3]}
)lua";
  return text;
}

// KEYS: record, index. ARGV: a word of this attempt's own, ms that nobody may write it, key.
// Answer: nothing, or owner and value.
const std::string& EndSession() {
  static const std::string text = R"lua(
local r = redis.call('HMGET', KEYS[1], 'owner', 'value', 'ended', 'before')
if not r[1] then return false end
if r[1] == '' then
  if r[3] == ARGV[1] then return {r[4], r[2]} end
  return false
end
redis.call('HSET', KEYS[1], 'owner', '', 'proof', '', 'ended', ARGV[1], 'before', r[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.pcall('ZREM', KEYS[2], ARGV[3])
return {r[1], r[2]}
)lua";
  return text;
}

// KEYS: index. ARGV: key after which, most keys.
const std::string& NextSessionKeys() {
  static const std::string text = R"lua(
return redis.call('ZRANGEBYLEX', KEYS[1], '(' .. ARGV[1], '+', 'LIMIT', 0, ARGV[2])
)lua";
  return text;
}

// KEYS: index, records. ARGV: keys.
// Answer: key, owner, value and `live` or `away` of each that is there.
const std::string& ReadSessions() {
  static const std::string text = R"lua(
local found, gone = {}, {}
for i, key in ipairs(ARGV) do
  local r = redis.pcall('HMGET', KEYS[i + 1], 'owner', 'value', 'away')
  if r.err or not r[1] or r[1] == '' then
    gone[#gone + 1] = key
  else
    found[#found + 1] = {key, r[1], r[2] or '', r[3] and 'away' or 'live'}
  end
end
for _, key in ipairs(gone) do redis.pcall('ZREM', KEYS[1], key) end
return found
)lua";
  return text;
}

// KEYS: index, records. ARGV: keys.
const std::string& SweepSessions() {
  static const std::string text = R"lua(
for i, key in ipairs(ARGV) do
  if redis.call('EXISTS', KEYS[i + 1]) == 0 then redis.pcall('ZREM', KEYS[1], key) end
end
return 1
)lua";
  return text;
}

// KEYS: index, records. ARGV: ms they live, then key and owner of each.
// Answer: a letter for each: k kept, l lost, m missing.
const std::string& TouchSessions() {
  static const std::string text = R"lua(
local answer = {}
for i = 2, #KEYS do
  local r = redis.pcall('HMGET', KEYS[i], 'owner', 'away')
  local word = 'k'
  if r.err then
    word = 'l'
  elseif not r[1] then
    word = 'm'
  elseif r[1] ~= ARGV[i * 2 - 1] then
    word = 'l'
  elseif not r[2] then
    redis.call('PEXPIRE', KEYS[i], ARGV[1])
    -- Also what a version without an index wrote.
    redis.pcall('ZADD', KEYS[1], 0, ARGV[i * 2 - 2])
  end
  answer[i - 1] = word
end
return table.concat(answer)
)lua";
  return text;
}

}  // namespace trackwire::broker::scripts
