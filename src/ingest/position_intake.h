#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "broker/broker.h"
#include "store/store.h"
#include "tracking/tracker.h"

namespace trackwire::ingest {

struct IntakeLimits {
  std::chrono::milliseconds max_future_skew = std::chrono::minutes(2);
};

struct IntakeCounters {
  uint64_t accepted = 0;
  uint64_t late = 0;        ///< older than the latest: history only
  uint64_t duplicate = 0;   ///< same tracker and fix time
  uint64_t refused = 0;     ///< out of range, NaN, in the future, unknown tracker
  uint64_t status_changes = 0;
};

/// Where every fix comes in: checked, stored, its status derived, and turned into notifications in
/// the log. Runs on its own thread (a Loop), off the loops that serve clients.
class PositionIntake {
 public:
  struct FixReport {
    tracking::Id tracker_id;
    tracking::Fix fix;
  };

  virtual ~PositionIntake() = default;
  /// Any thread. Registers clients and trackers, then calls back on the intake's thread.
  virtual void Register(std::vector<tracking::Client> clients,
                        std::vector<tracking::Tracker> trackers,
                        std::function<void(Result<void>)> done) = 0;
  /// Any thread. Takes a batch; `done` runs on the intake's thread when its positions are stored
  /// and its notifications are in the log (back-pressure for the caller).
  virtual void Take(std::vector<FixReport> fixes, std::function<void()> done) = 0;
  /// Any thread. A provider is unreachable or back: its trackers' connectivity becomes unknown, or
  /// what their silence says.
  virtual void ProviderState(const std::string& provider, bool reachable) = 0;
  /// Any thread; callback on the intake's thread.
  virtual void Counters(std::function<void(IntakeCounters)> done) = 0;
};

std::unique_ptr<PositionIntake> MakePositionIntake(std::unique_ptr<store::Store> store,
                                                   broker::Broker& broker, const Clock& clock,
                                                   IntakeLimits limits);

}  // namespace trackwire::ingest
