#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "broker/notification_log.h"
#include "ingest/fix_report.h"
#include "ingest/store_desk.h"
#include "store/store.h"
#include "tracking/status_tracker.h"
#include "tracking/tracker.h"

namespace trackwire::ingest {

struct IntakeLimits {
  std::chrono::milliseconds max_future_skew = std::chrono::minutes(2);
  size_t max_waiting_fixes = 200'000;  ///< above it a batch is refused (counted, logged)
  size_t max_batch_fixes = 5'000;      ///< in one transaction
  std::chrono::milliseconds tick = std::chrono::seconds(1);  ///< how often silence is looked for
  std::chrono::hours retention{24 * 30};  ///< of the history; zero: for ever
  /// Notifications that a stop kept from the log are told at the next start unless older. Shorter
  /// than the log remembers their keys: an older one could be told twice.
  std::chrono::milliseconds outbox_lifetime = std::chrono::minutes(30);
  tracking::StatusOptions status;
};

struct IntakeCounters {
  uint64_t accepted = 0;
  uint64_t late = 0;        ///< older than the latest: history only
  uint64_t duplicate = 0;   ///< same tracker and fix time
  uint64_t contacts = 0;    ///< signs of life without a new place
  uint64_t last_wills = 0;  ///< words that a tracker is gone
  uint64_t refused = 0;     ///< out of range, NaN, in the future, unknown tracker
  uint64_t status_changes = 0;
  uint64_t overflow = 0;    ///< came while too much waited
  uint64_t retries = 0;     ///< times the store or the log did not take a batch
};

/// Hears of the trackers the store knows: once with all of them, and with those of each Register(),
/// Edit() and Change().
/// On the intake's thread, the first time inside MakePositionIntake() on the caller's.
using OnRegistered = std::function<void(const std::vector<tracking::Client>&,
                                        const std::vector<tracking::TrackerState>&)>;

/// Whose positions an intake takes, where several processes have the store between them, and who
/// follows the trackers besides OnRegistered. All run as that does.
struct IntakeScope {
  std::string producer;                 ///< whose part of the store's outbox it has
  std::optional<std::string> provider;  ///< only the trackers of this one; nothing: all
  /// Hears of what Change() has removed.
  std::function<void(const StoreChange&)> on_removed;
  /// Hears of all there is, whenever Reload() has read it.
  OnRegistered on_reloaded;
};

/// Where every fix comes in: checked, stored, its status derived, and turned into notifications in
/// the log. Runs on its own thread (a Loop), off the loops that serve clients.
class PositionIntake {
 public:
  using FixReport = ingest::FixReport;

  virtual ~PositionIntake() = default;
  /// Any thread. Registers clients and trackers, then calls back on the intake's thread.
  virtual void Register(std::vector<tracking::Client> clients,
                        std::vector<tracking::Tracker> trackers,
                        std::function<void(Result<void>)> done) = 0;
  /// Any thread. Changes one tracker by hand; what was set so stays whatever is registered later.
  /// `done` runs on the intake's thread, after `OnRegistered`. Errors: those of
  /// Store::EditTracker().
  virtual void Edit(tracking::Id id, tracking::TrackerEdit edit,
                    std::function<void(Result<tracking::Tracker>)> done) = 0;
  /// Any thread. Changes the store and follows. `then` runs on the intake's thread, after
  /// `OnRegistered` and `on_removed`.
  virtual void Change(StoreJob job, StoreThen then) = 0;
  /// Any thread. Another process has changed trackers: reads them again, soon; calls that come
  /// meanwhile are one.
  virtual void Reload() = 0;
  /// As Take(), but false, and `done` is dropped, when too much waits.
  virtual bool Offer(std::vector<FixReport> fixes, std::function<void()> done) = 0;
  /// Any thread. Takes a batch; `done` runs on the intake's thread when its positions are stored
  /// and its notifications are in the log (back-pressure for the caller).
  virtual void Take(std::vector<FixReport> fixes, std::function<void()> done) = 0;
  /// Any thread. A provider is unreachable or back: its trackers' connectivity becomes unknown, or
  /// what their silence says.
  virtual void ProviderState(const std::string& provider, bool reachable) = 0;
  /// Any thread; callback on the intake's thread.
  virtual void Counters(std::function<void(IntakeCounters)> done) = 0;
};

/// Loads statuses and latest positions (blocking, for start-up) and starts the intake's thread.
///
/// Order: a batch is first stored, then logged; a status change that was stored but not logged when
/// the process died is logged at the next start, once. Silence before the start does not count
/// towards a time-out. The key of a notification is made of what it says, so that two processes
/// that take the same fix, or one that takes it again, tell it once. `sink` and `clock` outlive the
/// intake; the broker's loop is still running when the intake is destroyed, which waits for what
/// was taken to be stored.
Result<std::unique_ptr<PositionIntake>> MakePositionIntake(std::unique_ptr<store::Store> store,
                                                           broker::NotificationSink& sink,
                                                           const Clock& clock,
                                                           IntakeLimits limits,
                                                           OnRegistered on_registered,
                                                           IntakeScope scope = {});

}  // namespace trackwire::ingest
