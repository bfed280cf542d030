#include "gateway/geocoder_read.h"

#include <algorithm>
#include <set>

#include "gateway/config.h"
#include "gateway/geocoder_keys.h"
#include "gateway/provider_read.h"
#include "outbound/http_client.h"
#include "outbound/url.h"

namespace trackwire::gateway {
namespace {

constexpr size_t kMaxGeocoders = 32;
constexpr size_t kMaxNameBytes = 64;
constexpr size_t kMaxEmailBytes = 254;

Unexpected<Error> Bad(const std::string& source, const std::string& what) {
  return Err("bad_config", source + ": " + what);
}

std::string SourceOf(const GeocoderConfig& geocoder, const std::string& key) {
  const auto found = geocoder.sources.find(key);
  return found == geocoder.sources.end() ? geocoder.source : found->second;
}

Result<void> ReadKey(const std::string& name, const toml::node& node, const std::string& file,
                     GeocoderConfig& geocoder) {
  const std::string source = gateway::SourceOf(node, file);
  const auto& keys = GeocoderKeys();
  const auto key = std::find_if(keys.begin(), keys.end(),
                                [&](const GeocoderKey& one) { return one.name == name; });
  if (key == keys.end()) return Bad(source, "there is no key geocoders." + name);
  const auto raw = FromToml(node);
  if (!raw) return Bad(source, "geocoders." + name + ": a value of this type does not fit");
  if (auto failure = key->set(geocoder, *raw)) {
    return Bad(source, "geocoders." + name + ": " + *failure);
  }
  geocoder.sources[name] = source;
  return Ok();
}

bool IsName(const std::string& name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == ':';
  });
  return plain && !name.empty() && name.size() <= kMaxNameBytes && name != kOfflineGeocoder;
}

/// Looks no further than a mail program would before it asks the server.
bool IsEmail(const std::string& text) {
  const size_t at = text.find('@');
  return at != std::string::npos && at > 0 && at + 1 < text.size() &&
         text.size() <= kMaxEmailBytes && text.find('@', at + 1) == std::string::npos &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > ' ' && c < 127; });
}

Result<void> CheckUrl(const GeocoderConfig& geocoder) {
  const std::string source = SourceOf(geocoder, "url");
  if (geocoder.url.empty()) return Bad(source, "geocoders.url: " + geocoder.name + " needs one");
  if (auto checked = outbound::CheckUrl(geocoder.url); !checked) {
    return Bad(source, "geocoders.url: " + checked.error().detail);
  }
  const std::string path = geocoder.url.substr(0, geocoder.url.find('?'));
  if (path.ends_with("/reverse") || path.ends_with("/reverse/")) {
    return Bad(source, "geocoders.url: leave out /reverse, which is added");
  }
  return Ok();
}

Result<void> CheckGeocoder(const GeocoderConfig& geocoder) {
  if (geocoder.kind != "nominatim" && geocoder.kind != "photon") {
    return Bad(SourceOf(geocoder, "kind"), "geocoders.kind: must be one of nominatim, photon");
  }
  if (!IsName(geocoder.name)) {
    return Bad(SourceOf(geocoder, "name"),
               "geocoders.name: every geocoder needs a name of at most 64 letters, digits and - _ "
               ". : other than offline");
  }
  if (auto checked = CheckUrl(geocoder); !checked) return checked;
  if (geocoder.email.empty()) return Ok();
  if (geocoder.kind != "nominatim") {
    return Bad(SourceOf(geocoder, "email"), "geocoders.email: only a nominatim server is told it");
  }
  if (!IsEmail(geocoder.email)) {
    return Bad(SourceOf(geocoder, "email"), "geocoders.email: is no e-mail address");
  }
  return Ok();
}

Result<GeocoderConfig> ReadGeocoder(const toml::table& table, const std::string& source,
                                    const std::string& file) {
  GeocoderConfig geocoder;
  geocoder.source = source;
  for (const auto& [key, node] : table) {
    auto read = ReadKey(std::string(key.str()), node, file, geocoder);
    if (!read) return Err(read.error());
  }
  if (auto checked = CheckGeocoder(geocoder); !checked) return Err(checked.error());
  return geocoder;
}

std::string Shown(const GeocoderKey& key, const GeocoderConfig& geocoder) {
  const std::string value = key.get(geocoder);
  if (value.empty()) return "(empty)";
  if (key.name == "email") return "(set, not shown)";
  return key.name == "url" ? outbound::RedactedUrl(value) : value;
}

}  // namespace

Result<void> ReadGeocoders(const toml::node& node, const std::string& file,
                           std::vector<GeocoderConfig>& into) {
  const std::string source = gateway::SourceOf(node, file);
  const auto* array = node.as_array();
  const bool tables = array != nullptr && std::all_of(array->begin(), array->end(),
                                                      [](auto& one) { return one.is_table(); });
  if (!tables) return Bad(source, "geocoders: must be tables, each [[geocoders]]");
  if (array->size() > kMaxGeocoders) return Bad(source, "geocoders: too many");
  std::set<std::string> names;
  for (const toml::node& one : *array) {
    auto geocoder = ReadGeocoder(*one.as_table(), gateway::SourceOf(one, file), file);
    if (!geocoder) return Err(geocoder.error());
    if (!names.insert(geocoder->name).second) {
      return Bad(geocoder->source, "geocoders.name: there are two of " + geocoder->name);
    }
    into.push_back(std::move(*geocoder));
  }
  return Ok();
}

std::string ExplainGeocoders(const std::vector<GeocoderConfig>& geocoders) {
  std::string out;
  for (const GeocoderConfig& geocoder : geocoders) {
    out += "[[geocoders]]  [" + geocoder.source + "]\n";
    for (const GeocoderKey& key : GeocoderKeys()) {
      const auto source = geocoder.sources.find(key.name);
      out += "    " + key.name + " = " + Shown(key, geocoder) + "  [" +
             (source == geocoder.sources.end() ? "default" : source->second) + "]\n";
    }
  }
  return out;
}

std::string GeocoderReference() {
  const GeocoderConfig defaults;
  std::string out = "| key | default | value | meaning |\n|---|---|---|---|\n";
  for (const GeocoderKey& key : GeocoderKeys()) {
    const std::string value = key.get(defaults);
    out += "| `" + key.name + "` | " + (value.empty() ? "empty" : "`" + value + "`") + " | " +
           key.type + " | " + key.help + " |\n";
  }
  return out;
}

}  // namespace trackwire::gateway
