#include "load/options.h"

#include <algorithm>

#include "load/notification.h"

namespace trackwire::bench {
namespace {

constexpr size_t kMaxClients = 1'000'000;
constexpr size_t kMaxThreads = 64;
constexpr size_t kMaxPublishers = 64;
constexpr size_t kMaxWindow = 65'536;
constexpr size_t kMaxPayloadBytes = 65'536;
constexpr size_t kMaxTrackers = 1'000'000;
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

}  // namespace

Result<Options> CheckOptions(Options options) {
  for (const auto check : {CheckRanges, CheckTexts, CheckTogether}) {
    if (Result<void> checked = check(options); !checked) return Err(checked.error());
  }
  Result<LoopbackAddress> address = ParseLoopback(options.target);
  if (!address) return Wrong("--target: " + address.error().detail);
  options.address = *address;
  return options;
}

size_t FilesNeeded(const Options& options) {
  const size_t http = options.publish == PublishWay::kHttp ? options.publishers : 0;
  return options.clients + http + 2 * options.threads + kSpareFiles;
}

}  // namespace trackwire::bench
