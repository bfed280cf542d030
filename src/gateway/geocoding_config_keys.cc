#include "gateway/geocoding_config_keys.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "gateway/config_fields.h"
#include "gateway/version.h"

namespace trackwire::gateway {
namespace {

using Failure = std::optional<std::string>;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// The server of the OpenStreetMap Foundation, which serves everybody and says how it may be used.
constexpr std::string_view kPublicNominatim = "nominatim.openstreetmap.org";
constexpr size_t kMaxUserAgentBytes = 200;

Failure CheckProviderNames(const std::vector<std::string>& names) {
  if (names.empty()) return "must name at least one, such as offline";
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (!seen.insert(name).second) return "names \"" + name + "\" twice";
  }
  return std::nullopt;
}

Failure CheckLanguage(const std::string& text) {
  if (geocoding::CheckPlace(0, 0, text, "en") && !text.empty()) return std::nullopt;
  return "must be a language tag such as en or pt-BR";
}

Failure CheckUserAgent(const std::string& text) {
  const bool printable =
      std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= ' ' && c < 127; });
  if (printable && text.size() <= kMaxUserAgentBytes) return std::nullopt;
  return "must be at most 200 printable ASCII characters";
}

std::string HostOf(const std::string& url) {
  const size_t scheme = url.find("://");
  const size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  std::string authority = url.substr(begin, url.find_first_of("/?#", begin) - begin);
  if (const size_t at = authority.rfind('@'); at != std::string::npos) authority.erase(0, at + 1);
  if (const size_t colon = authority.rfind(':'); colon != std::string::npos) {
    authority.resize(colon);
  }
  while (authority.ends_with('.')) authority.pop_back();
  return authority;
}

bool IsPublicNominatim(const GeocoderConfig& geocoder) {
  return base::EqualsIgnoreCase(HostOf(geocoder.url), kPublicNominatim);
}

Error Bad(const GeocoderConfig& geocoder, const std::string& key, const std::string& what) {
  const auto found = geocoder.sources.find(key);
  return {"bad_config", (found == geocoder.sources.end() ? geocoder.source : found->second) +
                            ": geocoders." + key + ": " + what};
}

std::optional<Error> CheckPolicy(const Config& config, const GeocoderConfig& geocoder) {
  if (!IsPublicNominatim(geocoder)) return std::nullopt;
  if (!(geocoder.requests_per_second > 0 && geocoder.requests_per_second <= 1)) {
    return Bad(geocoder, "requests_per_second",
               "the policy of " + std::string(kPublicNominatim) + " allows one a second");
  }
  if (geocoder.concurrency > 1) {
    return Bad(geocoder, "concurrency",
               "the policy of " + std::string(kPublicNominatim) + " allows one at a time");
  }
  if (!config.geocoding_on_stop) return std::nullopt;
  return Error{"bad_config", "geocoding.on_stop: the policy of " + std::string(kPublicNominatim) +
                                 " forbids requests that no person made; use a server of your own "
                                 "for " +
                                 geocoder.name};
}

milliseconds Millis(double value) { return milliseconds(static_cast<int64_t>(value * 1'000)); }

}  // namespace

std::vector<ConfigKey> GeocodingKeys() {
  return {
      BoolKey("geocoding.enabled", &Config::geocoding_enabled,
              "answer requests for addresses: request_geocoding, /api/geocode and GraphQL"),
      TextKey("geocoding.index", &Config::geocoding_index,
              "the file of the offline index; empty: geocoding.bin beside the program"),
      ListKey("geocoding.providers", &Config::geocoding_providers,
              "who is asked for addresses, one after the other: offline, and names of "
              "[[geocoders]]",
              CheckProviderNames),
      TextKey("geocoding.language", &Config::geocoding_language,
              "language of addresses for who does not say another", CheckLanguage),
      ChoiceKey("geocoding.detail", &Config::geocoding_detail, {"building", "street", "city"},
                "how near two points must be to share an address: about 11 m, 110 m or 1.1 km"),
      IntegerKey("geocoding.ttl_days", &Config::geocoding_ttl_days, 1, 3'650,
                 "days that an address is kept"),
      IntegerKey("geocoding.negative_ttl_s", &Config::geocoding_negative_ttl_s, 1, 31'536'000,
                 "seconds that is kept that a place has no address"),
      IntegerKey("geocoding.stale_days", &Config::geocoding_stale_days, 0, 3'650,
                 "days after its time that an address is still given while it is looked up anew"),
      IntegerKey("geocoding.max_waiting", &Config::geocoding_max_waiting, 1, 1'000'000,
                 "places that wait to be looked up, of all gateways; what is more is refused"),
      IntegerKey("geocoding.max_at_once", &Config::geocoding_max_at_once, 1, 1'000,
                 "places that this gateway looks up at a time"),
      BoolKey("geocoding.provisional", &Config::geocoding_provisional,
              "answer from the offline index at once what has to be looked up elsewhere"),
      IntegerKey("geocoding.patience_s", &Config::geocoding_patience_s, 1, 60,
                 "seconds that a request over HTTP waits for a place that has to be looked up"),
      BoolKey("geocoding.on_stop", &Config::geocoding_on_stop,
              "look up where trackers stop before anybody asks"),
      TextKey("geocoding.user_agent", &Config::geocoding_user_agent,
              "who we say we are to [[geocoders]]; empty: trackwire and its version",
              CheckUserAgent),
  };
}

std::optional<Error> CheckGeocodingTogether(const Config& config) {
  const auto& all = config.geocoders;
  const GeocoderConfig* public_one = nullptr;
  for (const std::string& name : config.geocoding_providers) {
    if (name == kOfflineGeocoder) continue;
    const auto found = std::find_if(all.begin(), all.end(), [&](const GeocoderConfig& geocoder) {
      return geocoder.name == name;
    });
    if (found == all.end()) {
      return Error{"bad_config",
                   "geocoding.providers: there is no [[geocoders]] with the name \"" + name + "\""};
    }
    if (auto error = CheckPolicy(config, *found)) return error;
    if (!IsPublicNominatim(*found)) continue;
    if (public_one != nullptr) {
      return Bad(*found, "url",
                 public_one->name + " asks " + std::string(kPublicNominatim) +
                     " already, and what its policy allows is allowed once");
    }
    public_one = &*found;
  }
  if (config.geocoding_on_stop && OnlineGeocodersOf(config).empty()) {
    return Error{"bad_config",
                 "geocoding.on_stop does nothing without a server in geocoding.providers: the "
                 "offline index answers at once"};
  }
  return std::nullopt;
}

geocoding::GeocodingDesk::Options DeskOptionsOf(const Config& config) {
  geocoding::GeocodingDesk::Options options;
  options.detail = config.geocoding_detail;
  options.decimals = config.geocoding_detail == "building" ? 4
                     : config.geocoding_detail == "street" ? 3
                                                           : 2;
  for (const std::string& name : config.geocoding_providers) {
    options.chain += (options.chain.empty() ? "" : "+") + name;
  }
  options.ttl = std::chrono::hours(24) * config.geocoding_ttl_days;
  options.negative_ttl = seconds(config.geocoding_negative_ttl_s);
  options.stale_for = std::chrono::hours(24) * config.geocoding_stale_days;
  options.max_waiting = static_cast<size_t>(config.geocoding_max_waiting);
  options.max_at_once = static_cast<size_t>(config.geocoding_max_at_once);
  options.provisional = config.geocoding_provisional;
  options.patience = seconds(config.geocoding_patience_s);
  options.language = config.geocoding_language;
  return options;
}

geocoding::OnlineOptions OnlineOptionsOf(const Config& config, const GeocoderConfig& geocoder) {
  geocoding::OnlineOptions options;
  options.name = geocoder.name;
  options.kind = geocoder.kind == "photon" ? geocoding::OnlineKind::kPhoton
                                           : geocoding::OnlineKind::kNominatim;
  options.url = geocoder.url;
  options.email = geocoder.email;
  options.detail = *geocoding::DetailOf(config.geocoding_detail);
  options.requests_per_second = geocoder.requests_per_second;
  options.concurrency = static_cast<uint32_t>(geocoder.concurrency);
  options.timeout = Millis(geocoder.timeout_s);
  options.deadline = std::max(options.deadline, options.timeout);
  options.retries = static_cast<uint32_t>(geocoder.retries);
  options.breaker_failures = static_cast<uint32_t>(geocoder.breaker_failures);
  options.breaker_open_for = Millis(geocoder.breaker_open_s);
  options.max_distance_m = geocoder.max_distance_m;
  options.allow_private = geocoder.allow_private;
  return options;
}

outbound::HttpClientOptions GeocodingHttpOptionsOf(const Config& config) {
  outbound::HttpClientOptions options;
  options.user_agent = config.geocoding_user_agent;
  if (options.user_agent.empty()) options.user_agent = std::string("trackwire/") + Version();
  // What `concurrency` allows must not wait for a connection: its time-out runs meanwhile.
  options.max_connections = 0;
  for (const GeocoderConfig* geocoder : OnlineGeocodersOf(config)) {
    options.max_connections += static_cast<size_t>(geocoder->concurrency);
  }
  // They may all be one server's.
  options.max_per_host = options.max_connections;
  return options;
}

bool WantsOfflineIndex(const Config& config) {
  const auto& names = config.geocoding_providers;
  return config.geocoding_provisional ||
         std::find(names.begin(), names.end(), kOfflineGeocoder) != names.end();
}

std::vector<const GeocoderConfig*> OnlineGeocodersOf(const Config& config) {
  std::vector<const GeocoderConfig*> out;
  for (const std::string& name : config.geocoding_providers) {
    for (const GeocoderConfig& geocoder : config.geocoders) {
      if (geocoder.name == name) out.push_back(&geocoder);
    }
  }
  return out;
}

}  // namespace trackwire::gateway
