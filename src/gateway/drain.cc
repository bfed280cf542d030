// Takes a gateway down.
#include <algorithm>
#include <future>
#include <thread>

#include "base/log.h"
#include "gateway/parts.h"

namespace trackwire::gateway {
namespace {

using Deadline = std::chrono::steady_clock::time_point;

/// Starts something that ends later and waits for it, but not beyond `deadline`.
template <typename Begin>
bool WaitFor(Deadline deadline, Begin begin) {
  auto ended = std::make_shared<std::promise<void>>();
  auto future = ended->get_future();
  begin([ended] { ended->set_value(); });
  return future.wait_until(deadline) == std::future_status::ready;
}

}  // namespace

void Gateway::Parts::Drain() {
  draining = true;
  const Deadline now = std::chrono::steady_clock::now();
  const Deadline deadline = now + std::chrono::seconds(config.drain_limit_s);
  if (http != nullptr) {
    // Whoever spreads connections over several servers asks for readiness: it sends nobody here any
    // more before the first is refused or closed. One that never listened is known to nobody.
    const auto notice = std::chrono::milliseconds(port == 0 ? 0 : config.drain_notice_ms);
    std::this_thread::sleep_until(std::min(deadline, now + notice));
    http->StopListening();
    if (tls != nullptr) tls->StopListening();
  }
  StopUpdates();
  if (geocoding != nullptr) control.Run([this] { geocoding->Stop(); });
  if (fetcher != nullptr) fetcher->Stop();
  StopRemote();
  if (http != nullptr) {
    // A broker that is away must not take the time that clients need to be closed at a pace.
    const Deadline begun = std::chrono::steady_clock::now();
    DrainIntake(begun + (deadline - begun) / 3);
    const bool closed = WaitFor(deadline, [this](std::function<void()> done) {
      sockets->Drain(static_cast<uint32_t>(config.drain_per_second), done);
    });
    if (!closed) base::LogWarn("gateway", "not all clients were closed in time");
    http->CloseIdle();
    if (tls != nullptr) tls->CloseIdle();
  }
  // Until here what the others sent on has been served.
  if (forwarding != nullptr) forwarding->Stop();
  StopPush(deadline);
  StopPositions();
  if (broker == nullptr) return;
  const bool stored = WaitFor(deadline, [this](std::function<void()> done) {
    control.Post([this, done] {
      if (watch != nullptr) watch->Stop();
      broker->Shutdown(done);
    });
  });
  if (!stored) base::LogWarn("gateway", "the broker did not end in time");
}

/// Nothing new from outside, so that another gateway goes on with the inbox; what was taken becomes
/// durable, and bodies are answered before their connections end.
void Gateway::Parts::DrainIntake(Deadline deadline) {
  bool settled = true;
  if (broker->inlet() != nullptr) {
    settled = WaitFor(deadline, [this](std::function<void()> done) {
      broker->inlet()->Close(std::move(done));
    });
    settled = settled && WaitFor(deadline, [this](std::function<void()> done) {
      intake->Settle(std::move(done));
    });
  }
  settled = WaitFor(deadline, [this](std::function<void()> done) {
    intake_loop.Post([this, done] {
      broker->log().Append({}, [done](Result<std::vector<broker::Appended>>) { done(); });
    });
  }) && settled;
  if (!settled) base::LogWarn("gateway", "not everything that was taken is stored");
}

void Gateway::Parts::StopPositions() {
  fetcher.reset();
  if (loader != nullptr) {
    // Both may call for the loader at any time.
    control.Run([this] {
      tracker_news.reset();
      if (watch != nullptr) watch->Stop();
    });
    loader.reset();
  }
  if (positions == nullptr) return;
  // A measurement that began before `draining` was set is past the positions after this; later
  // ones leave them out. No deadline: they may not go while somebody looks at them.
  control.Run([] {});
  if (told != nullptr) told->End();
  positions.reset();
}

void Gateway::Parts::StopThreads() {
  // What is posted to a loop that has ended is dropped, so the order among these is free.
  intake_loop.Stop();
  for (const auto& shard : shards) shard->Stop();
  if (neighbours != nullptr) neighbours->Stop();
  if (history != nullptr) history->Stop();
  if (broker != nullptr) {
    control.Run([this] {
      if (owner_line != nullptr) owner_line->Deafen();
      if (revocations != nullptr) revocations->Stop();
      tracker_news.reset();
      updates.reset();
      watch.reset();
      log_break.reset();
    });
  }
  control.Stop();
  if (geocoding != nullptr) geocoding->Close();
  // Requests of clients and returns under way go on by themselves, turn after turn, and ask it.
  broker.reset();
  StopAccounts();
}

}  // namespace trackwire::gateway
