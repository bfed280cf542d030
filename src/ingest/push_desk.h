#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "broker/task_queue.h"
#include "ingest/fix_report.h"
#include "ingest/position_intake.h"

namespace trackwire::ingest {

/// The queue of what trackers say of themselves, worked by the one process that holds the task of
/// the provider `push`.
inline constexpr const char* kPushQueue = "positions";

/// Where what trackers say of themselves becomes durable. The broker's loop; `done` on any thread.
class PushDesk {
 public:
  using Done = std::function<void(Result<void>)>;

  virtual ~PushDesk() = default;
  /// `done` once the reports outlive a crash of this process. Errors: `queue_full`, `unavailable`.
  virtual void Take(std::vector<FixReport> reports, Done done) = 0;
};

/// Into an intake of this process: done means stored. `intake` outlives it.
std::unique_ptr<PushDesk> MakeIntakePushDesk(PositionIntake& intake);
/// Into kPushQueue, in order: one task for each call. `tasks` outlives it.
std::unique_ptr<PushDesk> MakeQueuePushDesk(broker::TaskQueue& tasks);

}  // namespace trackwire::ingest
