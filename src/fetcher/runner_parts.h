#pragma once

#include <chrono>
#include <string>

#include "fetcher/connector_runner.h"

namespace trackwire::fetcher {

/// What is asked for by schedule: one tracker, or all of them.
struct ConnectorRunner::Target {
  explicit Target(ConnectorRunner& owner);

  ConnectorRunner& runner;
  bool all = false;
  std::string key;          ///< tracker id as JSON
  std::string external_id;
  std::chrono::milliseconds interval{0};  ///< 0: the provider's
  uint32_t attempt = 0;     ///< failures since the last success or interval
  bool ready = false;       ///< waits to be sent
  bool in_flight = false;
  bool gone = false;
  Steady::time_point due{};
  net::Timer timer;
};

/// What somebody waits for.
struct ConnectorRunner::Demand {
  Demand(ConnectorRunner& owner, ingest::UpdateRequest what, Done then);

  ConnectorRunner& runner;
  ingest::UpdateRequest request;
  Done done;                ///< empty: it has been called
  std::string external_id;
  uint32_t attempt = 0;
  std::string reason = "timeout";  ///< why it fails at its deadline
  Steady::time_point deadline{};
  std::chrono::milliseconds provider_time{0};
  net::Timer deadline_timer;
  net::Timer retry_timer;
};

/// Whether asking again soon may help.
bool IsTransient(const std::string& code);
/// Whether it says nothing about the source as a whole: it has answered.
bool IsAnswer(const std::string& code);
/// What a requester is told about the code of a FetchError.
std::string ReasonOf(const std::string& code);

}  // namespace trackwire::fetcher
