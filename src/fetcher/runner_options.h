#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "outbound/circuit_breaker.h"
#include "tracking/tracker.h"

namespace trackwire::fetcher {

/// How a source is asked: when, how often, and what is done with what it does not know.
struct RunnerOptions {
  std::string provider;                      ///< its name; `source` of its positions
  std::chrono::milliseconds interval{30'000};  ///< unless a tracker has one of its own
  double jitter = 0.1;                       ///< by which part of itself an interval may differ
  std::chrono::milliseconds timeout{10'000};  ///< of one request
  size_t concurrency = 4;                    ///< requests at a time
  double requests_per_second = 10;
  uint32_t retries = 2;                      ///< of one request, after its first failure
  std::chrono::milliseconds backoff{500};    ///< before the first retry at most; doubles
  std::chrono::milliseconds max_backoff{30'000};
  uint32_t breaker_failures = 5;
  std::chrono::milliseconds breaker_open{30'000};

  bool register_unknown = false;  ///< trackers that it names and nobody knows are made
  /// Their ids tell nothing of its own names for them; else they hold these.
  bool opaque_ids = true;
  std::optional<tracking::Id> client;  ///< of those
  std::string client_name;        ///< to make that client, too; empty: it is there
  bool is_public = false;
  std::string category;
  std::chrono::seconds offline_after{600};
  size_t max_trackers = 100'000;

  uint64_t seed = 0;  ///< of what is left to chance; 0: a new one
};

/// What a runner has done.
struct RunnerCounters {
  uint64_t fetched = 0;
  uint64_t unchanged = 0;
  std::map<std::string, uint64_t> errors;  ///< by the codes of FetchError
  uint64_t retries = 0;
  uint64_t limited = 0;     ///< times that the rate made something wait
  uint64_t opened = 0;      ///< times that the breaker opened
  uint64_t fixes = 0;       ///< handed to the intake
  uint64_t unknown = 0;     ///< reports of trackers that nobody knows
  uint64_t registered = 0;  ///< trackers made
  uint64_t bad = 0;         ///< entries that could not be read
  uint64_t demands = 0;     ///< asked for by people
  outbound::CircuitBreaker::State breaker = outbound::CircuitBreaker::State::kClosed;
  bool listening = false;
  size_t trackers = 0;
  size_t in_flight = 0;
};

}  // namespace trackwire::fetcher
