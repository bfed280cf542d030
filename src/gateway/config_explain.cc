#include "gateway/config.h"
#include "gateway/config_keys.h"
#include "gateway/geocoder_read.h"
#include "gateway/provider_read.h"

namespace trackwire::gateway {
namespace {

std::string Shown(const ConfigKey& key, const Config& config) {
  const std::string value = key.get(config);
  if (value.empty()) return "(empty)";
  return key.secret ? "(set, not shown)" : value;
}

std::string SourceOf(const ConfigKey& key, const Config& config) {
  const auto found = config.sources.find(key.name);
  return found == config.sources.end() ? "default" : found->second;
}

/// A text as it may stand in a Markdown table, where a bar ends the cell, in code too.
std::string Cell(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::string ExplainConfig(const Config& config) {
  std::string out;
  for (const ConfigKey& key : ConfigKeys()) {
    out += key.name + " = " + Shown(key, config) + "  [" + SourceOf(key, config) + "]\n";
    out += "    " + key.help + "\n";
    out += "    " + key.type + "; " + key.VariableName() + "\n";
  }
  return out + ExplainProviders(config.providers) + ExplainGeocoders(config.geocoders);
}

std::string ConfigReference() {
  const Config defaults;
  std::string out = "| key | environment | default | value | meaning |\n|---|---|---|---|---|\n";
  for (const ConfigKey& key : ConfigKeys()) {
    const std::string value = key.get(defaults);
    out += "| `" + key.name + "` | `" + key.VariableName() + "` | " +
           (value.empty() ? std::string("empty") : "`" + Cell(value) + "`") + " | " +
           Cell(key.type) + " | " + Cell(key.help) + " |\n";
  }
  return out;
}

}  // namespace trackwire::gateway
