#include "cli/stop_signals.h"

#include <pthread.h>
#include <unistd.h>

#include <thread>

#include "base/log.h"
#include "cli/arguments.h"

namespace trackwire::cli {

StopSignals::StopSignals() {
  sigemptyset(&set_);
  sigaddset(&set_, SIGTERM);
  sigaddset(&set_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::thread([set = set_, asked = std::move(asked_)]() mutable {
    int number = 0;
    sigwait(&set, &number);
    asked.set_value();
    sigwait(&set, &number);
    ::_exit(128 + number);
  }).detach();
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
