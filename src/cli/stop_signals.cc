#include "cli/stop_signals.h"

#include <pthread.h>
#include <unistd.h>

#include <thread>

#include "base/log.h"
#include "cli/arguments.h"

namespace trackwire::cli {

StopSignals::StopSignals(OnHangUp on_hang_up) {
  sigemptyset(&set_);
  sigaddset(&set_, SIGTERM);
  sigaddset(&set_, SIGINT);
  if (on_hang_up == OnHangUp::kReload) sigaddset(&set_, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::thread([set = set_, wishes = wishes_, asked = std::move(asked_)]() mutable {
    int number = 0;
    for (bool stopping = false;;) {
      sigwait(&set, &number);
      if (number != SIGHUP && stopping) ::_exit(128 + number);
      const std::lock_guard lock(wishes->mutex);
      if (number == SIGHUP) {
        wishes->reload = true;
      } else {
        stopping = wishes->stop = true;
        asked.set_value();
      }
      wishes->came.notify_all();
    }
  }).detach();
}

StopSignals::Asked StopSignals::Next() {
  std::unique_lock lock(wishes_->mutex);
  wishes_->came.wait(lock, [this] { return wishes_->stop || wishes_->reload; });
  if (wishes_->stop) return Asked::kStop;
  wishes_->reload = false;
  return Asked::kReload;
}

void ArmWatchdog(std::chrono::seconds limit) {
  constexpr std::chrono::seconds kGrace{5};
  std::thread([last = limit + kGrace] {
    std::this_thread::sleep_for(last);
    base::LogError("cli", "stopping took too long; ending at once");
    base::FlushLog();
    ::_exit(kFailed);
  }).detach();
}

}  // namespace trackwire::cli
