#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace trackwire::gateway {

/// One `[[geocoders]]` of the configuration: a server that knows addresses. The members are
/// described by the table in geocoder_keys.cc.
struct GeocoderConfig {
  std::string name;  ///< unique; stands as `provider` in its answers
  std::string kind;  ///< nominatim or photon

  std::string url;
  std::string email;
  double requests_per_second = 1;
  int64_t concurrency = 1;
  double timeout_s = 5;
  int64_t retries = 2;
  int64_t breaker_failures = 5;
  double breaker_open_s = 30;
  double max_distance_m = 1'000;
  bool allow_private = false;

  std::string source;                          ///< where it stands, for people: `trackwire.toml:12`
  std::map<std::string, std::string> sources;  ///< of each key that is set
};

/// The provider that needs no network: no geocoder may be called so.
inline constexpr std::string_view kOfflineGeocoder = "offline";

}  // namespace trackwire::gateway
