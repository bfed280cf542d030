#include "gateway/broker_watch.h"

#include <chrono>
#include <utility>

#include "base/log.h"
#include "net/timer_wheel.h"

namespace trackwire::gateway {
namespace {

constexpr std::chrono::milliseconds kEvery{200};
/// A server that is started again is back sooner; what comes in meanwhile waits.
constexpr std::chrono::milliseconds kPatience{1'000};

}  // namespace

BrokerWatch::BrokerWatch(net::Loop& loop, const broker::Broker& broker,
                         std::function<void(bool away)> on_change)
    : loop_(loop),
      broker_(broker),
      on_change_(std::move(on_change)),
      timer_([](void* self) { static_cast<BrokerWatch*>(self)->Look(); }, this) {}

void BrokerWatch::Start() {
  ready_at_ = loop_.now();
  Look();
}

void BrokerWatch::Look() {
  timer_.Start(loop_.timers(), kEvery);
  const broker::BrokerHealth health = broker_.health();
  if (health.ready) ready_at_ = loop_.now();
  const bool away = loop_.now() - ready_at_ >= kPatience;
  if (away == away_) return;
  away_ = away;
  if (away) {
    base::LogError("gateway", "the broker is away", {{"detail", health.detail}});
  } else {
    base::LogInfo("gateway", "the broker is back");
  }
  on_change_(away);
}

}  // namespace trackwire::gateway
