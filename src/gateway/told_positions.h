#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "broker/broker.h"
#include "ingest/position_intake.h"
#include "net/loop.h"
#include "tracking/board.h"

namespace trackwire::gateway {

/// What became of the locations that others have notified.
struct ToldCounters {
  std::atomic<uint64_t> stored{0};
  std::atomic<uint64_t> late{0};     ///< history only
  std::atomic<uint64_t> refused{0};  ///< no place, out of range, in the future and so on
  std::atomic<uint64_t> unknown{0};  ///< of trackers that nobody knows, and none is made
  std::atomic<uint64_t> lost{0};     ///< times that the log no longer had what was to be read
};

/// Stores the positions that stand in notifications of others: `ingest.from_notifications`.
///
/// Follows the log behind those who deliver it, at the pace of the store, and keeps in the store
/// how far it has come; so whoever goes on after a crash stores what is missing, and what is there
/// already is known by tracker and fix time. One process of a deployment at a time does this: the
/// one whose intake has the trackers that push. What others notify of those, and of trackers that
/// are known from nothing else, is stored; who has a provider of its own is left to that, and so is
/// what is meant for one socket or one client.
class ToldPositions {
 public:
  struct Options {
    bool makes_unknown = false;    ///< trackers that nobody knows are made, as public ones
    size_t max_trackers = 200'000;  ///< none is made beyond it
    std::chrono::milliseconds max_future_skew = std::chrono::minutes(2);
    std::chrono::milliseconds log_lifetime = std::chrono::hours(1);
    size_t batch_entries = 500;
  };

  /// All outlive it. On any thread but the control loop's, which runs; `board` is its.
  ToldPositions(net::Loop& control, broker::Broker& broker, const tracking::Board& board,
                const Clock& clock, Options options);
  ~ToldPositions();

  /// Not from the control loop. `intake` lives until End() has returned.
  void Begin(ingest::PositionIntake& intake);
  void End();
  /// Any thread.
  const ToldCounters& counters() const { return *counters_; }

 private:
  struct Run;

  net::Loop& control_;
  broker::Broker& broker_;
  const tracking::Board& board_;
  const Clock& clock_;
  const Options options_;
  std::atomic<bool> begun_{false};
  std::shared_ptr<ToldCounters> counters_;
  /// The control loop's: what the tail of the log wakes. It may outlive this.
  std::shared_ptr<std::shared_ptr<Run>> current_;
};

}  // namespace trackwire::gateway
