#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <future>
#include <thread>

#include "base/log.h"
#include "cli/commands.h"
#include "gateway/gateway.h"
#include "gateway/version.h"

namespace trackwire::cli {
namespace {

/// Waits for SIGTERM and SIGINT on a thread of its own: the first asks to stop, the second ends the
/// process at once.
class StopSignals {
 public:
  /// Before any other thread starts, so that all inherit the mask.
  StopSignals() {
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
  void Wait() { stop_.wait(); }

 private:
  sigset_t set_{};
  std::promise<void> asked_;
  std::future<void> stop_ = asked_.get_future();
};

/// Ends the process when stopping takes longer than it may, whatever hangs.
void ArmWatchdog(std::chrono::seconds limit) {
  std::thread([limit] {
    std::this_thread::sleep_for(limit);
    base::LogError("gateway", "stopping took too long; ending at once");
    base::FlushLog();
    ::_exit(kFailed);
  }).detach();
}

std::string UrlOf(const gateway::Config& config, uint16_t port) {
  const std::string host = config.listen_host();
  const bool v6 = host.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace

int Serve(const Arguments& arguments, const gateway::Config& config) {
  // Database and journal hold everybody's positions: what the server writes is its user's alone.
  ::umask(0077);
  StopSignals signals;
  base::ConfigureLog(gateway::LogLevelOf(config), gateway::LogFormatOf(config));
  for (const std::string& name : gateway::UnknownVariables(arguments.sources.environment)) {
    base::LogWarn("config", "a variable names no key", {{"variable", name}});
  }
  gateway::StartOptions options;
  options.demo = arguments.demo;
  auto gateway = gateway::Gateway::Start(config, options, Clock::System());
  if (!gateway) {
    base::FlushLog();
    return Complain(gateway.error().detail, ExitCodeOf(gateway.error()));
  }
  std::printf("trackwire %s\n", gateway::Version());
  for (const std::string& line : (*gateway)->Banner()) std::printf("  %s\n", line.c_str());
  std::printf("listening %s\n", UrlOf(config, (*gateway)->port()).c_str());
  std::fflush(stdout);

  signals.Wait();
  base::LogInfo("gateway", "stopping");
  constexpr std::chrono::seconds kGrace{5};
  ArmWatchdog(std::chrono::seconds(config.drain_limit_s) + kGrace);
  (*gateway)->Stop();
  gateway->reset();
  base::LogInfo("gateway", "stopped");
  base::FlushLog();
  return kFine;
}

}  // namespace trackwire::cli
