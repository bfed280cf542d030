#include <sys/stat.h>

#include <cstdio>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/stop_signals.h"
#include "gateway/fetch_service.h"
#include "gateway/version.h"

namespace trackwire::cli {

int Fetch(const Arguments& arguments, const gateway::Config& config) {
  ::umask(0077);
  StopSignals signals;
  base::ConfigureLog(gateway::LogLevelOf(config), gateway::LogFormatOf(config));
  for (const std::string& name : gateway::UnknownVariables(arguments.sources.environment)) {
    base::LogWarn("config", "a variable names no key", {{"variable", name}});
  }
  auto service = gateway::FetchService::Start(config, Clock::System());
  if (!service) {
    base::FlushLog();
    return Complain(service.error().detail, ExitCodeOf(service.error()));
  }
  std::printf("trackwire %s fetch\n", gateway::Version());
  for (const std::string& line : (*service)->Banner()) std::printf("  %s\n", line.c_str());
  std::fflush(stdout);

  signals.Wait();
  base::LogInfo("fetcher", "stopping");
  ArmWatchdog(std::chrono::seconds(config.drain_limit_s));
  (*service)->Stop();
  service->reset();
  base::LogInfo("fetcher", "stopped");
  base::FlushLog();
  return kFine;
}

}  // namespace trackwire::cli
