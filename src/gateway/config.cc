#include "gateway/config.h"

#include <toml++/toml.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "gateway/config_keys.h"
#include "gateway/geocoder_read.h"
#include "gateway/provider_read.h"
#include "store/store_url.h"

namespace trackwire::gateway {
namespace {

constexpr size_t kMaxConfigBytes = 1'000'000;
constexpr std::string_view kPrefix = "TRACKWIRE_";

Unexpected<Error> Bad(std::string detail) { return Err("bad_config", std::move(detail)); }

Result<void> Set(Config& config, const std::string& name, const RawValue& value,
                 const std::string& source) {
  const ConfigKey* key = FindConfigKey(name);
  if (key == nullptr) {
    const std::string nearest = NearestConfigKey(name);
    return Bad(source + ": there is no key " + name +
               (nearest.empty() ? std::string() : "; did you mean " + nearest + "?"));
  }
  if (auto failure = key->set(config, value)) {
    return Bad(source + ": " + name + ": " + *failure);
  }
  config.sources[name] = source;
  return Ok();
}

Result<void> ApplyTable(Config& config, const toml::table& table, const std::string& prefix,
                        const std::string& file) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    const std::string source = SourceOf(node, file);
    if (name == "providers") {
      if (auto read = ReadProviders(node, file, config.providers); !read) return read;
      continue;
    }
    if (name == "geocoders") {
      if (auto read = ReadGeocoders(node, file, config.geocoders); !read) return read;
      continue;
    }
    if (const auto* inner = node.as_table()) {
      auto applied = ApplyTable(config, *inner, name + ".", file);
      if (!applied) return applied;
      continue;
    }
    auto raw = FromToml(node);
    if (!raw) return Bad(source + ": " + name + ": a value of this type fits no key");
    auto set = Set(config, name, *raw, source);
    if (!set) return set;
  }
  return Ok();
}

Result<std::string> ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Bad(path + ": the configuration file cannot be read");
  std::string text(kMaxConfigBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (file.bad()) return Bad(path + ": the configuration file cannot be read");
  if (text.size() > kMaxConfigBytes) return Bad(path + ": larger than a configuration can be");
  return text;
}

Result<void> ApplyFile(Config& config, const std::string& path) {
  auto text = ReadWhole(path);
  if (!text) return Err(text.error());
  try {
    const toml::table table = toml::parse(*text, path);
    return ApplyTable(config, table, "", path);
  } catch (const toml::parse_error& error) {
    return Bad(path + ":" + std::to_string(error.source().begin.line) + ": " +
               std::string(error.description()));
  }
}

Result<void> ApplyEnvironment(Config& config,
                              const std::map<std::string, std::string>& environment) {
  for (const ConfigKey& key : ConfigKeys()) {
    const auto found = environment.find(key.VariableName());
    if (found == environment.end()) continue;
    auto set = Set(config, key.name, RawValue{found->second, false}, found->first);
    if (!set) return set;
  }
  return Ok();
}

Result<void> ApplyOverrides(Config& config, const std::vector<Override>& overrides) {
  for (const Override& item : overrides) {
    auto set = Set(config, item.key, RawValue{item.value, false}, item.source);
    if (!set) return set;
  }
  return Ok();
}

std::string Directory(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
}

/// Ends in a slash, or is empty.
std::string DataDirectory(const Config& config) {
  if (config.data_dir.empty()) return Directory(DatabasePath(config));
  return config.data_dir.ends_with('/') ? config.data_dir : config.data_dir + "/";
}

}  // namespace

Result<Config> LoadConfig(const ConfigSources& sources) {
  Config config;
  auto done = ApplyOverrides(config, sources.presets);
  if (done && !sources.file.empty()) done = ApplyFile(config, sources.file);
  if (done) done = ApplyEnvironment(config, sources.environment);
  if (done) done = ApplyOverrides(config, sources.flags);
  if (!done) return Err(done.error());
  if (auto failure = CheckTogether(config)) return Err(*failure);
  return config;
}

std::map<std::string, std::string> TrackwireEnvironment() {
  std::map<std::string, std::string> out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos || text.substr(0, kPrefix.size()) != kPrefix) continue;
    out[std::string(text.substr(0, equals))] = std::string(text.substr(equals + 1));
  }
  return out;
}

std::vector<std::string> UnknownVariables(const std::map<std::string, std::string>& environment) {
  std::vector<std::string> unknown;
  for (const auto& [name, value] : environment) {
    if (name.substr(0, kPrefix.size()) != kPrefix || name == "TRACKWIRE_CONFIG") continue;
    bool known = false;
    for (const ConfigKey& key : ConfigKeys()) known = known || key.VariableName() == name;
    if (!known) unknown.push_back(name);
  }
  return unknown;
}

std::string Config::listen_host() const { return ParseHostPort(listen)->host; }
uint16_t Config::listen_port() const { return ParseHostPort(listen)->port; }

base::LogLevel LogLevelOf(const Config& config) {
  if (config.log_level == "debug") return base::LogLevel::kDebug;
  if (config.log_level == "warn") return base::LogLevel::kWarn;
  if (config.log_level == "error") return base::LogLevel::kError;
  if (config.log_level == "off") return base::LogLevel::kOff;
  return base::LogLevel::kInfo;
}

base::LogFormat LogFormatOf(const Config& config) {
  return config.log_format == "json" ? base::LogFormat::kJson : base::LogFormat::kText;
}

std::string DatabasePath(const Config& config) {
  const auto path = store::SqlitePath(config.database_url);
  return path && *path != ":memory:" ? *path : std::string();
}

std::string JournalPath(const Config& config) {
  const bool postgres = store::IsPostgresUrl(config.database_url);
  const std::string path = postgres ? "trackwire.db" : DatabasePath(config);
  if (path.empty()) return ":memory:";
  std::string name = path.substr(Directory(path).size());
  const std::string ending = ".db";
  if (name.size() > ending.size() && name.ends_with(ending)) {
    name.resize(name.size() - ending.size());
  }
  return DataDirectory(config) + name + "-journal.db";
}

std::string SecretPath(const Config& config) { return DataDirectory(config) + "trackwire.secret"; }

std::string DescribeStore(const Config& config) {
  if (store::IsPostgresUrl(config.database_url)) {
    constexpr std::string_view kScheme = "postgresql://";
    return "PostgreSQL " + store::DescribeUrl(config.database_url).substr(kScheme.size());
  }
  const std::string path = DatabasePath(config);
  return "SQLite " + (path.empty() ? "in memory" : path);
}

}  // namespace trackwire::gateway
