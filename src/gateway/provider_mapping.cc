#include "gateway/provider_mapping.h"

#include <charconv>
#include <map>
#include <optional>

namespace trackwire::gateway {
namespace {

using formats::JsonMapping;

const std::map<std::string, std::string JsonMapping::*>& TextFields() {
  static const std::map<std::string, std::string JsonMapping::*> fields = {
      {"items", &JsonMapping::items},         {"id", &JsonMapping::id},
      {"name", &JsonMapping::name},           {"category", &JsonMapping::category},
      {"latitude", &JsonMapping::latitude},   {"longitude", &JsonMapping::longitude},
      {"point", &JsonMapping::point},         {"time", &JsonMapping::time},
      {"time_pattern", &JsonMapping::time_pattern},
      {"now", &JsonMapping::now},             {"altitude", &JsonMapping::altitude},
      {"accuracy", &JsonMapping::accuracy},   {"speed", &JsonMapping::speed},
      {"course", &JsonMapping::course},       {"heading", &JsonMapping::heading},
      {"battery", &JsonMapping::battery},     {"valid", &JsonMapping::valid},
  };
  return fields;
}

template <typename T>
bool Put(std::optional<T> value, T& into) {
  if (value) into = *value;
  return value.has_value();
}

template <typename T>
bool PutNumber(const std::string& text, T& into) {
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, into);
  return read.ec == std::errc() && read.ptr == end;
}

/// False when the value does not fit; nothing when there is no such field.
std::optional<bool> SetWord(JsonMapping& mapping, const std::string& field,
                            const std::string& value) {
  if (field == "point_form") return Put(formats::PointFormOf(value), mapping.point_form);
  if (field == "time_form") return Put(formats::TimeFormOf(value), mapping.time_form);
  if (field == "altitude_unit") return Put(formats::LengthUnitOf(value), mapping.altitude_unit);
  if (field == "accuracy_unit") return Put(formats::LengthUnitOf(value), mapping.accuracy_unit);
  if (field == "speed_unit") return Put(formats::SpeedUnitOf(value), mapping.speed_unit);
  if (field == "time_zone_minutes") return PutNumber(value, mapping.time_zone_minutes);
  if (field == "battery_scale") return PutNumber(value, mapping.battery_scale);
  return std::nullopt;
}

Unexpected<Error> Bad(const ProviderConfig& provider, const char* table, const std::string& what) {
  const auto found = provider.sources.find(table);
  return Err("bad_config", (found == provider.sources.end() ? provider.source : found->second) +
                               ": providers." + what);
}

}  // namespace

Result<JsonMapping> MappingOf(const ProviderConfig& provider) {
  JsonMapping mapping;
  if (!provider.preset.empty()) {
    auto preset = formats::JsonMappingPreset(provider.preset);
    if (!preset) {
      return Bad(provider, "preset",
                 "preset: must be readsb, overland, ais-catcher or home-assistant");
    }
    mapping = std::move(*preset);
  }
  constexpr std::string_view kAttribute = "attributes.";
  for (const auto& [field, value] : provider.fields) {
    if (field.rfind(kAttribute, 0) == 0) {
      mapping.attributes.emplace_back(field.substr(kAttribute.size()), value);
      continue;
    }
    const auto text = TextFields().find(field);
    if (text != TextFields().end()) {
      mapping.*(text->second) = value;
      continue;
    }
    const auto word = SetWord(mapping, field, value);
    if (!word) return Bad(provider, "fields", "fields." + field + ": there is no such field");
    if (!*word) return Bad(provider, "fields", "fields." + field + ": \"" + value + "\" is none");
  }
  if (!provider.unknown.empty()) mapping.unknown = provider.unknown;
  if (!provider.filter.empty()) mapping.filter = provider.filter;
  return mapping;
}

}  // namespace trackwire::gateway
