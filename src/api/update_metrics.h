#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ingest/broker_update_desk.h"

namespace trackwire::api {

/// How one provider of positions does.
struct ProviderSample {
  std::string name;  ///< as configured
  std::string state;  ///< of its circuit breaker: `closed`, `open`, `half_open`
  uint64_t fetched = 0;    ///< requests that brought something
  uint64_t unchanged = 0;  ///< requests that said that nothing is new
  std::vector<std::pair<std::string, uint64_t>> errors;  ///< by code
  uint64_t retries = 0;
  uint64_t limited = 0;   ///< times that its rate made a request wait
  uint64_t opened = 0;    ///< times that its breaker opened
  uint64_t fixes = 0;     ///< handed to the intake
  uint64_t unknown = 0;   ///< reports of trackers that are not known, refused
  uint64_t bad = 0;       ///< entries of answers that could not be read
  bool listening = false;  ///< its line stands
  uint64_t trackers = 0;
};

/// The Prometheus text of update requests and of providers.
std::string UpdateMetricsText(const ingest::UpdateCounters& updates);
std::string ProviderMetricsText(const std::vector<ProviderSample>& providers);

}  // namespace trackwire::api
