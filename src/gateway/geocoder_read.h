#pragma once

#include <toml++/toml.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "gateway/geocoder_config.h"

namespace trackwire::gateway {

/// Reads `[[geocoders]]`. Errors: `bad_config`, naming line and key.
Result<void> ReadGeocoders(const toml::node& node, const std::string& file,
                           std::vector<GeocoderConfig>& into);

/// What `check-config` shows of the geocoders; of the e-mail address only that there is one.
std::string ExplainGeocoders(const std::vector<GeocoderConfig>& geocoders);

}  // namespace trackwire::gateway
