#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "fetcher/fetcher.h"
#include "fetcher/remote_fetcher.h"
#include "gateway/config.h"
#include "ingest/position_intake.h"
#include "ingest/update_worker.h"

namespace trackwire::gateway {

/// One provider at work; ends, and leaves its intake alone, when destroyed.
class ProviderRun {
 public:
  virtual ~ProviderRun() = default;
  /// Whom to ask where its trackers are; lives as long.
  virtual ingest::UpdateSource& updates() = 0;
};

using OnProviderEvent = std::function<void(const fetcher::ProviderStatus&)>;

/// A provider that can be set to work: once at a time, with the intake that it is given and the
/// trackers that are known. `on_event` hears when it cannot go on, and when it has finished.
struct ProviderPlan {
  using Make = std::function<std::unique_ptr<ProviderRun>(ingest::PositionIntake& intake,
                                                          OnProviderEvent on_event)>;
  std::string name;
  Make make;
};

}  // namespace trackwire::gateway
