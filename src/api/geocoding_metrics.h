#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/metrics.h"

namespace trackwire::api {

/// How one provider of addresses in the network does: see geocoding::OnlineCounters.
struct GeocoderSample {
  std::string name;   ///< as configured
  std::string state;  ///< of its circuit breaker: `closed`, `open`, `half_open`
  uint64_t requests = 0;
  uint64_t found = 0;
  uint64_t not_found = 0;
  uint64_t rate_limited = 0;
  uint64_t unavailable = 0;
  uint64_t retries = 0;
  uint64_t opened = 0;
};

/// What became of requests for addresses: see geocoding::GeocodingCounters and
/// notify::GeocodingEventCounters.
struct GeocodingSample {
  uint64_t requests = 0;
  uint64_t offline = 0;
  uint64_t provisional = 0;
  uint64_t hits = 0;
  uint64_t stale = 0;
  uint64_t misses = 0;
  uint64_t joined = 0;
  uint64_t queue_full = 0;
  uint64_t lookups = 0;
  uint64_t found = 0;
  uint64_t not_found = 0;
  uint64_t failed = 0;
  uint64_t dropped = 0;
  uint64_t automatic = 0;
  uint64_t stops_dropped = 0;  ///< places where something stopped, that were left out
  uint64_t waiting = 0;        ///< places, in the whole deployment
  uint64_t event_answered = 0;
  uint64_t event_queued = 0;
  uint64_t event_invalid = 0;
  uint64_t event_rate_limited = 0;
  uint64_t event_refused = 0;
  uint64_t index_bytes = 0;  ///< none: the offline index is not there
  base::LatencyHistogram lookup;
  std::vector<GeocoderSample> providers;
};

/// The Prometheus text of it.
std::string GeocodingMetricsText(const GeocodingSample& sample);

}  // namespace trackwire::api
