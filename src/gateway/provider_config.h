#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tracking/position.h"

namespace trackwire::gateway {

/// One `[[providers]]` of the configuration: a source of positions. The members are described by
/// the table in provider_keys.cc.
struct ProviderConfig {
  std::string name;  ///< unique; stands as `source` in its positions
  std::string kind;  ///< http-json, traccar, owntracks, gtfs-rt or replay

  std::string url;
  std::string url_one;
  std::string method = "GET";
  std::string body;
  std::string body_type = "application/json";
  std::string next_page;
  std::string page_parameter;
  int64_t max_pages = 20;
  std::string token;
  std::string token_env;
  std::string token_file;
  std::string token_header;
  std::vector<std::pair<std::string, std::string>> headers;
  bool allow_private = false;
  std::string ca_file;
  int64_t max_answer_bytes = 8'000'000;
  std::string preset;
  /// Of the mapping, with `attributes.NAME` for what is passed on.
  std::vector<std::pair<std::string, std::string>> fields;
  std::vector<std::string> unknown;
  std::vector<std::string> filter;

  double interval_s = 30;
  double jitter = 0.1;
  int64_t timeout_ms = 10'000;
  int64_t concurrency = 4;
  double requests_per_second = 10;
  int64_t retries = 2;
  int64_t breaker_failures = 5;
  double breaker_open_s = 30;

  bool register_unknown = false;
  std::string register_ids = "opaque";
  std::optional<tracking::Id> client;
  std::string client_name;
  bool is_public = false;
  std::string category;
  int64_t offline_after_s = 600;
  int64_t max_trackers = 100'000;

  std::string file;
  std::vector<std::string> columns;
  double speed = 1;
  bool loop = true;
  int64_t lead_in_s = 0;

  std::string source;  ///< where it stands, for people: `trackwire.toml:12`
  std::map<std::string, std::string> sources;  ///< of each key that is set

  bool is_replay() const { return kind == "replay"; }
};

}  // namespace trackwire::gateway
