#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>

#include "load/options.h"
#include "load/report.h"
#include "load/run.h"

namespace trackwire::bench {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

constexpr const char* kAbout =
    "Opens many Socket.IO clients on a server of this machine, publishes numbered notifications,\n"
    "checks that every client gets each of them once and in order, and measures what that costs.\n"
    "Exits 1 when a message was lost, doubled or out of order, 2 on wrong usage.";

void AddClientFlags(CLI::App& app, Options& o) {
  app.add_option("--target", o.target, "Server, on a loopback address")->capture_default_str();
  app.add_option("--path", o.path, "Path of Socket.IO")->capture_default_str();
  app.add_option("-c,--clients", o.clients, "Clients")->capture_default_str();
  app.add_option("--threads", o.threads, "Threads they are shared among")->capture_default_str();
  app.add_option("--connecting", o.connecting, "Handshakes under way at a time, per thread")
      ->capture_default_str();
  app.add_option("--cookie", o.cookie, "Cookie header of each handshake");
  app.add_option("--client-token", o.client_token, "Token in the auth object of each CONNECT");
  app.add_flag("!--no-recovery", o.recovery, "Take no part in connection state recovery");
}

void AddPublishFlags(CLI::App& app, Options& o) {
  const std::map<std::string, PublishWay> ways{
      {"none", PublishWay::kNone}, {"event", PublishWay::kEvent}, {"http", PublishWay::kHttp}};
  const std::map<std::string, Mode> modes{{"rate", Mode::kRate}, {"saturated", Mode::kSaturated}};
  app.add_option("--publish", o.publish,
                 "http: POST /api/notifications; event: a client emits broadcast; none")
      ->transform(CLI::CheckedTransformer(ways).description("{none,event,http}"));
  app.add_option("--token", o.token, "Bearer token of --publish http")
      ->envname("TRACKWIRE_LOAD_TOKEN");
  app.add_option("--publishers", o.publishers, "Publishers")->capture_default_str();
  app.add_option("--mode", o.mode,
                 "rate: so many messages a second; saturated: always --window outstanding")
      ->transform(CLI::CheckedTransformer(modes).description("{rate,saturated}"));
  app.add_option("--rate", o.rate, "Messages a second, all publishers together")
      ->capture_default_str();
  app.add_option("--window", o.window, "Outstanding messages of a publisher when saturated")
      ->capture_default_str();
  app.add_option("--batch", o.batch, "Messages in one request or write, at most")
      ->capture_default_str();
  app.add_option("--payload-bytes", o.payload_bytes, "Size of each notification")
      ->capture_default_str();
  app.add_option("--trackers", o.trackers, "Trackers the notifications are about")
      ->capture_default_str();
  app.add_option("--event", o.event, "Name of the event")->capture_default_str();
}

void AddMeasureFlags(CLI::App& app, Options& o) {
  app.add_option("--warmup", o.warmup, "Seconds before measuring")->capture_default_str();
  app.add_option("--duration", o.duration, "Seconds that are measured")->capture_default_str();
  app.add_option("--count", o.count, "End each phase after so many messages of a publisher; 0: no")
      ->capture_default_str();
  app.add_option("--drain", o.drain, "Seconds to wait for the last deliveries")
      ->capture_default_str();
  app.add_option("--server-pid", o.server_pids, "Process whose CPU and memory to measure")
      ->delimiter(',');
  app.add_option("--memory-at", o.memory_at,
                 "Client counts at which to measure the server's memory, e.g. 1000,9000")
      ->delimiter(',');
  app.add_option("--settle", o.settle, "Seconds of rest before memory is measured")
      ->capture_default_str();
  app.add_flag("--json", o.json, "Print one line of JSON");
}

// Raises the soft limit as far as this user may.
Result<void> AllowFiles(size_t needed) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= needed) return Ok();
  return Err("files", std::to_string(needed) + " open files are needed, the limit is " +
                          std::to_string(limit.rlim_cur) + " (ulimit -Hn)");
}

int Main(int argc, char** argv) {
  Options given;
  CLI::App app(kAbout, "trackwire-load");
  AddClientFlags(app, given);
  AddPublishFlags(app, given);
  AddMeasureFlags(app, given);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  const Result<Options> options = CheckOptions(given);
  if (!options) {
    std::fprintf(stderr, "trackwire-load: %s\n", options.error().detail.c_str());
    return kExitUsage;
  }
  if (const Result<void> allowed = AllowFiles(FilesNeeded(*options)); !allowed) {
    std::fprintf(stderr, "trackwire-load: %s\n", allowed.error().detail.c_str());
    return kExitUsage;
  }
  const RunResult result = RunLoad(*options);
  const std::string report = options->json ? ToJson(*options, result) : ToText(*options, result);
  std::fputs(report.c_str(), stdout);
  return result.is_exact() ? 0 : kExitFailed;
}

}  // namespace
}  // namespace trackwire::bench

int main(int argc, char** argv) { return trackwire::bench::Main(argc, argv); }
