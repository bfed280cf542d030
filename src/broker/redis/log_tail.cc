#include "broker/redis/log_tail.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace trackwire::broker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBlock{2'000};
constexpr milliseconds kAfterTrouble{200};
constexpr size_t kMaxCount = 1000;
constexpr size_t kCountAfterLoss = 16;
constexpr size_t kAimBytes = 4u << 20;  // of one answer
constexpr auto kSaneAge = std::chrono::seconds(60);

}  // namespace

std::optional<LogOffset> ParseStreamId(const std::string& epoch, const std::string& id) {
  auto offset = LogOffset::Parse("e." + id);
  if (offset) offset->epoch = epoch;
  return offset;
}

std::string StreamId(const LogOffset& offset) {
  return std::to_string(offset.ms) + "-" + std::to_string(offset.seq);
}

LogTail::LogTail(RedisContext& context, OnEntries on_entries, std::function<void()> on_break)
    : context_(context),
      on_entries_(std::move(on_entries)),
      on_break_(std::move(on_break)),
      client_(context.loop, context.options.link),
      ring_(context.options.max_memory_bytes),
      again_([](void* self) { static_cast<LogTail*>(self)->Ask(); }, this) {}

void LogTail::Start(const Place& place) {
  place_ = place.end;
  trimmed_ = place.trimmed;
  ring_.Restart(place.end);
  client_.Start([this](bool up) {
    if (up) Ask();
  });
  Preload(StreamId(place.end));
}

void LogTail::Learn(const std::string& known_epoch, const Place& place) {
  // It was asked before the tail saw a new epoch begin: the next look will tell.
  if (known_epoch != place_.epoch) return;
  if (place.epoch != place_.epoch) {
    base::LogWarn("broker", "the log is another one now",
                  {{"was", place_.epoch}, {"is", place.epoch}});
    return MoveTo(place.end);
  }
  const bool missed = place_ < place.trimmed;
  trimmed_ = place.trimmed;
  ring_.DropThrough(trimmed_);
  if (!missed) return;
  base::LogWarn("broker", "what this process missed has expired",
                {{"at", place_.ToString()}, {"expired", place.trimmed.ToString()}});
  MoveTo(place.end);
}

void LogTail::MoveTo(const LogOffset& end) {
  place_ = end;
  ring_.Restart(end);
  ++round_;  // what is under way was asked at the old place
  asking_ = false;
  Ask();
  on_break_();
}

void LogTail::Ask() {
  if (asking_ || !client_.up()) return;
  asking_ = true;
  RedisClient::Call call;
  call.arguments = {"XREAD", "COUNT", std::to_string(count_), "BLOCK",
                    std::to_string(kBlock.count()), "STREAMS", context_.keys.log(),
                    StreamId(place_)};
  call.key = context_.keys.log();
  call.blocks_for = kBlock;
  client_.Send(std::move(call), [this, round = ++round_](Result<RespValue> answer) {
    OnAnswer(round, std::move(answer));
  });
}

void LogTail::AskAgainAfter(milliseconds pause) { again_.Start(context_.loop.timers(), pause); }

void LogTail::OnAnswer(uint64_t round, Result<RespValue> answer) {
  if (round != round_) return;
  asking_ = false;
  if (!answer) {
    count_ = kCountAfterLoss;  // it may have been too large
    return AskAgainAfter(kAfterTrouble);
  }
  if (answer->is_error()) return AskAgainAfter(kAfterTrouble);
  const RespValue* entries = answer->Find(context_.keys.log());
  // RESP2 has an array of pairs here, RESP3 a map.
  if (entries == nullptr && answer->is_array() && answer->items.size() == 1 &&
      answer->items[0].items.size() == 2) {
    entries = &answer->items[0].items[1];
  }
  const std::weak_ptr<bool> alive = alive_;
  if (entries != nullptr) Take(*entries);
  if (!alive.expired()) Ask();
}

void LogTail::Take(const RespValue& values) {
  std::vector<LogEntryPtr> entries;
  entries.reserve(values.items.size());
  size_t bytes = 0;
  bool broken = false;
  for (const RespValue& value : values.items) {
    if (value.items.size() != 2) continue;
    const auto offset = ParseStreamId(place_.epoch, value.items[0].text);
    if (!offset) continue;
    place_ = *offset;
    const auto& fields = value.items[1].items;
    if (fields.size() == 2 && fields[0].text == "epoch" && fields[1].text != place_.epoch) {
      // From here on it is another log; what came before was told, or is lost with the old one.
      place_.epoch = fields[1].text;
      entries.clear();
      ring_.Restart(place_);
      broken = true;
      continue;
    }
    LogEntryPtr entry = Parse(value, place_.epoch, true);
    if (entry == nullptr) continue;
    bytes += entry->envelope.size();
    ring_.Add(entry);
    entries.push_back(std::move(entry));
  }
  ring_.Reach(place_);
  if (const size_t count = values.items.size(); count > 0) {
    const size_t each = bytes / count + 1;
    count_ = std::clamp(std::min(kAimBytes / each, count_ * 2), size_t{4}, kMaxCount);
  }
  const std::weak_ptr<bool> alive = alive_;
  if (broken) {
    base::LogWarn("broker", "the log is another one now", {{"is", place_.epoch}});
    on_break_();
    if (alive.expired()) return;
  }
  if (!entries.empty()) on_entries_(entries);
}

LogEntryPtr LogTail::Parse(const RespValue& value, const std::string& epoch, bool is_new) {
  if (value.items.size() != 2) return nullptr;
  const auto& fields = value.items[1].items;
  const auto offset = ParseStreamId(epoch, value.items[0].text);
  if (!offset) return nullptr;
  if (fields.size() < 2 || fields[0].text != "e") {
    const bool ours = !fields.empty() && fields[0].text == "epoch";
    if (is_new && !ours) ++strange_;
    return nullptr;
  }
  auto entry = std::make_shared<LogEntry>();
  entry->offset = *offset;
  entry->envelope = fields[1].text;
  if (is_new) entry->accepted_at = AcceptedAt(offset->ms);
  return entry;
}

Steady::time_point LogTail::AcceptedAt(uint64_t ms) const {
  // The id tells when it was stored, by the clock of Redis: good enough where the clocks agree.
  const auto age = context_.clock.WallNow().time_since_epoch() - milliseconds(ms);
  if (age < -kSaneAge || age > kSaneAge) return {};
  return context_.clock.Now() - std::max(age, decltype(age)::zero());
}

void LogTail::Preload(const std::string& from) {
  RedisClient::Call call;
  call.arguments = {"XREVRANGE", context_.keys.log(), from, "-", "COUNT", "128"};
  call.key = context_.keys.log();
  context_.client.Send(std::move(call),
                       [this, epoch = place_.epoch, alive = std::weak_ptr<bool>(alive_)](
                           Result<RespValue> answer) {
                         if (!alive.expired()) OnOlder(epoch, std::move(answer));
                       });
}

void LogTail::OnOlder(const std::string& epoch, Result<RespValue> answer) {
  if (!answer || !answer->is_array() || place_.epoch != epoch) return;
  std::vector<LogEntryPtr> falling;
  std::optional<LogOffset> oldest;
  for (const RespValue& value : answer->items) {
    if (value.items.size() != 2) continue;
    oldest = ParseStreamId(epoch, value.items[0].text);
    // Offsets before the beginning of this epoch are not its own.
    const auto& fields = value.items[1].items;
    if (fields.size() == 2 && fields[0].text == "epoch") oldest.reset();
    if (!oldest) break;
    if (LogEntryPtr entry = Parse(value, epoch, false)) falling.push_back(std::move(entry));
  }
  if (!ring_.AddOlder(falling)) return;
  if (!answer->items.empty() && oldest) {
    ring_.Complete(std::max(*oldest, trimmed_));
    return Preload("(" + StreamId(*oldest));
  }
  ring_.Complete(trimmed_);  // that was all there is
}

}  // namespace trackwire::broker
