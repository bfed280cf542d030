#include "broker/redis/redis_broker.h"

#include <thread>
#include <utility>

#include "broker/redis/redis_core.h"

namespace trackwire::broker {
namespace {

constexpr std::chrono::milliseconds kOpeningPoll{2};

/// Refuses at once what does not fit, and carries the rest to the loop.
class AppendGate {
 public:
  AppendGate(const RedisBrokerOptions& options, net::Loop& loop)
      : options_(options), loop_(loop), gauge_(std::make_shared<AppendGauge>()) {}

  /// Any thread. Wraps `done` so that what was let in is counted out again; nothing when it was
  /// refused, and told.
  std::optional<NotificationSink::AppendDone> Enter(const std::vector<AppendRequest>& requests,
                                                    NotificationSink::AppendDone done) {
    size_t entries = 0;
    size_t bytes = 0;
    for (const AppendRequest& request : requests) {
      if (request.ticket.from != InletTicket::From::kDirect) continue;  // held back at the source
      ++entries;
      bytes += request.envelope.size() + request.idempotency_key.size();
    }
    if (closing_) return Refuse("unavailable", "the broker is shutting down", std::move(done));
    const size_t all_entries = gauge_->entries.fetch_add(entries) + entries;
    const size_t all_bytes = gauge_->bytes.fetch_add(bytes) + bytes;
    if (all_entries > options_.max_queue_entries || all_bytes > options_.max_queue_bytes) {
      gauge_->entries -= entries;
      gauge_->bytes -= bytes;
      return Refuse("queue_full", "too many notifications wait to be stored", std::move(done));
    }
    return [gauge = gauge_, entries, bytes, answer = std::move(done)](auto result) {
      gauge->entries -= entries;
      gauge->bytes -= bytes;
      if (answer) answer(std::move(result));
    };
  }
  void Close() { closing_ = true; }
  size_t entries() const { return gauge_->entries; }

 private:
  using None = std::optional<NotificationSink::AppendDone>;

  None Refuse(const char* code, const char* detail, NotificationSink::AppendDone done) {
    loop_.Post([code, detail, answer = std::move(done)] {
      if (answer) answer(Err(code, detail));
    });
    return std::nullopt;
  }

  const RedisBrokerOptions& options_;
  net::Loop& loop_;
  std::shared_ptr<AppendGauge> gauge_;
  std::atomic<bool> closing_{false};
};

/// The face towards other threads: everything goes to the loop, in the order of the calls.
class RedisBroker final : public Broker, public NotificationLog, public SessionStore, public Inlet {
 public:
  RedisBroker(std::shared_ptr<RedisCore> core, RedisBrokerOptions options, net::Loop& loop)
      : options_(std::move(options)),
        loop_(loop),
        gate_(options_, loop),
        outlet_(*this),
        core_(std::move(core)) {}

  ~RedisBroker() override { core_->log().Close(); }

  NotificationLog& log() override { return *this; }
  SessionStore& sessions() override { return *this; }
  PubSub& pub_sub() override { return core_->pub_sub(); }
  TaskQueue& tasks() override { return core_->tasks(); }
  Cache& cache() override { return core_->cache(); }
  RevocationList& revocations() override { return core_->revocations(); }
  RateLimiter& rate_limiter() override { return core_->rate_limiter(); }
  Inlet* inlet() override { return this; }
  NotificationSink& outlet() override { return outlet_; }

  void Append(std::vector<AppendRequest> requests, AppendDone done) override {
    auto counted = gate_.Enter(requests, std::move(done));
    if (!counted) return;
    Post([held = std::move(requests), answer = std::move(*counted)](RedisCore& core) mutable {
      core.log().Append(std::move(held), std::move(answer));
    });
  }
  void Tail(TailFn tail) override { core_->log().Tail(std::move(tail)); }
  void Read(const LogOffset& after, const LogOffset& last, size_t max_entries, size_t max_bytes,
            ReadDone done) override {
    core_->log().Read(after, last, max_entries, max_bytes, std::move(done));
  }
  LogOffset tail_offset() const override { return core_->log().tail_offset(); }
  void OnBreak(std::function<void()> on_break) override {
    core_->log().OnBreak(std::move(on_break));
  }

  void Save(SessionRecord record) override {
    Post([held = std::move(record)](RedisCore& core) mutable {
      core.sessions().Save(std::move(held));
    });
  }
  void Expire(const std::string& key, const std::string& owner,
              std::chrono::milliseconds ttl) override {
    Post([key, owner, ttl](RedisCore& core) { core.sessions().Expire(key, owner, ttl); });
  }
  void Remove(const std::string& key, const std::string& owner) override {
    Post([key, owner](RedisCore& core) { core.sessions().Remove(key, owner); });
  }
  void TakeOver(const std::string& key, const std::string& proof, const std::string& new_owner,
                TakeOverDone done) override {
    Post([key, proof, new_owner, answer = std::move(done)](RedisCore& core) mutable {
      core.sessions().TakeOver(key, proof, new_owner, std::move(answer));
    });
  }

  void List(std::string after, size_t max, ListDone done) override {
    Post([from = std::move(after), max, answer = std::move(done)](RedisCore& core) mutable {
      core.sessions().List(from, max, std::move(answer));
    });
  }
  void Find(std::string key, FindDone done) override {
    Post([of = std::move(key), answer = std::move(done)](RedisCore& core) mutable {
      core.sessions().Find(of, std::move(answer));
    });
  }
  void Touch(std::vector<SessionTouch> touches, KeysDone lost, KeysDone missing) override {
    Post([held = std::move(touches), tell_lost = std::move(lost),
          tell_missing = std::move(missing)](RedisCore& core) mutable {
      core.sessions().Touch(held, std::move(tell_lost), std::move(tell_missing));
    });
  }
  void End(std::string key, EndDone done) override {
    Post([of = std::move(key), answer = std::move(done)](RedisCore& core) mutable {
      core.sessions().End(of, std::move(answer));
    });
  }

  void Open(net::Loop& loop, Handler handler) override {
    Post([&loop, held = std::move(handler)](RedisCore& core) mutable {
      core.inlet().Open(loop, std::move(held));
    });
  }
  void Refuse(Incoming incoming, std::string reason) override {
    Post([held = std::move(incoming), why = std::move(reason)](RedisCore& core) mutable {
      core.Refuse(std::move(held), std::move(why));
    });
  }
  void Close(std::function<void()> done) override {
    Post([answer = std::move(done)](RedisCore& core) mutable {
      core.inlet().Close(std::move(answer));
    });
  }

  void Reject(Rejected rejected) override {
    Post([held = std::move(rejected)](RedisCore& core) mutable { core.Reject(std::move(held)); });
  }
  void ListRejected(size_t max, std::function<void(std::vector<Rejected>)> done) override {
    Post([max, answer = std::move(done)](RedisCore& core) mutable {
      core.ListRejected(max, std::move(answer));
    });
  }
  BrokerHealth health() const override {
    BrokerHealth health = core_->health();
    health.append_queue += gate_.entries();
    return health;
  }
  void Shutdown(std::function<void()> done) override {
    gate_.Close();
    // Behind the calls that other threads have made before.
    Post([answer = std::move(done)](RedisCore& core) mutable { core.Shutdown(std::move(answer)); });
  }

 private:
  class Outlet final : public NotificationSink {
   public:
    explicit Outlet(RedisBroker& broker) : broker_(broker) {}
    void Append(std::vector<AppendRequest> requests, AppendDone done) override {
      broker_.PutOut(requests, std::move(done));
    }

   private:
    RedisBroker& broker_;
  };

  void PutOut(std::vector<AppendRequest>& requests, AppendDone done) {
    std::vector<AppendPipeline::Item> items;
    for (AppendRequest& request : requests) {
      auto mark = MarkOf(request.envelope, request.idempotency_key);
      if (!mark) {
        return loop_.Post([answer = std::move(done)] {
          if (answer) answer(Err("not_an_envelope", "an envelope must be a JSON object"));
        });
      }
      AppendPipeline::Item item;
      item.kind = 'o';
      item.ident = request.idempotency_key;
      item.envelope = request.envelope;
      item.extra = std::to_string(mark->keep) + ":" + mark->rest;
      items.push_back(std::move(item));
    }
    auto counted = gate_.Enter(requests, std::move(done));
    if (!counted) return;
    Post([held = std::move(items), answer = std::move(*counted)](RedisCore& core) mutable {
      core.PutOut(std::move(held), std::move(answer));
    });
  }

  /// On the loop, unless the broker has gone by then.
  template <typename Work>
  void Post(Work work) {
    loop_.Post([core = std::weak_ptr<RedisCore>(core_), held = std::move(work)]() mutable {
      if (const auto alive = core.lock()) held(*alive);
    });
  }

  const RedisBrokerOptions options_;
  net::Loop& loop_;
  AppendGate gate_;
  Outlet outlet_;
  std::shared_ptr<RedisCore> core_;
};

}  // namespace

Result<std::unique_ptr<Broker>> OpenRedisBroker(RedisBrokerOptions options, net::Loop& loop,
                                                const Clock& clock) {
  if (options.prefix) {
    if (auto bad = CheckPrefix(*options.prefix, RedisMode::kUnknown)) return Err(std::move(*bad));
  }
  std::shared_ptr<RedisCore> core;
  loop.Run([&] {
    core = std::make_shared<RedisCore>(options, loop, clock);
    core->Start();
  });
  const auto deadline = Steady::now() + options.start_timeout;
  for (;;) {
    RedisCore::Opening opening;
    std::string why;
    loop.Run([&] {
      opening = core->opening();
      why = core->context().client.last_error();
    });
    if (opening.ready) break;
    if (!opening.error && Steady::now() >= deadline) {
      opening.error = Error{"unavailable", "Redis at " + options.link.target.ToString() +
                                               " does not answer: " + why};
    }
    if (opening.error) {
      loop.Run([&] { core.reset(); });
      return Err(std::move(*opening.error));
    }
    std::this_thread::sleep_for(kOpeningPoll);
  }
  return std::unique_ptr<Broker>(
      std::make_unique<RedisBroker>(std::move(core), std::move(options), loop));
}

}  // namespace trackwire::broker
