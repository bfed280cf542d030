#include "gateway/config_keys.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>

#include "auth/claims.h"
#include "auth/key_set.h"
#include "auth/origin.h"
#include "gateway/config_fields.h"
#include "gateway/forward_config_keys.h"
#include "gateway/geocoding_config_keys.h"
#include "gateway/graphql_config_keys.h"
#include "gateway/limit_config_keys.h"
#include "gateway/ingest_config_keys.h"
#include "gateway/login_config_keys.h"
#include "gateway/rate_config_keys.h"
#include "gateway/provider_options.h"
#include "gateway/redis_config_keys.h"
#include "gateway/session_config_keys.h"
#include "gateway/subscription_config_keys.h"
#include "gateway/tls_config_keys.h"
#include "gateway/token_keys.h"
#include "gateway/update_config_keys.h"
#include "gateway/visibility_config_keys.h"
#include "store/store_url.h"

namespace trackwire::gateway {
namespace {

using Failure = std::optional<std::string>;

Failure CheckListen(const std::string& text) {
  if (ParseHostPort(text)) return std::nullopt;
  return "must be HOST:PORT with a port of 0 to 65535, such as 127.0.0.1:8080 or [::1]:8080";
}

Failure CheckDatabase(const std::string& text) {
  auto checked = store::CheckUrl(text);
  if (checked) return std::nullopt;
  // Who sets a key says its name.
  const std::string& detail = checked.error().detail;
  constexpr std::string_view kName = "database.url ";
  return detail.rfind(kName, 0) == 0 ? detail.substr(kName.size()) : detail;
}

Failure CheckAlgorithms(const std::vector<std::string>& names) {
  if (names.empty()) return "must name at least one algorithm";
  for (const std::string& name : names) {
    if (!auth::ParseAlgorithm(name)) {
      return "\"" + name + "\" is not one of " + auth::AlgorithmNames();
    }
  }
  return std::nullopt;
}

Failure CheckClaim(const std::string& text) {
  if (auth::ClaimPath::IsValid(text)) return std::nullopt;
  return "must be the name of a claim, or names with dots between, such as realm_access.roles";
}

Failure CheckCookie(const std::string& text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
  });
  if (plain) return std::nullopt;
  return "must be a cookie's name of letters, digits, _, - and .";
}

Failure CheckOrigins(const std::vector<std::string>& origins) {
  auto list = auth::OriginList::Parse(origins);
  if (list) return std::nullopt;
  return list.error().detail;
}

Failure CheckColumns(const std::vector<std::string>& columns) {
  for (const std::string& column : columns) {
    const size_t equals = column.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == column.size()) {
      return "\"" + column + "\" is not of the form field=Column";
    }
  }
  return std::nullopt;
}

std::vector<ConfigKey> ServerKeys() {
  return {
      TextKey("listen", &Config::listen, "address and port to serve on; port 0 takes a free one",
              CheckListen),
      IntegerKey("threads", &Config::threads, 0, 64,
                 "shards, each a thread that serves its own connections; 0: one a core"),
      ShownAsKey("database.url", &Config::database_url,
                 "the store: sqlite:///absolute/path, sqlite:relative.db or "
                 "postgresql://user:password@host/database (shown without user and password)",
                 CheckDatabase, store::DescribeUrl),
      TextKey("data.dir", &Config::data_dir,
              "directory of the embedded broker's journal and of trackwire.secret; empty: beside the "
              "SQLite file, with PostgreSQL the working directory"),
      TextKey("web.root", &Config::web_root,
              "directory of the web page; empty: `web` beside the program"),
      TextKey("web.client_files", &Config::web_client_files,
              "directory of socket.io.min.js and its like, served below /socket.io/; empty: "
              "`socket.io-client` beside the program; none: not served"),
      BoolKey("http.compression", &Config::http_compression,
              "pack answers of 1,024 bytes and more for clients that take them so; files of the "
              "page are packed in any case"),
      ChoiceKey("log.level", &Config::log_level, {"debug", "info", "warn", "error", "off"},
                "the least important lines that are written to standard error"),
      ChoiceKey("log.format", &Config::log_format, {"text", "json"}, "the form of log lines"),
  };
}

std::vector<ConfigKey> AccessKeys() {
  return {
      SecretKeyRow("auth.jwt_secret", &Config::auth_jwt_secret,
                   "verifies tokens by HMAC; empty, and no other key given: a random one in "
                   "trackwire.secret"),
      TextKey("auth.public_key", &Config::auth_public_key,
              "a PEM file with the public key or certificate that verifies tokens"),
      ShownAsKey("auth.jwks", &Config::auth_jwks,
                 "a key set that verifies tokens: a file, or an https URL, asked again when it is old "
                 "or lacks a key",
                 CheckJwksPlace, ShownJwksPlace),
      ListKey("auth.algorithms", &Config::auth_algorithms,
              "the algorithms that count, each for keys of its own kind alone", CheckAlgorithms),
      TextKey("auth.issuer", &Config::auth_issuer, "what `iss` of every token must be; empty: any"),
      TextKey("auth.audience", &Config::auth_audience,
              "what must be in `aud` of every token; empty: any"),
      IntegerKey("auth.leeway_s", &Config::auth_leeway_s, 0, 300,
                 "seconds by which the issuer's clock may differ"),
      TextKey("auth.roles_claim", &Config::auth_roles_claim,
              "the claim that lists roles; dots lead into objects", CheckClaim),
      TextKey("auth.clients_claim", &Config::auth_clients_claim,
              "the claim that lists ids of clients", CheckClaim),
      TextKey("auth.permissions_claim", &Config::auth_permissions_claim,
              "the claim that lists permissions, or a text of them such as scope", CheckClaim),
      BoolKey("auth.require_auth", &Config::auth_require_auth,
              "refuse who has no valid token instead of treating them as anonymous"),
      TextKey("auth.cookie", &Config::auth_cookie, "the cookie that may hold a token", CheckCookie),
      ListKey("cors.origins", &Config::cors_origins,
              "other sites whose pages may connect: https://example.org, https://*.example.org, "
              "http://localhost:*, or * (then without cookies)",
              CheckOrigins),
  };
}

std::vector<ConfigKey> DeliveryKeys() {
  return {
      BoolKey("recovery.enabled", &Config::recovery_enabled,
              "let clients that come back have what they missed"),
      IntegerKey("recovery.window_s", &Config::recovery_window_s, 1, 86'400,
                 "seconds a client may stay away and still get what it missed"),
      ListKey("recovery.plain_agents", &Config::recovery_plain_agents,
              "user agents, by a part of their name, that get no offset as last argument"),
      IntegerKey("broker.expiry_s", &Config::broker_expiry_s, 60, 604'800,
                 "seconds that notifications and their ids are kept"),
      IntegerKey("history.retention_days", &Config::history_retention_days, 0, 36'500,
                 "days that positions are kept in the store; 0: for ever"),
      IntegerKey("heartbeat.interval_ms", &Config::heartbeat_interval_ms, 100, 600'000,
                 "milliseconds between pings to a client"),
      IntegerKey("heartbeat.timeout_ms", &Config::heartbeat_timeout_ms, 100, 600'000,
                 "milliseconds a client may take to answer one"),
      IntegerKey("limits.max_payload_bytes", &Config::limits_max_payload_bytes, 1'000, 100'000'000,
                 "largest message from a client and largest body of a request"),
      IntegerKey("limits.conflate_above_bytes", &Config::limits_conflate_above_bytes, 0,
                 1'000'000'000,
                 "unsent bytes of one client above which a tracker's newer position replaces the "
                 "older"),
      IntegerKey("limits.max_backlog_bytes", &Config::limits_max_backlog_bytes, 10'000,
                 1'000'000'000, "unsent bytes of one client above which it is disconnected"),
      IntegerKey("limits.max_connections", &Config::limits_max_connections, 1, 10'000'000,
                 "connections at a time, shared out among the shards; never more than the system "
                 "allows files"),
      IntegerKey("drain.notice_ms", &Config::drain_notice_ms, 0, 600'000,
                 "milliseconds for which a stopping server says that it is not ready, and still "
                 "serves everybody, before it closes anything"),
      IntegerKey("drain.per_second", &Config::drain_per_second, 0, 1'000'000,
                 "connections closed a second and shard when the server stops; 0: all at once"),
      IntegerKey("drain.limit_s", &Config::drain_limit_s, 1, 600,
                 "seconds after which a stopping server ends in any case"),
  };
}

std::vector<ConfigKey> ReplayKeys() {
  return {
      TextKey("replay.file", &Config::replay_file,
              "a recorded file, plain or gzip, to play as if it happened now"),
      ChoiceKey("replay.format", &Config::replay_format, {"auto", "csv", "gpx", "geojson", "nmea"},
                "what the file is; auto: as its name ends, else csv"),
      ChoiceKey("replay.preset", &Config::replay_preset, {"ais-us", "names"},
                "the columns of a CSV file, by name of a known kind; names: as the header calls "
                "them, as in files that `trackwire export` writes"),
      ListKey("replay.columns", &Config::replay_columns,
              "the columns of a CSV file instead of a preset, as field=Column: id, time, latitude, "
              "longitude, speed, course, heading, altitude, accuracy, name, category; and "
              "speed_unit=mps|knots|kmh|mph, time_format=iso|seconds|millis",
              CheckColumns),
      NumberKey("replay.speed", &Config::replay_speed, 0.01, 1'000,
                "recorded seconds played in one second"),
      BoolKey("replay.loop", &Config::replay_loop, "begin again at the end"),
      IntegerKey("replay.lead_in_s", &Config::replay_lead_in_s, 0, 86'400,
                 "recorded seconds put in at once at the start"),
      ChoiceKey("replay.times", &Config::replay_times, {"now", "recorded"},
                "which times the positions get: the moment they are played, or as recorded"),
      IntegerKey("replay.step_ms", &Config::replay_step_ms, 1, 3'600'000,
                 "time between two points whose times and speeds the file does not say"),
      IntegerKey("replay.max_gap_s", &Config::replay_max_gap_s, 0, 86'400,
                 "recorded seconds without any position are cut down to this; 0: waited out"),
      IntegerKey("replay.copies", &Config::replay_copies, 1, 100'000,
                 "plays every tracker so many times, for tests of load"),
      IntegerKey("replay.copy_offset_s", &Config::replay_copy_offset_s, 0, 86'400,
                 "recorded seconds that each copy is ahead of the one before; 0: spread evenly"),
      BoolKey("replay.public", &Config::replay_public,
              "whether everybody may see the trackers of the file"),
  };
}

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      const size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above + 1, row[j - 1] + 1, change});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string ConfigKey::VariableName() const {
  std::string out = "TRACKWIRE_";
  for (const char c : name) {
    out += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return out;
}

const std::vector<ConfigKey>& ConfigKeys() {
  static const std::vector<ConfigKey> keys = [] {
    std::vector<ConfigKey> all;
    for (auto* group : {&ServerKeys, &TlsKeys, &RedisKeys, &NeighbourKeys, &AccessKeys, &LoginKeys,
                        &SessionKeys, &VisibilityKeys, &DeliveryKeys, &LimitKeys, &RateKeys,
                        &SubscriptionKeys, &IngestKeys, &GraphqlKeys, &UpdateKeys, &GeocodingKeys,
                        &ForwardKeys, &ReplayKeys}) {
      for (ConfigKey& key : (*group)()) all.push_back(std::move(key));
    }
    return all;
  }();
  return keys;
}

const ConfigKey* FindConfigKey(std::string_view name) {
  for (const ConfigKey& key : ConfigKeys()) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

std::string NearestConfigKey(std::string_view name) {
  if (name.size() > 64) return {};
  std::string nearest;
  size_t best = std::max<size_t>(2, name.size() / 4) + 1;
  for (const ConfigKey& key : ConfigKeys()) {
    const size_t distance = EditDistance(name, key.name);
    if (distance < best) {
      best = distance;
      nearest = key.name;
    }
  }
  return nearest;
}

std::optional<Error> CheckTogether(const Config& config) {
  if (config.limits_conflate_above_bytes > config.limits_max_backlog_bytes) {
    return Error{"bad_config",
                 "limits.conflate_above_bytes is larger than "
                 "limits.max_backlog_bytes, so nothing would ever be conflated"};
  }
  if (config.recovery_enabled && config.recovery_window_s > config.broker_expiry_s) {
    return Error{"bad_config",
                 "recovery.window_s is longer than broker.expiry_s: what a client "
                 "missed would be gone before it may come back"};
  }
  if (config.cors_origins.size() > 1 &&
      std::find(config.cors_origins.begin(), config.cors_origins.end(), "*") !=
          config.cors_origins.end()) {
    return Error{"bad_config", "cors.origins: * stands alone or not at all"};
  }
  if (auto error = CheckTlsTogether(config)) return error;
  if (auto error = CheckTokenKeys(config)) return error;
  if (auto error = CheckLoginTogether(config)) return error;
  if (auto error = CheckProviders(config)) return error;
  if (auto error = CheckGeocodingTogether(config)) return error;
  for (const char* key :
       {"replay.format", "replay.preset", "replay.columns", "replay.speed", "replay.loop",
        "replay.lead_in_s", "replay.times", "replay.step_ms", "replay.max_gap_s", "replay.copies",
        "replay.copy_offset_s", "replay.public"}) {
    if (config.replay_file.empty() && config.sources.count(key) > 0) {
      return Error{"bad_config", std::string(key) + " does nothing without replay.file"};
    }
  }
  if (config.drain_notice_ms > config.drain_limit_s * 1'000) {
    return Error{"bad_config",
                 "drain.notice_ms is longer than drain.limit_s, so nothing would be closed in order"};
  }
  return CheckRedisTogether(config);
}

std::optional<HostPort> ParseHostPort(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.front() == '[') {
    if (host.size() < 4 || host.back() != ']') return std::nullopt;
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;
  }
  uint32_t number = 0;
  const char* end = port.data() + port.size();
  const auto [rest, error] = std::from_chars(port.data(), end, number);
  if (port.empty() || error != std::errc() || rest != end ||
      number > std::numeric_limits<uint16_t>::max()) {
    return std::nullopt;
  }
  return HostPort{std::string(host), static_cast<uint16_t>(number)};
}

}  // namespace trackwire::gateway
