#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/config_keys.h"
#include "geocoding/geocoding_desk.h"
#include "geocoding/online_geocoder.h"
#include "outbound/http_client.h"

namespace trackwire::gateway {

/// Addresses.
std::vector<ConfigKey> GeocodingKeys();
/// What goes beyond one key: names that nobody has, policies of public servers.
std::optional<Error> CheckGeocodingTogether(const Config& config);

/// How the desk works by the configuration.
geocoding::GeocodingDesk::Options DeskOptionsOf(const Config& config);
geocoding::OnlineOptions OnlineOptionsOf(const Config& config, const GeocoderConfig& geocoder);
/// How those servers are asked: who we say we are, and how many connections there may be.
outbound::HttpClientOptions GeocodingHttpOptionsOf(const Config& config);

/// Whether the offline index is to be opened: as a provider, or for provisional answers.
bool WantsOfflineIndex(const Config& config);
/// The geocoders in `geocoding.providers`, in its order, without the offline index.
std::vector<const GeocoderConfig*> OnlineGeocodersOf(const Config& config);

}  // namespace trackwire::gateway
