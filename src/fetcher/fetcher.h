#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "ingest/position_intake.h"

namespace trackwire::fetcher {

/// What a provider brings to register.
struct Catalogue {
  std::vector<tracking::Client> clients;
  std::vector<tracking::Tracker> trackers;
  uint64_t bad_rows = 0;  ///< of the source, skipped
};

/// The fixes that are due, and when to ask again.
struct Due {
  std::vector<ingest::PositionIntake::FixReport> fixes;
  std::chrono::milliseconds next_in{0};  ///< 0: at once, there are more
  bool finished = false;                 ///< nothing will come any more
};

/// One source of positions. All calls but Cancel() come from the fetcher's thread, which may block
/// in them.
class Provider {
 public:
  virtual ~Provider() = default;
  /// Kind and instance: `replay:ais-us-west`. Stands as `source` in positions.
  virtual const std::string& name() const = 0;
  /// Reads what there is to register. Called once, before the first Next().
  virtual Result<Catalogue> Load() = 0;
  /// At most `max` of the fixes due at `now`, oldest first.
  virtual Result<Due> Next(WallTime now, size_t max) = 0;
  /// Any thread: makes a Load() or Next() under way end soon, with code `cancelled`.
  virtual void Cancel() = 0;
  /// A line on how far it is, for the log: `loop 2, 00:12:31 of 00:25:00`.
  virtual std::string Progress() const = 0;
};

struct FetcherOptions {
  size_t max_batch = 1000;           ///< fixes handed over at once
  std::chrono::seconds progress_every{60};
};

struct ProviderStatus {
  std::string name;
  enum class State { kLoading, kRunning, kFailed, kFinished } state = State::kLoading;
  uint64_t trackers = 0;
  uint64_t bad_rows = 0;    ///< of its source, skipped
  uint64_t fixes = 0;       ///< handed to the intake
  std::string detail;       ///< progress, or why it failed
};

/// Runs providers on a thread of its own and hands what they bring to the intake, the next batch
/// of a provider only when the last is stored and logged.
class Fetcher {
 public:
  /// `intake` and `clock` outlive the fetcher.
  Fetcher(ingest::PositionIntake& intake, const Clock& clock, FetcherOptions options);
  /// Stops.
  ~Fetcher();
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  /// Before Start().
  void Add(std::unique_ptr<Provider> provider);
  /// Loads each provider, registers its trackers, then runs it. `on_event` (may be empty) hears of
  /// each provider that starts to run, fails or finishes; on the fetcher's thread.
  void Start(std::function<void(const ProviderStatus&)> on_event = {});
  /// Ends within one batch; waits for the thread. Not from it. May be called twice.
  void Stop();
  /// Any thread, between Start() and Stop(); callback on the fetcher's thread.
  void Status(std::function<void(std::vector<ProviderStatus>)> done);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace trackwire::fetcher
