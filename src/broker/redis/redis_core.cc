#include "broker/redis/redis_core.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/log.h"

namespace trackwire::broker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTendEvery{100};
constexpr milliseconds kTendAtEnd{10};
constexpr milliseconds kLookEvery{1'000};
constexpr milliseconds kSweepEvery{5'000};
constexpr int kOldestVersion = 7;
constexpr size_t kMaxPrefixBytes = 100;
constexpr size_t kMaxRejectsWaiting = 1'000;  // beyond those that are kept anyway

bool IsRefusal(const std::string& error) {
  for (const char* code : {"WRONGPASS", "NOAUTH", "NOPERM", "invalid password"}) {
    if (error.find(code) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

std::optional<Error> CheckPrefix(const std::string& prefix, RedisMode mode) {
  const bool odd = std::any_of(prefix.begin(), prefix.end(),
                               [](unsigned char c) { return c <= ' ' || c >= 0x7f; });
  if (odd || prefix.size() > kMaxPrefixBytes) {
    return Error{"bad_prefix", "the key prefix must be at most 100 printable characters"};
  }
  if (mode != RedisMode::kCluster) return std::nullopt;
  const size_t open = prefix.find('{');
  const size_t close = open == std::string::npos ? open : prefix.find('}', open);
  if (close != std::string::npos && close > open + 1) return std::nullopt;
  return Error{"bad_prefix",
               "in a cluster the key prefix must hold a hash tag, as in {tw}:, so that what "
               "belongs together shares a slot"};
}

RedisCore::RedisCore(RedisBrokerOptions options, net::Loop& loop, const Clock& clock)
    : context_(std::move(options), loop, clock),
      pipeline_(context_),
      log_(context_, pipeline_, book_),
      sessions_(context_),
      inlet_(context_, pipeline_, book_),
      messages_(loop, context_.options.link),
      down_since_(loop.now()),
      tend_([](void* self) { static_cast<RedisCore*>(self)->Tend(); }, this) {}

void RedisCore::Start() {
  context_.client.Start([this](bool up) { OnState(up); });
  tend_.Start(context_.loop.timers(), kTendEvery);
}

void RedisCore::OnState(bool up) {
  const std::string where = context_.options.link.target.ToString();
  if (rate_limiter_) rate_limiter_->OnState(up);
  if (!up) {
    down_since_ = context_.loop.now();
    base::LogWarn("broker", "Redis is away",
                  {{"redis", where}, {"reason", context_.client.last_error()}});
    return;
  }
  if (!begun_) return OnFirstUp();
  base::LogInfo("broker", "Redis is back", {{"redis", where}});
  // First, so that what is stored next belongs to the log as it is now.
  log_.LookAfter();
  pipeline_.OnUp();
  sessions_.OnUp();
}

void RedisCore::OnFirstUp() {
  if (opening_.error) return;
  const RedisMode mode = context_.client.mode();
  context_.keys.prefix =
      context_.options.prefix.value_or(mode == RedisMode::kCluster ? "{tw}:" : "");
  if (auto bad = CheckPrefix(context_.keys.prefix, mode)) {
    opening_.error = std::move(bad);
    return;
  }
  RedisClient::Call call;
  call.arguments = {"INFO", "server"};
  context_.client.Send(std::move(call), [this](Result<RespValue> info) {
    if (!info) return;  // the link broke: the next one asks again
    if (info->is_error()) {
      opening_.error = Error{"refused", "Redis refuses INFO: " + info->text};
      return;
    }
    CheckVersion(info->text);
    if (!opening_.error) Begin();
  });
}

void RedisCore::CheckVersion(const std::string& info) {
  static const std::string kName = "redis_version:";
  const size_t at = info.find(kName);
  if (at == std::string::npos) return;  // not Redis itself: its scripts will tell
  const std::string version = info.substr(at + kName.size(), info.find_first_of("\r\n", at) - at -
                                                                 kName.size());
  if (std::atoi(version.c_str()) >= kOldestVersion) return;
  opening_.error = Error{"refused", "Redis is of version " + version + ", 7.0 is needed at least"};
}

void RedisCore::Begin() {
  if (begun_ || begin_sent_) return;
  begin_sent_ = true;
  log_.Look([this](Result<LogTail::Place> place) {
    begin_sent_ = false;
    if (begun_) return;
    if (!place) {
      // An error reply stays; a broken link comes back.
      if (context_.client.up()) opening_.error = std::move(place.error());
      return;
    }
    begun_ = true;
    StartParts();
    log_.Start(*place);
    pipeline_.OnUp();
    sessions_.OnUp();
  });
}

void RedisCore::StartParts() {
  const std::string& prefix = context_.keys.prefix;
  RedisTaskQueue::Options tasks;
  tasks.prefix = prefix;
  tasks.unavailable_after = context_.options.unavailable_after;
  tasks.clock_ahead = context_.options.clock_ahead;
  RedisCache::Options cache;
  cache.prefix = prefix;
  cache.max_bytes = context_.options.max_cache_bytes;
  cache.clock_ahead = context_.options.clock_ahead;
  pub_sub_ = std::make_unique<RedisPubSub>(context_.loop, context_.client, messages_, prefix);
  tasks_ = std::make_unique<RedisTaskQueue>(context_.loop, context_.client, messages_,
                                            std::move(tasks));
  cache_ = std::make_unique<RedisCache>(context_.loop, context_.client, std::move(cache));
  RedisRevocations::Options revocations;
  revocations.prefix = prefix;
  revocations.max = context_.options.max_revocations;
  revocations.unavailable_after = context_.options.unavailable_after;
  revocations_ = std::make_unique<RedisRevocations>(context_.loop, context_.client, messages_,
                                                    context_.clock, std::move(revocations));
  RedisRateLimiter::Options limiter;
  limiter.prefix = prefix;
  limiter.clock_ahead = context_.options.clock_ahead;
  rate_limiter_ = std::make_unique<RedisRateLimiter>(context_.loop, context_.client,
                                                     context_.clock, std::move(limiter));
  messages_.Start([this](bool up) {
    if (up) revocations_->OnHearing();
  });
}

RedisCore::Opening RedisCore::opening() {
  opening_.ready = begun_ && log_.tail().up();
  if (opening_.ready || opening_.error || context_.client.up()) return opening_;
  const std::string why = context_.client.last_error();
  if (!begun_ && IsRefusal(why)) {
    opening_.error = Error{"refused", "Redis at " + context_.options.link.target.ToString() +
                                          " refuses: " + why};
  }
  return opening_;
}

void RedisCore::Tend() {
  tend_.Start(context_.loop.timers(), shut_down_ ? kTendAtEnd : kTendEvery);
  const Steady::time_point now = context_.loop.now();
  inlet_.Tend(now);
  if (begun_ && now - looked_at_ >= kLookEvery) {
    looked_at_ = now;
    log_.LookAfter();
  }
  if (begun_ && !shut_down_ && now - swept_at_ >= kSweepEvery) {
    swept_at_ = now;
    sessions_.Sweep();
  }
  log_.FailLate(now);
  sessions_.FailLate(now);
  pipeline_.FailLate(now);
  TryToEnd(now);
}

void RedisCore::PutOut(std::vector<AppendPipeline::Item> items, NotificationSink::AppendDone done) {
  AppendPipeline::Job job;
  job.items = std::move(items);
  job.deadline = context_.loop.now() + context_.options.unavailable_after;
  job.done = [answer = std::move(done)](Result<AppendPipeline::Answers> answers) {
    if (!answer) return;
    if (!answers) return answer(Err(std::move(answers.error())));
    if (std::find(answers->words.begin(), answers->words.end(), "!") != answers->words.end()) {
      return answer(Err("queue_full", "too many notifications wait in the inbox"));
    }
    answer(std::vector<Appended>(answers->words.size()));
  };
  pipeline_.Add(std::move(job));
}

void RedisCore::Refuse(Incoming incoming, std::string reason) {
  ++rejected_total_;
  inlet_.Refuse(std::move(incoming), std::move(reason));
}

void RedisCore::Reject(Rejected rejected) {
  ++rejected_total_;
  if (rejects_waiting_ >= context_.options.max_rejected + kMaxRejectsWaiting) return;
  ++rejects_waiting_;
  CutText(rejected.envelope, context_.options.max_rejected_bytes);
  CutText(rejected.reason, context_.options.max_rejected_bytes);
  AppendPipeline::Item item;
  item.kind = 'r';
  item.ident = std::move(rejected.reason);
  item.envelope = std::move(rejected.envelope);
  AppendPipeline::Job job;
  job.items.push_back(std::move(item));
  job.done = [this](const Result<AppendPipeline::Answers>&) { --rejects_waiting_; };
  pipeline_.Add(std::move(job));
}

void RedisCore::ListRejected(size_t max, std::function<void(std::vector<Rejected>)> done) {
  // Behind what was rejected before.
  AppendPipeline::Job job;
  job.deadline = context_.loop.now() + context_.options.unavailable_after;
  job.done = [this, max, answer = std::move(done)](const Result<AppendPipeline::Answers>& before) {
    if (!before) return answer({});
    ReadRejected(max, answer);
  };
  pipeline_.Add(std::move(job));
}

void RedisCore::ReadRejected(size_t max, const std::function<void(std::vector<Rejected>)>& done) {
  const size_t count = std::min(max, context_.options.max_rejected);
  if (count == 0) return done({});
  RedisClient::Call call;
  call.key = context_.keys.rejected();
  call.arguments = {"XREVRANGE", call.key, "+", "-", "COUNT", std::to_string(count)};
  context_.client.Send(std::move(call), [done](Result<RespValue> found) {
    std::vector<Rejected> rejected;
    if (!found || !found->is_array()) return done({});
    for (const RespValue& entry : found->items) {
      if (entry.items.size() != 2) continue;
      const RespValue* reason = entry.items[1].Find("reason");
      const RespValue* envelope = entry.items[1].Find("envelope");
      if (reason != nullptr && envelope != nullptr) {
        rejected.push_back({envelope->text, reason->text});
      }
    }
    std::reverse(rejected.begin(), rejected.end());
    done(std::move(rejected));
  });
}

BrokerHealth RedisCore::health() const {
  BrokerHealth health;
  const std::string where = context_.options.link.target.ToString();
  if (!context_.client.up()) {
    const auto away = std::chrono::duration_cast<std::chrono::seconds>(context_.loop.now() -
                                                                       down_since_);
    health.detail = "Redis at " + where + " has been away for " + std::to_string(away.count()) +
                    " s: " + context_.client.last_error();
  } else if (!pipeline_.trouble().empty()) {
    health.detail = "Redis at " + where + " stores nothing: " + pipeline_.trouble();
  } else if (!log_.tail().up()) {
    health.detail = "the log in Redis at " + where +
                    " cannot be followed: " + log_.tail().last_error();
  } else if (!inlet_.listening()) {
    health.detail = "the notification channel in Redis at " + where + " is not heard";
  }
  health.ready = health.detail.empty();
  health.append_queue = book_.heard().entries + book_.inbox().entries;
  health.log_entries = log_.entries();
  health.log_bytes = log_.bytes();
  health.rejected_total = rejected_total_;
  const RedisClientCounters& link = context_.client.counters();
  health.link = BrokerLink{context_.client.up(), link.connects, link.lost, link.redirects,
                           link.commands, link.bytes_in, link.bytes_out,
                           pub_sub_ == nullptr ? 0 : pub_sub_->dropped()};
  return health;
}

void RedisCore::Shutdown(std::function<void()> done) {
  inlet_.Close([] {});
  shut_down_ = std::move(done);
  shutdown_deadline_ = context_.loop.now() + context_.options.unavailable_after;
  tend_.Start(context_.loop.timers(), kTendAtEnd);
}

void RedisCore::TryToEnd(Steady::time_point now) {
  if (!shut_down_) return;
  const bool idle = pipeline_.idle() && sessions_.idle();
  if (!idle && now < shutdown_deadline_) return;
  if (!idle) base::LogWarn("broker", "not all could be stored before the end");
  tasks_->Shutdown([this, done = std::exchange(shut_down_, nullptr)] {
    revocations_->WhenIdle([this, done]() mutable { inlet_.Leave(std::move(done)); });
  });
}

}  // namespace trackwire::broker
