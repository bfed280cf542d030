#include "broker/redis/redis_revocations.h"

#include <charconv>
#include <unordered_map>
#include <utility>

#include "base/log.h"

namespace trackwire::broker {
namespace {

using std::chrono::milliseconds;

constexpr const char* kPage = "1000";

// KEYS: revocations, their ends. ARGV: now, subject, before, until, most revocations, channel;
// times in ms. What is over, by the caller's clock and by that of Redis, is removed, a few at a
// time. Asked again it does no more.
// Answer: `too_many` or `ok`.
const std::string& RevokeScript() {
  static const std::string text = R"lua(
local all, ends = KEYS[1], KEYS[2]
local subject, before, till = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
redis.call('HLEN', all)
local t = redis.call('TIME')
local now = math.min(tonumber(ARGV[1]), t[1] * 1000)
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', string.format('%.0f', now), 'LIMIT', 0,
                             100)) do
  redis.call('HDEL', all, gone)
  redis.call('ZREM', ends, gone)
end
local held = redis.call('HGET', all, subject)
if not held and redis.call('HLEN', all) >= tonumber(ARGV[5]) then return 'too_many' end
local held_before, held_till = string.match(held or '', '^(%d+) (%d+)$')
before = math.max(before, tonumber(held_before or 0))
till = math.max(till, tonumber(held_till or 0))
local value = string.format('%.0f %.0f', before, till)
redis.call('HSET', all, subject, value)
redis.call('ZADD', ends, string.format('%.0f', till), subject)
redis.pcall('PUBLISH', ARGV[6], value .. ' ' .. subject)
return 'ok'
)lua";
  return text;
}

// KEYS: revocations. ARGV: cursor, about how many.
const std::string& PageScript() {
  static const std::string text = R"lua(
return redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
)lua";
  return text;
}

/// Reads `1700000000000 1700000000000` from the front of `text`; nothing when it is something else.
std::optional<Revocation> TakeTimes(std::string_view& text) {
  int64_t ms[2] = {};
  for (int64_t& one : ms) {
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, one);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(rest - text.data()));
    if (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  }
  Revocation revocation;
  revocation.before = WallTime(milliseconds(ms[0]));
  revocation.until = WallTime(milliseconds(ms[1]));
  return revocation;
}

}  // namespace

/// Belongs to the loop.
struct RedisRevocations::Context : std::enable_shared_from_this<Context> {
  Context(net::Loop& loop, RedisClient& client, const Clock& the_clock, Options the_options)
      : clock(the_clock),
        options(std::move(the_options)),
        all(options.prefix + "socket:revocations"),
        ends(options.prefix + "socket:revocations:until"),
        channel(options.prefix + "socket:revocation"),
        runner(loop, client) {}

  void Revoke(Revocation revocation, RevokeDone done) {
    if (auto bad = CheckRevocation(revocation)) return done(Err(std::move(*bad)));
    ScriptRunner::Job job;
    job.script = &RevokeScript();
    job.keys = {all, ends};
    job.arguments = {std::to_string(clock.WallNow().time_since_epoch().count()),
                     revocation.subject,
                     std::to_string(revocation.before.time_since_epoch().count()),
                     std::to_string(revocation.until.time_since_epoch().count()),
                     std::to_string(options.max),
                     channel};
    job.patience = options.unavailable_after;
    job.done = [answer = std::move(done)](Result<RespValue> reply) {
      if (!reply) return answer(Err(std::move(reply.error())));
      if (reply->text == "ok") return answer(Ok());
      answer(Err("too_many", "no more revocations can be kept"));
    };
    runner.Run(std::move(job));
  }

  struct Listing {
    std::unordered_map<std::string, Revocation> found;  ///< a scan may name one twice
    ListDone done;
  };

  void ReadPage(const std::shared_ptr<Listing>& listing, std::string cursor) {
    ScriptRunner::Job job;
    job.script = &PageScript();
    job.keys = {all};
    job.arguments = {std::move(cursor), kPage};
    job.patience = options.unavailable_after;
    job.done = [weak = weak_from_this(), listing](Result<RespValue> reply) {
      auto self = weak.lock();
      if (!self) return;
      if (!reply) return listing->done(Err(std::move(reply.error())));
      self->OnPage(listing, *reply);
    };
    runner.Run(std::move(job));
  }

  void OnPage(const std::shared_ptr<Listing>& listing, const RespValue& page) {
    if (page.items.size() != 2) return listing->done(Err("unavailable", "not a page of a scan"));
    const std::vector<RespValue>& pairs = page.items[1].items;
    for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
      std::string_view times = pairs[i + 1].text;
      auto revocation = TakeTimes(times);
      if (!revocation) continue;
      revocation->subject = pairs[i].text;
      listing->found.insert_or_assign(pairs[i].text, std::move(*revocation));
    }
    if (page.items[0].text != "0") return ReadPage(listing, page.items[0].text);
    const WallTime now = clock.WallNow();
    std::vector<Revocation> revocations;
    for (auto& [subject, revocation] : listing->found) {
      if (revocation.until > now) revocations.push_back(std::move(revocation));
    }
    listing->done(std::move(revocations));
  }

  void OnMessage(std::string_view message) {
    auto revocation = TakeTimes(message);
    if (!revocation || message.empty()) {
      base::LogWarn("broker", "what came on the channel of revocations is none");
      return;
    }
    revocation->subject = message;
    Tell(*revocation);
  }

  void Tell(const std::optional<Revocation>& change) {
    for (size_t i = 0; i < handlers.size(); ++i) handlers[i](change);
  }

  const Clock& clock;
  const Options options;
  const std::string all;
  const std::string ends;
  const std::string channel;
  ScriptRunner runner;
  std::vector<Handler> handlers;
};

RedisRevocations::RedisRevocations(net::Loop& loop, RedisClient& client,
                                   RedisSubscriber& subscriber, const Clock& clock,
                                   Options options)
    : loop_(loop), context_(std::make_shared<Context>(loop, client, clock, std::move(options))) {
  subscriber.Subscribe(ChannelKind::kPlain, context_->channel,
                       [weak = std::weak_ptr(context_)](std::string_view, std::string_view text) {
                         if (auto context = weak.lock()) context->OnMessage(text);
                       });
}
RedisRevocations::~RedisRevocations() = default;

void RedisRevocations::Revoke(Revocation revocation, RevokeDone done) {
  loop_.Post([weak = std::weak_ptr(context_), said = std::move(revocation),
              answer = std::move(done)]() mutable {
    if (auto context = weak.lock()) context->Revoke(std::move(said), std::move(answer));
  });
}

void RedisRevocations::List(ListDone done) {
  loop_.Post([weak = std::weak_ptr(context_), answer = std::move(done)]() mutable {
    auto context = weak.lock();
    if (!context) return;
    auto listing = std::make_shared<Context::Listing>();
    listing->done = std::move(answer);
    context->ReadPage(listing, "0");
  });
}

void RedisRevocations::OnChange(Handler handler) {
  context_->handlers.push_back(std::move(handler));
}

void RedisRevocations::OnHearing() { context_->Tell(std::nullopt); }

void RedisRevocations::WhenIdle(std::function<void()> done) {
  context_->runner.WhenIdle(std::move(done));
}

}  // namespace trackwire::broker
