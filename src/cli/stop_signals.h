#pragma once

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>

namespace trackwire::cli {

/// Waits for SIGTERM and SIGINT on a thread of its own: the first asks to stop, the second ends the
/// process at once. SIGHUP may ask to reload.
class StopSignals {
 public:
  enum class OnHangUp : uint8_t {
    kEnd,     ///< as the system has it
    kReload,  ///< Next() tells of it
  };
  enum class Asked : uint8_t { kReload, kStop };

  /// Before any other thread starts, so that all inherit the mask.
  explicit StopSignals(OnHangUp on_hang_up = OnHangUp::kEnd);
  void Wait() { stop_.wait(); }
  /// Waits for what is asked next; several wishes to reload may be told as one.
  Asked Next();
  /// Whether the first has come. Any thread.
  bool asked() const { return stop_.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }

 private:
  /// Lives as long as the thread, which nobody ends.
  struct Wishes {
    std::mutex mutex;
    std::condition_variable came;
    bool reload = false;
    bool stop = false;
  };
  const std::shared_ptr<Wishes> wishes_ = std::make_shared<Wishes>();
  sigset_t set_{};
  std::promise<void> asked_;
  std::future<void> stop_ = asked_.get_future();
};

/// Ends the process when stopping takes a few seconds longer than `limit`, whatever hangs.
void ArmWatchdog(std::chrono::seconds limit);

}  // namespace trackwire::cli
