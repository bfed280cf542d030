#include "gateway/provider_options.h"

#include <cstdlib>
#include <fstream>
#include <set>

#include "base/text.h"
#include "gateway/provider_mapping.h"
#include "gateway/replay_config.h"

namespace trackwire::gateway {
namespace {

constexpr size_t kMaxTokenBytes = 16'384;
/// In the place of a token where only the rest is checked.
constexpr const char* kAnyToken = "token";

Unexpected<Error> Bad(const ProviderConfig& provider, const std::string& key,
                      const std::string& what) {
  const auto found = provider.sources.find(key);
  return Err("bad_config", (found == provider.sources.end() ? provider.source : found->second) +
                               ": providers." + key + ": " + what);
}

std::chrono::milliseconds Millis(double seconds) {
  return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
}

Result<std::string> ReadToken(const ProviderConfig& provider) {
  std::ifstream file(provider.token_file, std::ios::binary);
  std::string text(kMaxTokenBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (!file.is_open() || file.bad()) return Bad(provider, "token_file", "cannot be read");
  if (text.size() > kMaxTokenBytes) return Bad(provider, "token_file", "is too long for a token");
  std::string token(base::Trim(text));
  if (token.empty()) return Bad(provider, "token_file", "is empty");
  return token;
}

fetcher::RequestHeaders HeadersOf(const ProviderConfig& provider, const std::string& token) {
  fetcher::RequestHeaders headers = provider.headers;
  if (token.empty()) return headers;
  if (provider.token_header.empty()) {
    headers.emplace_back("Authorization", "Bearer " + token);
  } else {
    headers.emplace_back(provider.token_header, token);
  }
  return headers;
}

fetcher::HttpJsonOptions JsonOptionsOf(const ProviderConfig& provider, const std::string& token,
                                       formats::JsonMapping mapping) {
  fetcher::HttpJsonOptions options;
  options.url = provider.url;
  options.url_one = provider.url_one;
  options.method = provider.method;
  options.headers = HeadersOf(provider, token);
  options.body = provider.body;
  options.body_type = provider.body_type;
  options.next_page = provider.next_page;
  options.page_parameter = provider.page_parameter;
  options.max_pages = static_cast<size_t>(provider.max_pages);
  options.mapping = std::move(mapping);
  return options;
}

/// The key that a detail such as `mapping.latitude: …` is about.
std::string KeyIn(const std::string& detail) {
  const std::string key = detail.substr(0, detail.find_first_of(":. "));
  return key == "mapping" ? "fields" : key;
}

}  // namespace

fetcher::RunnerOptions RunnerOptionsOf(const ProviderConfig& provider) {
  fetcher::RunnerOptions options;
  options.provider = provider.name;
  options.interval = Millis(provider.interval_s);
  options.jitter = provider.jitter;
  options.timeout = std::chrono::milliseconds(provider.timeout_ms);
  options.concurrency = static_cast<size_t>(provider.concurrency);
  options.requests_per_second = provider.requests_per_second;
  options.retries = static_cast<uint32_t>(provider.retries);
  options.breaker_failures = static_cast<uint32_t>(provider.breaker_failures);
  options.breaker_open = Millis(provider.breaker_open_s);
  options.register_unknown = provider.register_unknown;
  options.opaque_ids = provider.register_ids == "opaque";
  options.client = provider.client;
  options.client_name = provider.client_name;
  options.is_public = provider.is_public;
  options.category = provider.category;
  options.offline_after = std::chrono::seconds(provider.offline_after_s);
  options.max_trackers = static_cast<size_t>(provider.max_trackers);
  return options;
}

Result<fetcher::ConnectorOptions> ConnectorOptionsOf(const ProviderConfig& provider,
                                                     const std::string& token,
                                                     const Clock& clock) {
  fetcher::ConnectorOptions options;
  if (provider.kind == "http-json") {
    auto mapping = MappingOf(provider);
    if (!mapping) return Err(mapping.error());
    options.kind = JsonOptionsOf(provider, token, std::move(*mapping));
  } else if (provider.kind == "traccar") {
    options.kind = fetcher::TraccarOptions{provider.url, token};
  } else if (provider.kind == "owntracks") {
    options.kind = fetcher::OwntracksOptions{provider.url, HeadersOf(provider, token)};
  } else {
    options.kind = fetcher::GtfsRtOptions{provider.url, HeadersOf(provider, token)};
  }
  options.allow_private = provider.allow_private;
  options.max_answer_bytes = static_cast<size_t>(provider.max_answer_bytes);
  options.ca_file = provider.ca_file;
  options.clock = &clock;
  if (auto checked = fetcher::CheckConnectorOptions(options); !checked) {
    return Bad(provider, KeyIn(checked.error().detail), checked.error().detail);
  }
  return options;
}

Result<std::string> TokenOf(const ProviderConfig& provider) {
  if (!provider.token_file.empty()) return ReadToken(provider);
  if (provider.token_env.empty()) return provider.token;
  const char* value = std::getenv(provider.token_env.c_str());
  if (value == nullptr || *value == '\0') {
    return Bad(provider, "token_env", "the environment has no " + provider.token_env);
  }
  return std::string(value);
}

Result<fetcher::ReplayOptions> ReplayOptionsOf(const ProviderConfig& provider) {
  Config config;
  config.replay_file = provider.file;
  if (!provider.preset.empty()) config.replay_preset = provider.preset;
  config.replay_columns = provider.columns;
  config.replay_speed = provider.speed;
  config.replay_loop = provider.loop;
  config.replay_lead_in_s = provider.lead_in_s;
  config.replay_public = provider.is_public;
  auto options = ReplayOptionsOf(config);
  if (!options) {
    return Bad(provider, provider.columns.empty() ? "preset" : "columns",
               options.error().detail);
  }
  options->instance = provider.name.substr(std::string("replay:").size());
  options->offline_after = std::chrono::seconds(provider.offline_after_s);
  return options;
}

std::optional<Error> CheckProviders(const Config& config) {
  std::set<std::string> names;
  if (!config.replay_file.empty()) {
    if (auto replay = ReplayOptionsOf(config)) names.insert("replay:" + replay->instance);
  }
  for (const ProviderConfig& provider : config.providers) {
    if (names.contains(provider.name)) {
      return Bad(provider, "name", "replay.file has this name already").error;
    }
    if (provider.is_replay()) {
      if (auto options = ReplayOptionsOf(provider); !options) return options.error();
    } else if (auto options = ConnectorOptionsOf(provider, kAnyToken, Clock::System()); !options) {
      return options.error();
    }
  }
  return std::nullopt;
}

}  // namespace trackwire::gateway
