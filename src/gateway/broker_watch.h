#pragma once

#include <functional>

#include "base/clock.h"
#include "broker/broker.h"
#include "net/loop.h"
#include "net/timer.h"

namespace trackwire::gateway {

/// Looks at the broker's health from time to time and tells when it went away and came back. Lives
/// on the broker's loop.
class BrokerWatch {
 public:
  /// `on_change` hears `away` when the broker has not been ready for a second, and that it is back.
  BrokerWatch(net::Loop& loop, const broker::Broker& broker,
              std::function<void(bool away)> on_change);

  void Start();
  void Stop() { timer_.Cancel(); }
  /// What it told last: readiness must not be ahead of those who were told.
  bool away() const { return away_; }

 private:
  void Look();

  net::Loop& loop_;
  const broker::Broker& broker_;
  const std::function<void(bool away)> on_change_;
  net::Timer timer_;
  Steady::time_point ready_at_{};
  bool away_ = false;
};

}  // namespace trackwire::gateway
