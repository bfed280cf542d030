#include "gateway/provider_read.h"

#include <algorithm>
#include <set>

#include "gateway/provider_keys.h"

namespace trackwire::gateway {
namespace {

constexpr size_t kMaxProviders = 1'000;
constexpr size_t kMaxNameBytes = 64;

Unexpected<Error> Bad(const std::string& source, const std::string& what) {
  return Err("bad_config", source + ": " + what);
}

const ProviderKey* FindKey(std::string_view name) {
  for (const ProviderKey& key : ProviderKeys()) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

/// A table of texts, with tables in it: `attributes.NAME`.
Result<void> ReadTexts(const toml::table& table, const std::string& prefix, const std::string& what,
                       const std::string& file,
                       std::vector<std::pair<std::string, std::string>>& into) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const auto* inner = node.as_table(); inner != nullptr && prefix.empty()) {
      auto read = ReadTexts(*inner, name + ".", what, file, into);
      if (!read) return read;
    } else if (const auto* text = node.as_string()) {
      into.emplace_back(name, text->get());
    } else if (const auto raw = FromToml(node);
               raw && std::holds_alternative<int64_t>(raw->value)) {
      into.emplace_back(name, std::to_string(std::get<int64_t>(raw->value)));
    } else if (raw && std::holds_alternative<double>(raw->value)) {
      into.emplace_back(name, std::to_string(std::get<double>(raw->value)));
    } else {
      return Bad(SourceOf(node, file), what + "." + name + ": must be a text");
    }
  }
  return Ok();
}

bool TakesTable(const std::string& name, const std::string& kind) {
  if (name == "fields") return kind == "http-json";
  return name == "headers" && (kind == "http-json" || kind == "owntracks" || kind == "gtfs-rt");
}

Result<void> ReadKey(const std::string& name, const toml::node& node, const std::string& file,
                     ProviderConfig& provider) {
  const std::string source = SourceOf(node, file);
  const std::string shown = "providers." + name;
  const auto* table = node.as_table();
  if (name == "fields" || name == "headers") {
    if (table == nullptr) return Bad(source, shown + ": must be a table");
    if (!TakesTable(name, provider.kind)) {
      return Bad(source, shown + ": does nothing with kind \"" + provider.kind + "\"");
    }
    provider.sources[name] = source;
    return ReadTexts(*table, "", shown, file,
                     name == "fields" ? provider.fields : provider.headers);
  }
  const ProviderKey* key = FindKey(name);
  if (key == nullptr) return Bad(source, "there is no key " + shown);
  if (!key->Fits(provider.kind)) {
    return Bad(source, shown + ": does nothing with kind \"" + provider.kind + "\"");
  }
  const auto raw = FromToml(node);
  if (!raw) return Bad(source, shown + ": a value of this type does not fit");
  if (auto failure = key->set(provider, *raw)) return Bad(source, shown + ": " + *failure);
  provider.sources[name] = source;
  return Ok();
}

bool IsName(const std::string& name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == ':';
  });
  return plain && !name.empty() && name.size() <= kMaxNameBytes && name != "push";
}

Result<void> CheckName(ProviderConfig& provider) {
  if (!IsName(provider.name)) {
    return Bad(provider.source,
               "providers.name: every provider needs a name of at most 64 letters, digits and - _ "
               ". : other than push");
  }
  if (provider.is_replay() && provider.name.rfind("replay:", 0) != 0) {
    provider.name.insert(0, "replay:");
  }
  return Ok();
}

Result<void> CheckSource(const ProviderConfig& provider) {
  if (provider.is_replay()) {
    if (provider.file.empty()) return Bad(provider.source, "providers.file: a replay needs one");
    return Ok();
  }
  if (provider.url.empty() && (provider.kind != "http-json" || provider.url_one.empty())) {
    return Bad(provider.source, "providers.url: " + provider.name + " needs one");
  }
  const int ways = (provider.token.empty() ? 0 : 1) + (provider.token_env.empty() ? 0 : 1) +
                   (provider.token_file.empty() ? 0 : 1);
  if (ways > 1) {
    return Bad(provider.source,
               "providers.token: only one of token, token_env and token_file counts");
  }
  if (ways == 0 && provider.kind == "traccar") {
    return Bad(provider.source, "providers.token: traccar needs token, token_env or token_file");
  }
  if (ways == 0 && !provider.token_header.empty()) {
    return Bad(provider.source, "providers.token_header: does nothing without a token");
  }
  if (!provider.client_name.empty() && !provider.client) {
    return Bad(provider.source, "providers.client_name: does nothing without client");
  }
  if (provider.register_unknown) return Ok();
  for (const char* key : {"register_ids", "client", "public", "category", "offline_after_s",
                          "max_trackers"}) {
    const auto found = provider.sources.find(key);
    if (found == provider.sources.end()) continue;
    return Bad(found->second, std::string("providers.") + key + ": does nothing without register");
  }
  return Ok();
}

Result<ProviderConfig> ReadProvider(const toml::table& table, const std::string& source,
                                    const std::string& file) {
  ProviderConfig provider;
  provider.source = source;
  // First, because the other keys depend on it.
  const auto kind = table["kind"].value<std::string>();
  if (!kind || !IsProviderKind(*kind)) {
    return Bad(source, "providers.kind: must be one of " + ProviderKinds());
  }
  provider.kind = *kind;
  for (const auto& [key, node] : table) {
    auto read = ReadKey(std::string(key.str()), node, file, provider);
    if (!read) return Err(read.error());
  }
  if (auto checked = CheckName(provider); !checked) return Err(checked.error());
  if (auto checked = CheckSource(provider); !checked) return Err(checked.error());
  return provider;
}

std::string TableText(const ProviderConfig& provider, const std::string& name) {
  std::string out;
  const auto& pairs = name == "fields" ? provider.fields : provider.headers;
  for (const auto& [key, value] : pairs) {
    out += (out.empty() ? "" : ", ") + key + (name == "fields" ? " = " + value : "");
  }
  return out;
}

/// A URL without what may be a secret in it.
std::string ShownUrl(std::string url) {
  if (const size_t query = url.find_first_of("?#"); query != std::string::npos) {
    url.replace(query, std::string::npos, "?...");
  }
  const size_t scheme = url.find("://");
  const size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  const size_t end = std::min(url.find('/', begin), url.size());
  const size_t at = url.rfind('@', end);
  if (at != std::string::npos && at >= begin && at < end) url.replace(begin, at - begin, "...");
  return url;
}

std::string Shown(const ProviderKey& key, const ProviderConfig& provider) {
  const std::string value = key.get(provider);
  if (value.empty()) return "(empty)";
  if (key.secret) return "(set, not shown)";
  return key.name == "url" || key.name == "url_one" ? ShownUrl(value) : value;
}

}  // namespace

std::optional<RawValue> FromToml(const toml::node& node) {
  RawValue raw;
  raw.typed = true;
  if (const auto* text = node.as_string()) {
    raw.value = text->get();
  } else if (const auto* integer = node.as_integer()) {
    raw.value = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    raw.value = number->get();
  } else if (const auto* flag = node.as_boolean()) {
    raw.value = flag->get();
  } else if (const auto* array = node.as_array()) {
    std::vector<std::string> items;
    for (const toml::node& item : *array) {
      const auto* element = item.as_string();
      if (element == nullptr) return std::nullopt;
      items.push_back(element->get());
    }
    raw.value = std::move(items);
  } else {
    return std::nullopt;
  }
  return raw;
}

std::string SourceOf(const toml::node& node, const std::string& file) {
  return file + ":" + std::to_string(node.source().begin.line);
}

Result<void> ReadProviders(const toml::node& node, const std::string& file,
                           std::vector<ProviderConfig>& into) {
  const auto* array = node.as_array();
  const bool tables = array != nullptr && std::all_of(array->begin(), array->end(), [](auto& one) {
                        return one.is_table();
                      });
  if (!tables) return Bad(SourceOf(node, file), "providers: must be tables, each [[providers]]");
  if (array->size() > kMaxProviders) return Bad(SourceOf(node, file), "providers: too many");
  std::set<std::string> names;
  for (const toml::node& one : *array) {
    auto provider = ReadProvider(*one.as_table(), SourceOf(one, file), file);
    if (!provider) return Err(provider.error());
    if (!names.insert(provider->name).second) {
      return Bad(provider->source, "providers.name: there are two of " + provider->name);
    }
    into.push_back(std::move(*provider));
  }
  return Ok();
}

std::string ExplainProviders(const std::vector<ProviderConfig>& providers) {
  std::string out;
  for (const ProviderConfig& provider : providers) {
    out += "[[providers]]  [" + provider.source + "]\n";
    for (const ProviderKey& key : ProviderKeys()) {
      if (!key.Fits(provider.kind)) continue;
      const auto source = provider.sources.find(key.name);
      out += "    " + key.name + " = " + Shown(key, provider) + "  [" +
             (source == provider.sources.end() ? "default" : source->second) + "]\n";
    }
    for (const char* table : {"headers", "fields"}) {
      if (provider.sources.count(table) == 0) continue;
      out += std::string("    ") + table + ": " + TableText(provider, table) + "\n";
    }
  }
  return out;
}

std::string ProviderReference() {
  const ProviderConfig defaults;
  std::string out = "| key | kinds | default | value | meaning |\n|---|---|---|---|---|\n";
  for (const ProviderKey& key : ProviderKeys()) {
    const std::string value = key.get(defaults);
    std::string kinds;
    for (const char c : key.kinds) kinds += c == ' ' ? (kinds.empty() ? "" : ", ") : std::string(1, c);
    if (kinds.size() > 2) kinds.resize(kinds.size() - 2);
    out += "| `" + key.name + "` | " + (kinds.empty() ? "all" : kinds) + " | " +
           (value.empty() ? "empty" : "`" + value + "`") + " | " + key.type + " | " + key.help +
           " |\n";
  }
  return out;
}

}  // namespace trackwire::gateway
