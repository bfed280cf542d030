#include "gateway/open_broker.h"

#include "broker/embedded/embedded_broker.h"
#include "broker/redis/redis_url.h"

namespace trackwire::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Result<std::unique_ptr<broker::Broker>> OpenRedis(const Config& config, const std::string& name,
                                                  net::Loop& loop, const Clock& clock) {
  auto options = RedisOptionsOf(config, name);
  if (!options) return Err(options.error());
  auto opened = broker::OpenRedisBroker(std::move(*options), loop, clock);
  if (opened) return opened;
  if (opened.error().code != "bad_prefix") return opened;
  return Err("bad_config", "redis.prefix: " + opened.error().detail);
}

}  // namespace

Result<broker::RedisBrokerOptions> RedisOptionsOf(const Config& config, std::string name) {
  auto target = broker::ParseRedisUrl(config.redis_url);
  if (!target) return Err("bad_config", target.error().detail);
  target->tls_ca_file = config.redis_tls_ca_file;
  target->tls_cert_file = config.redis_tls_cert_file;
  target->tls_key_file = config.redis_tls_key_file;
  target->tls_verify = config.redis_tls_verify;
  broker::RedisBrokerOptions options;
  options.link.target = std::move(*target);
  options.link.name = std::move(name);
  options.link.connect_timeout = milliseconds(config.redis_connect_timeout_ms);
  options.link.reply_timeout = milliseconds(config.redis_reply_timeout_ms);
  if (!config.redis_prefix.empty()) options.prefix = config.redis_prefix;
  options.start_timeout = milliseconds(config.redis_start_timeout_ms);
  options.unavailable_after = milliseconds(config.redis_unavailable_after_ms);
  options.expiry = seconds(config.broker_expiry_s);
  // Somewhat more than intake takes, so that it is intake that says why one is refused.
  constexpr int64_t kMargin = 100'000;
  options.max_incoming_bytes = static_cast<size_t>(config.limits_max_payload_bytes + kMargin);
  return options;
}

Result<std::unique_ptr<broker::Broker>> OpenBroker(const Config& config, const std::string& name,
                                                   net::Loop& loop, const Clock& clock) {
  if (config.shares_redis()) return OpenRedis(config, name, loop, clock);
  broker::EmbeddedOptions options;
  options.path = JournalPath(config);
  options.expiry = seconds(config.broker_expiry_s);
  options.session_grace = seconds(config.recovery_window_s);
  auto opened = broker::OpenEmbeddedBroker(options, loop, clock);
  if (!opened) return Err(opened.error().code, JournalPath(config) + ": " + opened.error().detail);
  return opened;
}

std::string DescribeBroker(const Config& config) {
  const std::string kept = ", kept for " + std::to_string(config.broker_expiry_s) + " s";
  if (!config.shares_redis()) return "embedded, journal " + JournalPath(config) + kept;
  auto target = broker::ParseRedisUrl(config.redis_url);
  return "Redis " + (target ? target->ToString() : std::string()) + kept;
}

}  // namespace trackwire::gateway
