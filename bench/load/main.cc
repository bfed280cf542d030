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
    "\n"
    "A run has phases: all clients connect (--memory-at: in steps, with a rest after each); messages\n"
    "flow for --warmup, then for --duration, which is measured, until all have arrived; with --storm\n"
    "all connections break and come back. Without --publish the clients only answer heartbeats for\n"
    "--duration. Exits 1 when a message was lost, doubled or out of order, 2 on wrong usage.\n"
    "\n"
    "  trackwire-load --target http://127.0.0.1:8080 -c 1000 --publish http --token TOKEN --rate 10";

void AddClientFlags(CLI::App& app, Options& o) {
  app.option_defaults()->group("Clients");
  app.add_option("--target", o.target,
                 "Server, on a loopback address, http or https (any certificate will do); several "
                 "with commas between share the clients")
      ->capture_default_str();
  app.add_option("--path", o.path, "Path of Socket.IO")->capture_default_str();
  app.add_option("-c,--clients", o.clients, "Clients")->capture_default_str();
  app.add_option("--threads", o.threads, "Threads they are shared among")->capture_default_str();
  app.add_option("--connecting", o.connecting, "Handshakes under way at a time, per thread")
      ->capture_default_str();
  app.add_option("--cookie", o.cookie, "Cookie header of each handshake");
  app.add_option("--cookies", o.cookie_file,
                 "File of cookies, one a line, that clients take in turn");
  app.add_option("--client-token", o.client_token, "Token in the auth object of each CONNECT");
  app.add_option("--stalled", o.stalled,
                 "So many of the clients stop reading when publishing begins, and don't count");
  app.add_option("--box-degrees", o.box_degrees,
                 "Each client subscribes to a box of this size somewhere on the map, and must get "
                 "what happens there and nothing else; trackers are spread over the map");
  app.add_option("--rooms", o.rooms,
                 "Each client subscribes to so many trackers: all of --trackers and more");
  app.add_flag("!--no-recovery", o.recovery, "Take no part in connection state recovery");
}

void AddPublishFlags(CLI::App& app, Options& o) {
  app.option_defaults()->group("Messages");
  const std::map<std::string, PublishWay> ways{
      {"none", PublishWay::kNone},
                                               {"event", PublishWay::kEvent},
                                               {"http", PublishWay::kHttp},
                                               {"redis", PublishWay::kRedis}};
  const std::map<std::string, RedisWay> redis_ways{{"channel", RedisWay::kChannel},
                                                   {"inbox", RedisWay::kInbox}};
  const std::map<std::string, Mode> modes{{"rate", Mode::kRate}, {"saturated", Mode::kSaturated}};
  app.add_option("--publish", o.publish,
                 "http: POST /api/notifications; event: a client emits broadcast; redis: into the "
                 "Redis the server listens to; none: clients only sit there")
      ->transform(CLI::CheckedTransformer(ways).description("{none,event,http,redis}"));
  app.add_option("--redis", o.redis, "Redis of --publish redis: unix:///PATH or 127.0.0.1:PORT");
  app.add_option("--redis-way", o.redis_way, "Its channel or its inbox")
      ->transform(CLI::CheckedTransformer(redis_ways).description("{channel,inbox}"));
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
  app.option_defaults()->group("Measuring");
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
  app.add_flag("--storm", o.storm,
               "After the measured phase all connections break, and all clients come back at once");
  app.add_option("--returning", o.returning,
                 "Handshakes under way at a time when they come back, per thread; 0: all");
  app.add_option("--missed", o.missed,
                 "Messages of each publisher while they are away, which recovery must bring them");
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
