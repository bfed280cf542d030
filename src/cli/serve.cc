#include <sys/stat.h>

#include <cstdio>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/stop_signals.h"
#include "gateway/gateway.h"
#include "gateway/version.h"

namespace trackwire::cli {
namespace {

std::string UrlOf(const gateway::Config& config, uint16_t port) {
  const std::string host = config.listen_host();
  const bool v6 = host.find(':') != std::string::npos;
  return (config.speaks_tls() ? "https://" : "http://") + (v6 ? "[" + host + "]" : host) + ":" +
         std::to_string(port);
}

}  // namespace

int Serve(const Arguments& arguments, const gateway::Config& config) {
  // Database and journal hold everybody's positions: what the server writes is its user's alone.
  ::umask(0077);
  // Without anything to reload, the end of a terminal is the end of what runs in it.
  StopSignals signals(config.speaks_tls() ? StopSignals::OnHangUp::kReload
                                          : StopSignals::OnHangUp::kEnd);
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

  while (signals.Next() == StopSignals::Asked::kReload) (*gateway)->Reload();
  base::LogInfo("gateway", "stopping");
  ArmWatchdog(std::chrono::seconds(config.drain_limit_s));
  (*gateway)->Stop();
  gateway->reset();
  base::LogInfo("gateway", "stopped");
  base::FlushLog();
  return kFine;
}

}  // namespace trackwire::cli
