#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "net/loop.h"
#include "net/timer.h"
#include "store/store.h"

namespace trackwire::gateway {

/// Takes away what is left of the histories of removed trackers, bit by bit, on a thread and with a
/// connection of its own. Rests between two bits for as long as one takes, so that those who store
/// positions come to their turn. What a stop or a crash leaves is there for the next start, or for
/// another process.
class HistorySweeper {
 public:
  struct Options {
    size_t at_once = 5'000;  ///< positions, in one transaction
    std::chrono::milliseconds rest{10};  ///< at least
    std::chrono::milliseconds after_failure{5'000};
  };

  /// Of the store at `url`, which exists; not one in memory.
  HistorySweeper(std::string url, Options options);
  ~HistorySweeper();
  HistorySweeper(const HistorySweeper&) = delete;
  HistorySweeper& operator=(const HistorySweeper&) = delete;

  /// Any thread. Looks for what there is to do, soon; from then on it goes on by itself.
  void Wake();
  /// Ends the thread after the bit it is at.
  void Stop();

 private:
  void Sweep();
  Result<bool> SweepOnce();

  const std::string url_;
  const Options options_;
  std::unique_ptr<store::Store> store_;  ///< opened when there may be something to do
  bool failing_ = false;
  net::Loop loop_{"sweeper"};
  net::Timer timer_;
};

}  // namespace trackwire::gateway
