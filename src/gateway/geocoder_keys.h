#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gateway/config_keys.h"
#include "gateway/geocoder_config.h"

namespace trackwire::gateway {

/// One thing that can be set of a geocoder.
struct GeocoderKey {
  std::string name;
  std::string type;  ///< for people
  std::string help;
  /// Sets it, or says what is wrong with the value.
  std::function<std::optional<std::string>(GeocoderConfig&, const RawValue&)> set;
  std::function<std::string(const GeocoderConfig&)> get;
};

/// In the order of the documents.
const std::vector<GeocoderKey>& GeocoderKeys();

}  // namespace trackwire::gateway
