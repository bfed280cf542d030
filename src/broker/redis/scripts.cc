#include "broker/redis/scripts.h"

namespace trackwire::broker::scripts {

// KEYS: log, epoch, run, inbox, rejected, inbox lease, then keys that items name by their index.
// ARGV: number of the batch, number up to which answers have arrived, epoch to begin if there is
//   none, life of idempotency keys in ms, life of the run's record in ms, how far the log's clock
// is
//   ahead in ms, group, most rejected, channel, most entries of the inbox;
//   then five for each item: kind, index of its key or 0, ident, envelope, extra.
// Kinds: d direct, c heard (ident: field of its window, extra: ms of the window), i from the inbox
//   (ident: entry, extra: lease), o into the inbox (ident: key, extra: bytes of the envelope to
//   publish and what follows them, as `17:text`), C and I refusals of a heard one (extra: reason)
//   and of one from the inbox (extra: lease, blank, reason), r a rejected one (ident: reason),
//   x nothing.
// Answer: epoch and one word for each item, separated by blanks: the entry's id; `=` and the id of
//   the first; `-` when another process has dealt with it; `~` expired; `!` no room.
const std::string& Append() {
  static const std::string text = R"lua(
local log, epoch_key, run, inbox, rejected, lease =
    KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local n, acked = tonumber(ARGV[1]), tonumber(ARGV[2])
local expiry, ahead = tonumber(ARGV[4]), tonumber(ARGV[6])
local state = redis.call('HMGET', run, 'last', 'acked')
local last = state[1] and tonumber(state[1])
if last and n <= last then
  return redis.call('HGET', run, 'b' .. n) or redis.error_reply('FORGOTTEN batch')
end
-- A server that forgot batches whose answers have arrived (restored, failed over) takes the next.
if last ~= n - 1 and acked ~= n - 1 then return redis.error_reply('GAP before the batch') end
redis.call('XLEN', log)
for i = 11, #ARGV, 5 do
  if ARGV[i] == 'o' then redis.call('XLEN', inbox) break end
end
local now
local function clock()
  if not now then
    local t = redis.call('TIME')
    now = t[1] * 1000 + math.floor(t[2] / 1000) + ahead
  end
  return now
end
local next_id = '*'
if ahead > 0 then next_id = string.format('%.0f-*', clock()) end
local epoch = redis.call('GET', epoch_key)
if not epoch then
  epoch = ARGV[3]
  redis.call('SET', epoch_key, epoch)
  redis.call('XADD', log, next_id, 'epoch', epoch)
end
local held = redis.pcall('GET', lease)
-- What is no id somebody else wrote: it is replaced.
local function is_id(text) return type(text) == 'string' and string.find(text, '^%d+%-%d+$') end
local function seen_at(key)
  local seen = redis.pcall('GET', key)
  return is_id(seen) and seen
end
local function append(envelope, key)
  local seen = key and seen_at(key)
  if seen then return '=' .. seen end
  local id = redis.call('XADD', log, next_id, 'e', envelope)
  if key then redis.call('SET', key, id, 'PX', expiry) end
  return id
end
local touched = {}
local function heard(window, field)
  local seen = redis.pcall('HGET', window, field)
  if type(seen) == 'table' then redis.call('DEL', window) end
  return (is_id(seen) or seen == '-') and seen
end
local function hear(window, field, id)
  redis.call('HSET', window, field, id)
  touched[window] = true
end
local function reject(envelope, reason)
  redis.pcall('XADD', rejected, 'MAXLEN', ARGV[8], '*', 'reason', reason, 'envelope', envelope)
end
local function is_taken(id, lease_value)
  if held ~= lease_value then return false end
  local pending = redis.pcall('XPENDING', inbox, ARGV[7], id, id, 1)
  return type(pending) == 'table' and pending[1] ~= nil
end
-- Not a reason to fail: what goes with it is done by then.
local function finish(id)
  redis.pcall('XACK', inbox, ARGV[7], id)
  redis.pcall('XDEL', inbox, id)
end
local room
local kinds = {}
function kinds.d(key, ident, envelope) return append(envelope, key) end
function kinds.c(key, field, envelope, window_ms)
  if clock() - tonumber(window_ms) > expiry then return '~' end
  local seen = heard(key, field)
  if seen then return '=' .. seen end
  local id = append(envelope)
  hear(key, field, id)
  return id
end
function kinds.i(key, id, envelope, lease_value)
  if not is_taken(id, lease_value) then return '-' end
  local word = append(envelope, key)
  finish(id)
  return word
end
function kinds.o(key, id, envelope, mark)
  if room == nil then room = redis.call('XLEN', inbox) < tonumber(ARGV[10]) end
  if not room then return '!' end
  local at = string.find(mark, ':', 1, true)
  local marked = string.sub(envelope, 1, tonumber(string.sub(mark, 1, at - 1))) ..
      string.sub(mark, at + 1)
  if id == '' then
    redis.call('XADD', inbox, '*', 'envelope', envelope)
  else
    redis.call('XADD', inbox, '*', 'envelope', envelope, 'key', id)
  end
  redis.pcall('PUBLISH', ARGV[9], marked)
  return '-'
end
function kinds.C(key, field, envelope, why)
  if heard(key, field) then return '-' end
  hear(key, field, '-')
  reject(envelope, why)
  return '-'
end
function kinds.I(key, id, envelope, why)
  local blank = string.find(why, ' ', 1, true)
  if is_taken(id, string.sub(why, 1, blank - 1)) then
    reject(envelope, string.sub(why, blank + 1))
    finish(id)
  end
  return '-'
end
function kinds.r(key, reason, envelope) reject(envelope, reason) return '-' end
function kinds.x() return '-' end
local out = {epoch}
for i = 11, #ARGV, 5 do
  local key = KEYS[tonumber(ARGV[i + 1])]
  out[#out + 1] = kinds[ARGV[i]](key, ARGV[i + 2], ARGV[i + 3], ARGV[i + 4])
end
for window in pairs(touched) do redis.call('PEXPIRE', window, expiry) end
local result = table.concat(out, ' ')
redis.call('HSET', run, 'last', ARGV[1], 'acked', ARGV[2], 'b' .. n, result)
for old = (state[2] and tonumber(state[2]) or acked) + 1, acked do
  redis.call('HDEL', run, 'b' .. old)
end
redis.call('PEXPIRE', run, ARGV[5])
return result
)lua";
  return text;
}

// KEYS: log, epoch, trimmed. ARGV: epoch known, newest id known of it, epoch to begin when there is
// none or the log has gone back behind that id, life of entries in ms, how far its clock is ahead.
// Answer: epoch, last id, newest id that expired or nothing, entries.
const std::string& Check() {
  static const std::string text = R"lua(
local log = KEYS[1]
local ahead = tonumber(ARGV[5])
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000) + ahead
local last = '0-0'
if redis.call('EXISTS', log) == 1 then
  local info = redis.call('XINFO', 'STREAM', log)
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then last = info[i + 1] end
  end
end
local function less(a, b)
  local am, as = string.match(a, '^(%d+)-(%d+)$')
  local bm, bs = string.match(b, '^(%d+)-(%d+)$')
  am, as, bm, bs = tonumber(am), tonumber(as), tonumber(bm), tonumber(bs)
  return am < bm or (am == bm and as < bs)
end
local epoch = redis.call('GET', KEYS[2])
if not epoch or (epoch == ARGV[1] and less(last, ARGV[2])) then
  epoch = ARGV[3]
  redis.call('SET', KEYS[2], epoch)
  last = redis.call('XADD', log, ahead > 0 and string.format('%.0f-*', now) or '*', 'epoch', epoch)
end
local cutoff = string.format('%.0f-0', math.max(0, now - tonumber(ARGV[4])))
local gone = redis.call('XREVRANGE', log, '(' .. cutoff, '-', 'COUNT', 1)
if gone[1] then
  -- In this order: a full Redis lets a script begin only with what makes room.
  redis.call('XTRIM', log, 'MINID', cutoff)
  redis.call('SET', KEYS[3], gone[1][1])
end
return {epoch, last, redis.call('GET', KEYS[3]) or '', redis.call('XLEN', log)}
)lua";
  return text;
}

// KEYS: log, epoch, trimmed. ARGV: epoch, after, last, most entries, most bytes.
// Answer: `epoch` or `trimmed`, or ids and envelopes in turn.
const std::string& Read() {
  static const std::string text = R"lua(
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 'epoch' end
local function number(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end
local trimmed = redis.call('GET', KEYS[3])
if trimmed then
  local ms, seq = number(ARGV[2])
  local tms, tseq = number(trimmed)
  if ms < tms or (ms == tms and seq < tseq) then return 'trimmed' end
end
local most, room, out, from = tonumber(ARGV[4]), tonumber(ARGV[5]), {}, ARGV[2]
while #out / 2 < most do
  local part = redis.call('XRANGE', KEYS[1], '(' .. from, ARGV[3], 'COUNT', 64)
  if #part == 0 then return out end
  for _, entry in ipairs(part) do
    from = entry[1]
    if entry[2][1] == 'e' then
      room = room - #entry[2][2]
      if #out > 0 and (room < 0 or #out / 2 >= most) then return out end
      out[#out + 1] = from
      out[#out + 1] = entry[2][2]
    end
  end
end
return out
)lua";
  return text;
}

// KEYS: lease, inbox. ARGV: lease held, group, consumer, after (or `>`), most entries, most bytes
// of an envelope, bytes kept of a longer one.
// Answer: `lost`, or `ok` and four for each entry: id, state (e good, m without envelope, h too
// long, g gone meanwhile), envelope, key.
const std::string& TakeFromInbox() {
  static const std::string text = R"lua(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'lost'} end
local inbox, group = KEYS[2], ARGV[2]
local function read()
  return redis.pcall('XREADGROUP', 'GROUP', group, ARGV[3], 'COUNT', ARGV[5], 'STREAMS', inbox,
                     ARGV[4])
end
local found = read()
if type(found) == 'table' and found.err then
  if not string.find(found.err, 'NOGROUP', 1, true) then return found end
  redis.call('XGROUP', 'CREATE', inbox, group, '0', 'MKSTREAM')
  found = redis.call('XREADGROUP', 'GROUP', group, ARGV[3], 'COUNT', ARGV[5], 'STREAMS', inbox,
                     ARGV[4])
end
local out = {'ok'}
if not found then return out end
for _, entry in ipairs(found[1][2]) do
  local fields = entry[2]
  local state, envelope, key = 'm', '', ''
  if not fields or #fields == 0 then
    state, fields = 'g', {}
  end
  for i = 1, #fields, 2 do
    if fields[i] == 'envelope' then state, envelope = 'e', fields[i + 1] end
    if fields[i] == 'key' then key = fields[i + 1] end
  end
  if #envelope > tonumber(ARGV[6]) or #key > 1024 then
    state, envelope, key = 'h', string.sub(envelope, 1, tonumber(ARGV[7])), ''
  end
  out[#out + 1] = entry[1]
  out[#out + 1] = state
  out[#out + 1] = envelope
  out[#out + 1] = key
end
return out
)lua";
  return text;
}

// KEYS: lease. ARGV: what to hold, ms, 1 when it is held already. Answer: whether it is held.
const std::string& HoldLease() {
  static const std::string text = R"lua(
local held = redis.call('GET', KEYS[1])
if held == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return 1
end
if held or ARGV[3] == '1' then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
)lua";
  return text;
}

// KEYS: lease, tick. ARGV: what is held. The others hear of it.
const std::string& ReleaseLease() {
  static const std::string text = R"lua(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', KEYS[2], 'free')
return 1
)lua";
  return text;
}

// KEYS: tick. ARGV: least ms since the last one, life of the record. Publishes `tick`, a number
// that is in ms and rises, and how many hear it.
const std::string& Tick() {
  static const std::string text = R"lua(
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local last = tonumber(redis.call('GET', KEYS[1]) or 0) or 0
if now - last < tonumber(ARGV[1]) and now >= last then return 0 end
if now <= last and last - now < 60000 then now = last + 1 end
local text = string.format('%.0f', now)
redis.call('SET', KEYS[1], text, 'PX', ARGV[2])
local listening = redis.call('PUBSUB', 'NUMSUB', KEYS[1])
redis.call('PUBLISH', KEYS[1], 'tick ' .. text .. ' ' .. listening[2])
return 1
)lua";
  return text;
}

}  // namespace trackwire::broker::scripts
