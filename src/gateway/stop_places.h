#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "broker/notification_log.h"
#include "net/loop.h"
#include "tracking/position.h"

namespace trackwire::gateway {

/// Hears in the log of trackers that stop, and passes on where that was.
///
/// Belongs to the broker's loop. It takes one place a turn, behind everything else that the loop
/// has to do by then; of places that come faster all but kMaxWaiting are dropped: positions never
/// wait for them.
class StopPlaces {
 public:
  static constexpr size_t kMaxWaiting = 1'000;
  /// Where a tracker is; nothing where that is not known.
  using Where = std::function<std::optional<tracking::LatLon>(const tracking::Id&)>;
  using Take = std::function<void(tracking::LatLon)>;

  /// Begins to listen; behind whoever `where` asks. All that is passed outlives it.
  StopPlaces(net::Loop& loop, broker::NotificationLog& log, Where where, Take take);
  ~StopPlaces();
  StopPlaces(const StopPlaces&) = delete;
  StopPlaces& operator=(const StopPlaces&) = delete;

  /// Any thread.
  uint64_t dropped() const { return state_->dropped; }

 private:
  struct State {
    net::Loop& loop;
    Where where;
    Take take;
    std::deque<tracking::LatLon> waiting{};
    std::atomic<uint64_t> dropped{0};
    bool ended = false;
  };

  static void Hear(const std::shared_ptr<State>& state, std::string_view envelope);
  static void Step(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
};

/// The tracker that stopped by this envelope: its motion was `moving` and is `stopped` now.
std::optional<tracking::Id> StoppedBy(std::string_view envelope);

}  // namespace trackwire::gateway
