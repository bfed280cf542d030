#include "gateway/history_sweeper.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "net/timer_wheel.h"

namespace trackwire::gateway {

HistorySweeper::HistorySweeper(std::string url, Options options)
    : url_(std::move(url)),
      options_(options),
      timer_([](void* self) { static_cast<HistorySweeper*>(self)->Sweep(); }, this) {
  loop_.Start();
}

HistorySweeper::~HistorySweeper() { Stop(); }

void HistorySweeper::Wake() {
  loop_.Post([this] {
    if (!timer_.armed()) timer_.Start(loop_.timers(), options_.rest);
  });
}

void HistorySweeper::Stop() {
  loop_.Post([this] { timer_.Cancel(); });
  loop_.Stop();
}

Result<bool> HistorySweeper::SweepOnce() {
  if (store_ == nullptr) {
    auto opened = store::OpenStore(url_);
    if (!opened) return Err(std::move(opened.error()));
    store_ = std::move(*opened);
  }
  return store_->SweepRemoved(options_.at_once);
}

void HistorySweeper::Sweep() {
  const Steady::time_point begun = Steady::now();
  auto more = SweepOnce();
  if (!more) {
    if (!std::exchange(failing_, true)) {
      base::LogWarn("gateway", "the history of removed trackers cannot be taken away, trying again",
                    {{"code", more.error().code}, {"detail", more.error().detail}});
    }
    return timer_.Start(loop_.timers(), options_.after_failure);
  }
  failing_ = false;
  if (!*more) return;
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - begun);
  timer_.Start(loop_.timers(), std::max(options_.rest, took));
}

}  // namespace trackwire::gateway
