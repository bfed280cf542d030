#include "gateway/redis_config_keys.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "broker/redis/redis_url.h"
#include "gateway/config_fields.h"
#include "gateway/neighbours.h"

namespace trackwire::gateway {
namespace {

using Failure = std::optional<std::string>;

Failure CheckRedis(const std::string& text) {
  if (text.empty()) return std::nullopt;
  auto target = broker::ParseRedisUrl(text);
  if (target) return std::nullopt;
  // Who sets a key says its name.
  const std::string& detail = target.error().detail;
  constexpr std::string_view kName = "redis.url: ";
  return detail.rfind(kName, 0) == 0 ? detail.substr(kName.size()) : detail;
}

/// The URL as it may be shown: without its passwords.
std::string ShownRedis(const std::string& text) {
  if (text.empty()) return {};
  auto target = broker::ParseRedisUrl(text);
  return target ? target->ToString() : "(not a URL)";
}

Failure CheckRedisPrefix(const std::string& text) {
  constexpr size_t kMaxPrefixBytes = 64;
  const bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isgraph(c) != 0 && c != '*' && c != '?' && c != '[' && c != ']' && c != '\\';
  });
  if (plain && text.size() <= kMaxPrefixBytes) return std::nullopt;
  return "must be at most 64 printable characters without spaces, *, ?, [, ] and \\";
}

Failure CheckNeighbours(const std::vector<std::string>& rules) {
  auto read = ParseNeighbours(rules);
  if (read) return std::nullopt;
  return read.error().detail;
}

Failure CheckChannelName(const std::string& text) {
  if (text.empty()) return "must not be empty";
  return CheckRedisPrefix(text);
}

}  // namespace

std::vector<ConfigKey> RedisKeys() {
  return {
      ShownAsKey("redis.url", &Config::redis_url,
                 "the broker that gateways and fetchers share: redis://[user:password@]host:port/db, "
                 "rediss:// (TLS), unix:///path, redis+sentinel://host:port,host:port/name; several "
                 "hosts: a cluster; empty: embedded",
                 CheckRedis, ShownRedis),
      TextKey("redis.prefix", &Config::redis_prefix,
              "stands before every key and channel; empty: {tw}: in a cluster, else nothing",
              CheckRedisPrefix),
      TextKey("redis.tls_ca_file", &Config::redis_tls_ca_file,
              "PEM with the authorities that vouch for Redis; empty: those of the system"),
      TextKey("redis.tls_cert_file", &Config::redis_tls_cert_file,
              "PEM with our certificate, where Redis asks for one"),
      TextKey("redis.tls_key_file", &Config::redis_tls_key_file, "PEM with the key of it"),
      BoolKey("redis.tls_verify", &Config::redis_tls_verify,
              "check the certificate and name of Redis; without it anybody can stand in for it"),
      IntegerKey("redis.connect_timeout_ms", &Config::redis_connect_timeout_ms, 100, 60'000,
                 "milliseconds that connecting to Redis may take"),
      IntegerKey("redis.reply_timeout_ms", &Config::redis_reply_timeout_ms, 100, 600'000,
                 "milliseconds without an answer after which a link to Redis is given up"),
      IntegerKey("redis.start_timeout_ms", &Config::redis_start_timeout_ms, 100, 600'000,
                 "milliseconds that a starting process waits for Redis"),
      IntegerKey("redis.unavailable_after_ms", &Config::redis_unavailable_after_ms, 100, 600'000,
                 "milliseconds that a notification waits for Redis before its publisher is told"),
  };
}

std::vector<ConfigKey> NeighbourKeys() {
  return {
      ListKey("neighbours.adapters", &Config::neighbours_adapters,
              "namespaces shared with other Socket.IO servers on the same Redis, as /chat=classic "
              "(@socket.io/redis-adapter), /live=streams (@socket.io/redis-streams-adapter), "
              "/py=python (python-socketio); what they send passes no audience",
              CheckNeighbours),
      TextKey("neighbours.prefix", &Config::neighbours_prefix,
              "their channels' prefix (classic) and stream's name (streams)", CheckChannelName),
      TextKey("neighbours.python_channel", &Config::neighbours_python_channel,
              "the channel of their python-socketio managers", CheckChannelName),
  };
}

std::optional<Error> CheckRedisTogether(const Config& config) {
  const auto bad = [](std::string detail) { return Error{"bad_config", std::move(detail)}; };
  for (const ConfigKey& key : RedisKeys()) {
    if (key.name != "redis.url" && !config.shares_redis() && config.sources.count(key.name) > 0) {
      return bad(key.name + " does nothing without redis.url");
    }
  }
  if (!config.neighbours_adapters.empty() && !config.shares_redis()) {
    return bad("neighbours.adapters needs redis.url, where the neighbours are");
  }
  for (const char* key : {"neighbours.prefix", "neighbours.python_channel"}) {
    if (config.neighbours_adapters.empty() && config.sources.count(key) > 0) {
      return bad(std::string(key) + " does nothing without neighbours.adapters");
    }
  }
  if (!config.shares_redis()) return std::nullopt;
  auto target = broker::ParseRedisUrl(config.redis_url);
  if (!target) return bad(target.error().detail);
  for (const char* key : {"redis.tls_ca_file", "redis.tls_cert_file", "redis.tls_key_file",
                          "redis.tls_verify"}) {
    if (!target->tls && config.sources.count(key) > 0) {
      return bad(std::string(key) + " does nothing without TLS: write rediss:// in redis.url");
    }
  }
  if (config.redis_tls_cert_file.empty() != config.redis_tls_key_file.empty()) {
    return bad("redis.tls_cert_file and redis.tls_key_file belong together");
  }
  return std::nullopt;
}

}  // namespace trackwire::gateway
