#pragma once

#include "base/result.h"
#include "formats/json_mapping.h"
#include "gateway/provider_config.h"

namespace trackwire::gateway {

/// Where in a source's answers things are: its preset, with what `fields` says instead. Errors:
/// `bad_config`, naming line and key.
Result<formats::JsonMapping> MappingOf(const ProviderConfig& provider);

}  // namespace trackwire::gateway
