#include "broker/redis/script_runner.h"

#include <algorithm>
#include <array>
#include <deque>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "net/timer.h"

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;

constexpr auto kAgainAfter = 50ms;
constexpr size_t kMaxBytes = 64u << 20;
/// What a job costs beside its texts.
constexpr size_t kJobOverhead = 512;

size_t CostOf(const ScriptRunner::Job& job) {
  size_t bytes = kJobOverhead;
  for (const auto* texts : {&job.keys, &job.arguments}) {
    for (const std::string& text : *texts) bytes += text.size();
  }
  return bytes;
}

}  // namespace

bool IsPassing(const RespValue& error) {
  static constexpr std::array<std::string_view, 8> kPassing{
      "LOADING", "CLUSTERDOWN", "READONLY", "TRYAGAIN", "MASTERDOWN", "BUSY", "OOM", "MISCONF"};
  return std::any_of(kPassing.begin(), kPassing.end(), [&](std::string_view code) {
    return error.text.starts_with(code);
  });
}

struct ScriptRunner::Impl : std::enable_shared_from_this<Impl> {
  struct Pending {
    Job job;
    Steady::time_point until;
    size_t cost = 0;
  };
  using PendingPtr = std::shared_ptr<Pending>;

  Impl(net::Loop& the_loop, RedisClient& the_client)
      : loop(the_loop),
        client(the_client),
        timer([](void* self) { static_cast<Impl*>(self)->SendAgain(); }, this) {}

  void Send(PendingPtr pending) {
    const Job& job = pending->job;
    client.Eval(*job.script, job.keys, job.arguments,
                [weak = weak_from_this(), pending](Result<RespValue> reply) {
                  if (auto self = weak.lock()) self->Answered(pending, std::move(reply));
                });
  }

  void Answered(const PendingPtr& pending, Result<RespValue> reply) {
    const bool again = !reply || (reply->is_error() && IsPassing(*reply));
    if (again && Steady::now() < pending->until) {
      waiting.push_back(pending);
      if (!timer.armed()) timer.Start(loop.timers(), kAgainAfter);
      return;
    }
    const Done done = std::move(pending->job.done);
    if (done && !reply) {
      done(Err("unavailable", reply.error().detail));
    } else if (done && reply->is_error()) {
      done(Err("unavailable", reply->text));
    } else if (done) {
      done(std::move(*reply));
    }
    bytes -= pending->cost;
    TellIdle();
  }

  void TellIdle() {
    if (bytes > 0) return;
    std::vector<std::function<void()>> told;
    told.swap(when_idle);
    for (auto& one : told) one();
  }

  void SendAgain() {
    std::deque<PendingPtr> now;
    now.swap(waiting);
    for (PendingPtr& pending : now) Send(std::move(pending));
  }

  net::Loop& loop;
  RedisClient& client;
  net::Timer timer;
  std::deque<PendingPtr> waiting;
  size_t bytes = 0;
  std::vector<std::function<void()>> when_idle;
};

ScriptRunner::ScriptRunner(net::Loop& loop, RedisClient& client)
    : impl_(std::make_shared<Impl>(loop, client)) {}
ScriptRunner::~ScriptRunner() = default;

void ScriptRunner::Run(Job job) {
  auto pending = std::make_shared<Impl::Pending>();
  pending->cost = CostOf(job);
  if (impl_->bytes + pending->cost > kMaxBytes) {
    if (!job.done) return;
    impl_->loop.Post([done = std::move(job.done)] {
      done(Err("unavailable", "too much waits for Redis"));
    });
    return;
  }
  impl_->bytes += pending->cost;
  // The machine's own clock: what is waited for is a real server.
  pending->until = Steady::now() + job.patience;
  pending->job = std::move(job);
  impl_->Send(std::move(pending));
}

void ScriptRunner::WhenIdle(std::function<void()> done) {
  impl_->when_idle.push_back(std::move(done));
  impl_->TellIdle();
}

}  // namespace trackwire::broker
