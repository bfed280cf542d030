// The timing wheel, as heartbeats of many clients use it.
#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "net/timer_wheel.h"

namespace trackwire::bench {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kHeartbeat = std::chrono::seconds(25);

void TimerRestart(benchmark::State& state) {
  ManualClock clock;
  net::TimerWheel wheel(clock);
  std::vector<std::unique_ptr<net::Timer>> timers;
  for (int64_t i = 0; i < state.range(0); ++i) {
    timers.push_back(std::make_unique<net::Timer>([](void*) {}, nullptr));
    timers.back()->Start(wheel, milliseconds(1 + i % 25'000));
  }
  size_t next = 0;
  for (auto _ : state) {
    timers[next]->Start(wheel, kHeartbeat);
    next = next + 1 == timers.size() ? 0 : next + 1;
  }
}
BENCHMARK(TimerRestart)->Arg(100)->Arg(10'000);

/// Fires and starts itself again, as a heartbeat does.
struct Heart {
  explicit Heart(net::TimerWheel& of) : wheel(of) {}
  static void Beat(void* self) {
    Heart& heart = *static_cast<Heart*>(self);
    ++heart.beats;
    heart.timer.Start(heart.wheel, kHeartbeat);
  }
  net::TimerWheel& wheel;
  uint64_t beats = 0;
  net::Timer timer{Beat, this};
};

// One period of the heartbeats of so many clients, turn by turn; items are beats.
void TimerHeartbeats(benchmark::State& state) {
  ManualClock clock;
  net::TimerWheel wheel(clock);
  std::vector<std::unique_ptr<Heart>> hearts;
  for (int64_t i = 0; i < state.range(0); ++i) {
    hearts.push_back(std::make_unique<Heart>(wheel));
    hearts.back()->timer.Start(wheel, milliseconds(1 + i % kHeartbeat.count()));
  }
  for (auto _ : state) {
    for (milliseconds passed{0}; passed < kHeartbeat; passed += net::TimerWheel::kTick) {
      clock.Advance(net::TimerWheel::kTick);
      wheel.Advance(clock.Now());
    }
  }
  uint64_t beats = 0;
  for (const auto& heart : hearts) beats += heart->beats;
  CHECK(beats > 0);
  state.SetItemsProcessed(static_cast<int64_t>(beats));
}
BENCHMARK(TimerHeartbeats)->Arg(10'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace trackwire::bench
