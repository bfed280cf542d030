#pragma once

#include <chrono>
#include <csignal>
#include <future>

namespace trackwire::cli {

/// Waits for SIGTERM and SIGINT on a thread of its own: the first asks to stop, the second ends the
/// process at once.
class StopSignals {
 public:
  /// Before any other thread starts, so that all inherit the mask.
  StopSignals();
  void Wait() { stop_.wait(); }
  /// Whether the first has come. Any thread.
  bool asked() const { return stop_.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }

 private:
  sigset_t set_{};
  std::promise<void> asked_;
  std::future<void> stop_ = asked_.get_future();
};

/// Ends the process when stopping takes a few seconds longer than `limit`, whatever hangs.
void ArmWatchdog(std::chrono::seconds limit);

}  // namespace trackwire::cli
