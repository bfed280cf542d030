// How a gateway takes part in forwarding.
#include <algorithm>
#include <chrono>

#include "gateway/parts.h"

namespace trackwire::gateway {
namespace {

using std::chrono::milliseconds;

net::http::Upstreams::Options UpstreamOptions(const Config& config, size_t shards) {
  // Somebody who polls hears at least a ping in this time, and a WebSocket carries one.
  const milliseconds silence(config.heartbeat_interval_ms + config.heartbeat_timeout_ms);
  constexpr milliseconds kMargin{5'000};
  net::http::Upstreams::Options options;
  const auto count = static_cast<int64_t>(shards);
  options.max_open = static_cast<uint32_t>((config.limits_max_forwarded + count - 1) / count);
  // A notification for everybody answers all polls at once, and all come back at once.
  options.max_idle = options.max_open;
  // Two of the kernel's retries: where many connect at once some are dropped at first.
  options.connect_timeout = milliseconds(5'000);
  options.answer_timeout = silence + kMargin;
  options.relay.idle_timeout = silence + kMargin;
  options.relay.end_timeout = milliseconds(config.limits_stall_timeout_ms);
  options.max_answer_bytes =
      static_cast<size_t>(config.limits_max_backlog_bytes + 2 * config.limits_max_payload_bytes);
  return options;
}

}  // namespace

Result<void> Gateway::Parts::MakeForwarding() {
  auto place = FindInternalPlace(config);
  if (!place) return Err(place.error());
  if (!*place) return Ok();
  forwarding = std::make_unique<Forwarding>(std::move(**place), ShardList(),
                                            UpstreamOptions(config, shards.size()));
  return Ok();
}

Result<void> Gateway::Parts::StartForwarding() {
  if (forwarding == nullptr) return Ok();
  net::http::ServerOptions options;
  options.head_timeout = milliseconds(config.limits_head_timeout_ms);
  options.body_timeout = milliseconds(config.limits_stall_timeout_ms);
  options.min_bytes_per_second = static_cast<size_t>(config.limits_min_bytes_per_second);
  options.compress = config.http_compression;
  return forwarding->Start("/socket.io/", sockets->handler(), std::move(options), control,
                           broker->pub_sub());
}

}  // namespace trackwire::gateway
