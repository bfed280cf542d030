#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "broker/notification_log.h"
#include "notify/dispatch.h"

namespace trackwire::notify {

struct WarmUpOptions {
  std::chrono::milliseconds window = std::chrono::minutes(10);  ///< how far back it looks
  size_t max_entries = 200'000;
  size_t batch_entries = 2'000;
};

/// Brings the board up to date with the newest entries of the log, the newest first: positions that
/// no store of this machine has. The broker's loop; `done` too, once, also when the log cannot be
/// read that far. `log` and `dispatch` outlive the reading.
void WarmUp(broker::NotificationLog& log, Dispatch& dispatch, WarmUpOptions options,
            std::function<void()> done);

}  // namespace trackwire::notify
