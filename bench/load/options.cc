#include "load/options.h"

#include <algorithm>
#include <fstream>

#include "load/notification.h"

namespace trackwire::bench {
namespace {

constexpr size_t kMaxClients = 1'000'000;
constexpr size_t kMaxThreads = 64;
constexpr size_t kMaxPublishers = 64;
constexpr size_t kMaxWindow = 65'536;
constexpr size_t kMaxPayloadBytes = 65'536;
constexpr size_t kMaxTrackers = 1'000'000;
constexpr size_t kMaxRooms = 10'000;
constexpr double kMaxBoxDegrees = 120;
constexpr uint64_t kMaxMissed = 10'000;
constexpr size_t kMaxTargets = 64;
constexpr size_t kMaxUnixPath = 107;
constexpr std::string_view kUnix = "unix://";
constexpr std::string_view kHttps = "https://";
constexpr double kMaxRate = 10'000'000;
constexpr double kMaxSeconds = 3600;
// Event loops, timers, standard streams, probes of /proc.
constexpr size_t kSpareFiles = 32;

Unexpected<Error> Wrong(std::string detail) { return Err("bad_option", std::move(detail)); }

template <typename T>
Result<void> InRange(const char* flag, T value, T least, T most) {
  if (value >= least && value <= most) return Ok();
  // The whole part says enough, also of a rate.
  return Wrong(std::string(flag) + " must lie between " +
               std::to_string(static_cast<uint64_t>(least)) + " and " +
               std::to_string(static_cast<uint64_t>(most)));
}

Result<void> CheckRanges(const Options& o) {
  const Result<void> checks[] = {
      InRange<size_t>("--clients", o.clients, 1, kMaxClients),
      InRange<size_t>("--threads", o.threads, 1, kMaxThreads),
      InRange<size_t>("--connecting", o.connecting, 1, kMaxClients),
      InRange<size_t>("--publishers", o.publishers, 1, kMaxPublishers),
      InRange<size_t>("--window", o.window, 1, kMaxWindow),
      InRange<size_t>("--batch", o.batch, 1, o.window),
      InRange<size_t>("--payload-bytes", o.payload_bytes, NotificationWriter::kMinBytes,
                      kMaxPayloadBytes),
      InRange<size_t>("--trackers", o.trackers, 1, kMaxTrackers),
      InRange<size_t>("--rooms", o.rooms, 0, kMaxRooms),
      InRange<double>("--box-degrees", o.box_degrees, 0, kMaxBoxDegrees),
      InRange<uint64_t>("--missed", o.missed, 0, kMaxMissed),
      InRange<double>("--warmup", o.warmup, 0, kMaxSeconds),
      InRange<double>("--duration", o.duration, 0, kMaxSeconds),
      InRange<double>("--drain", o.drain, 0, kMaxSeconds),
      InRange<double>("--settle", o.settle, 0, kMaxSeconds),
  };
  for (const Result<void>& check : checks) {
    if (!check) return check;
  }
  if (!(o.rate > 0) || o.rate > kMaxRate) return Wrong("--rate must lie above 0, at most 10000000");
  return Ok();
}

bool IsHeaderSafe(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c != 127; });
}

bool IsEventName(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == ':';
  });
}

Result<void> CheckTexts(const Options& o) {
  if (!IsHeaderSafe(o.cookie)) return Wrong("--cookie holds control characters");
  if (!IsHeaderSafe(o.token)) return Wrong("--token holds control characters");
  const bool path_ok = !o.path.empty() && o.path[0] == '/' && IsHeaderSafe(o.path) &&
                       o.path.find(' ') == std::string::npos &&
                       o.path.find('?') == std::string::npos;
  if (!path_ok) return Wrong("--path must begin with / and hold neither spaces nor a query");
  if (o.client_token.find_first_of("\"\\") != std::string::npos || !IsHeaderSafe(o.client_token)) {
    return Wrong("--client-token holds characters that no token has");
  }
  if (!IsEventName(o.event)) return Wrong("--event is not a plain event name");
  return Ok();
}

Result<void> CheckStorm(const Options& o) {
  if (o.returning > 0 && !o.storm) return Wrong("--returning needs --storm");
  if (o.missed > 0 && !o.storm) return Wrong("--missed needs --storm");
  if (o.missed > 0 && o.publish != PublishWay::kHttp && o.publish != PublishWay::kRedis) {
    return Wrong("--missed needs --publish http or redis: clients that are away publish nothing");
  }
  if (o.missed > o.window && o.mode == Mode::kSaturated) {
    return Wrong("--missed may not be above --window");
  }
  if (o.missed > 0 && !o.recovery) return Wrong("--missed needs recovery");
  if (o.storm && (o.subscribes() || o.stalled > 0)) {
    return Wrong("--storm goes with neither subscriptions nor --stalled");
  }
  return Ok();
}

Result<void> CheckTogether(const Options& o) {
  if (o.threads > o.clients) return Wrong("--threads may not exceed --clients");
  if (o.publish == PublishWay::kEvent && o.publishers > o.clients) {
    return Wrong("--publishers may not exceed --clients: with --publish event, clients publish");
  }
  if (o.publish == PublishWay::kHttp && o.token.empty()) {
    return Wrong("--publish http needs --token or TRACKWIRE_LOAD_TOKEN");
  }
  if (o.trackers < o.window && o.mode == Mode::kSaturated) {
    return Wrong(
        "--trackers may not be below --window: a server may drop the older of two "
        "outstanding positions of one tracker");
  }
  if (o.publish == PublishWay::kRedis && o.redis.empty()) {
    return Wrong("--publish redis needs --redis");
  }
  if (o.stalled >= o.clients) return Wrong("--stalled must leave clients that read");
  if (o.box_degrees > 0 && o.mode == Mode::kSaturated && o.publish != PublishWay::kNone) {
    return Wrong("--box-degrees needs --mode rate: nobody gets everything");
  }
  if (o.box_degrees > 0 && o.rooms > 0) return Wrong("--rooms and --box-degrees exclude each other");
  if (o.rooms > 0 && o.rooms < o.trackers) {
    return Wrong("--rooms may not be below --trackers: clients must subscribe to all of them");
  }
  return CheckStorm(o);
}

Result<void> CheckMemory(const Options& o) {
  if (!std::is_sorted(o.memory_at.begin(), o.memory_at.end())) {
    return Wrong("--memory-at must rise");
  }
  if (!o.memory_at.empty() && (o.memory_at.front() == 0 || o.memory_at.back() > o.clients)) {
    return Wrong("--memory-at must lie between 1 and --clients");
  }
  if (!o.memory_at.empty() && o.server_pids.empty()) {
    return Wrong("--memory-at needs --server-pid");
  }
  return Ok();
}

Result<void> ResolveTargets(Options& o) {
  size_t secure = 0;
  for (size_t at = 0; at <= o.target.size();) {
    const size_t end = std::min(o.target.find(',', at), o.target.size());
    std::string one = o.target.substr(at, end - at);
    at = end + 1;
    if (one.compare(0, kHttps.size(), kHttps) == 0) {
      ++secure;
      one.erase(0, kHttps.size());
    }
    Result<LoopbackAddress> address = ParseLoopback(one);
    if (!address) return Wrong("--target: " + address.error().detail);
    o.addresses.push_back(*address);
  }
  if (o.addresses.size() > kMaxTargets) return Wrong("--target names too many servers");
  if (secure != 0 && secure != o.addresses.size()) {
    return Wrong("--target: all servers or none must be https");
  }
  o.address = o.addresses.front();
  if (secure > 0) o.tls = MakeClientContext();
  return Ok();
}

Result<void> ReadCookies(Options& o) {
  if (!o.cookie.empty()) o.cookies.push_back(o.cookie);
  if (o.cookie_file.empty()) return Ok();
  if (!o.cookie.empty()) return Wrong("--cookie and --cookies exclude each other");
  std::ifstream file(o.cookie_file);
  for (std::string line; std::getline(file, line) && o.cookies.size() < kMaxClients;) {
    if (line.empty() || !IsHeaderSafe(line)) return Wrong("--cookies: a line that is no cookie");
    o.cookies.push_back(std::move(line));
  }
  if (o.cookies.empty()) return Wrong("--cookies: " + o.cookie_file + " has no lines");
  return Ok();
}

Result<void> ResolveRedis(Options& o) {
  if (o.redis.empty()) return Ok();
  if (o.redis.compare(0, kUnix.size(), kUnix) == 0) {
    o.redis_path = o.redis.substr(kUnix.size());
    if (!o.redis_path.empty() && o.redis_path.size() <= kMaxUnixPath) return Ok();
    return Wrong("--redis: a socket's path has 1 to 107 bytes");
  }
  Result<LoopbackAddress> address = ParseLoopback(o.redis);
  if (!address) return Wrong("--redis: " + address.error().detail);
  o.redis_address = *address;
  return Ok();
}

}  // namespace

Result<Options> CheckOptions(Options options) {
  for (const auto check : {CheckRanges, CheckTexts, CheckTogether, CheckMemory}) {
    if (Result<void> checked = check(options); !checked) return Err(checked.error());
  }
  for (const auto resolve : {ResolveTargets, ResolveRedis, ReadCookies}) {
    if (Result<void> resolved = resolve(options); !resolved) return Err(resolved.error());
  }
  return options;
}

size_t FilesNeeded(const Options& options) {
  const bool sinks = options.publish == PublishWay::kHttp || options.publish == PublishWay::kRedis;
  return options.clients + (sinks ? options.publishers : 0) + 2 * options.threads + kSpareFiles;
}

}  // namespace trackwire::bench
