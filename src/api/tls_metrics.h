#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "net/shard.h"

namespace trackwire::api {

/// How the certificate of the port does.
struct TlsSample {
  WallTime not_after{};
  uint64_t reloads_changed = 0;
  uint64_t reloads_unchanged = 0;
  uint64_t reloads_failed = 0;
};

/// The Prometheus text of it and of what shards counted of TLS.
std::string TlsMetricsText(const TlsSample& sample, const net::ShardCounters& net);

}  // namespace trackwire::api
