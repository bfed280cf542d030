#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/rate_limits.h"
#include "base/log.h"
#include "base/result.h"
#include "gateway/geocoder_config.h"
#include "gateway/provider_config.h"

namespace trackwire::gateway {

/// Everything an operator can set. The members are described by the table in config_keys.cc, from
/// which reading, environment names, `check-config` and the documents are made.
struct Config {
  std::string listen = "127.0.0.1:8080";
  int64_t threads = 0;
  std::string database_url = "sqlite:trackwire.db";
  std::string data_dir;

  std::string redis_url;
  std::string redis_prefix;
  std::string redis_tls_ca_file;
  std::string redis_tls_cert_file;
  std::string redis_tls_key_file;
  bool redis_tls_verify = true;
  int64_t redis_connect_timeout_ms = 3'000;
  int64_t redis_reply_timeout_ms = 10'000;
  int64_t redis_start_timeout_ms = 10'000;
  int64_t redis_unavailable_after_ms = 10'000;

  std::vector<std::string> neighbours_adapters;
  std::string neighbours_prefix = "socket.io";
  std::string neighbours_python_channel = "socketio";

  std::string tls_certificate;
  std::string tls_key;
  std::string tls_redirect;

  std::string web_root;
  std::string web_client_files;
  bool http_compression = true;

  std::string log_level = "info";
  std::string log_format = "text";

  std::string auth_jwt_secret;
  std::vector<std::string> auth_algorithms = {"HS256", "RS256", "ES256", "ES384", "ES512", "EdDSA"};
  std::string auth_public_key;
  std::string auth_jwks;
  std::string auth_issuer;
  std::string auth_audience;
  int64_t auth_leeway_s = 30;
  std::string auth_roles_claim = "roles";
  std::string auth_clients_claim = "clients";
  std::string auth_permissions_claim = "permissions";
  bool auth_require_auth = false;
  std::string auth_cookie = "access_token";
  std::string auth_login = "auto";
  int64_t auth_session_hours = 12;
  int64_t auth_argon2_memory_kib = 19'456;
  int64_t auth_argon2_passes = 2;

  int64_t auth_grace_s = 10;
  int64_t auth_revocation_days = 30;
  std::string gateway_name;
  std::string gateway_internal_listen;
  std::string gateway_internal_url;
  int64_t limits_max_forwarded = 20'000;

  std::vector<std::string> http_trusted_proxies;
  auth::LimitRules rate_limits;
  double rate_limits_packets_per_second = 200;
  double rate_limits_packets_burst = 2'000;

  std::vector<std::string> cors_origins;
  std::string visibility_unknown_trackers = "admin";
  std::vector<std::string> visibility_public_events;
  std::vector<std::string> visibility_hidden_fields = {
      "imei",          "imsi",        "iccid",        "msisdn",        "phone",
      "phone_number",  "password",    "passwd",       "passphrase",    "secret",
      "client_secret", "api_key",     "api_token",    "auth_token",    "access_token",
      "refresh_token", "private_key", "credential",   "credentials",   "authorization",
      "provider_key",  "external_id"};
  std::vector<std::string> visibility_hidden_from = {
      "anonymous=battery_level", "anonymous=battery",       "anonymous=charging",
      "anonymous=source",        "anonymous=driver",        "anonymous=driver_name",
      "anonymous=contact",       "anonymous=vin",           "anonymous=plate",
      "anonymous=license_plate", "anonymous=licence_plate", "anonymous=ip",
      "anonymous=ip_address",    "anonymous=ssid",          "anonymous=bssid",
      "anonymous=raw"};

  bool ingest_open = false;
  bool ingest_from_notifications = false;
  std::string ingest_speed_unit = "knots";

  bool recovery_enabled = true;
  int64_t recovery_window_s = 120;
  std::vector<std::string> recovery_plain_agents = {"python-requests", "aiohttp",
                                                    "python-socketio"};
  int64_t broker_expiry_s = 3'600;
  int64_t history_retention_days = 30;

  int64_t heartbeat_interval_ms = 25'000;
  int64_t heartbeat_timeout_ms = 60'000;

  int64_t limits_max_payload_bytes = 1'000'000;
  int64_t limits_conflate_above_bytes = 65'536;
  int64_t limits_max_backlog_bytes = 4'000'000;
  int64_t limits_max_connections = 100'000;
  int64_t limits_max_connections_per_address = 0;
  int64_t limits_max_waiting_connections = 10'000;
  int64_t limits_max_unfinished_handshakes = 10'000;
  int64_t limits_connect_timeout_ms = 45'000;
  int64_t limits_head_timeout_ms = 10'000;
  int64_t limits_stall_timeout_ms = 30'000;
  int64_t limits_min_bytes_per_second = 500;
  int64_t limits_max_input_bytes = 256'000'000;
  int64_t limits_max_total_backlog_bytes = 1'000'000'000;
  int64_t limits_max_subscriptions = 1'000;
  int64_t limits_max_snapshot_positions = 2'000;

  bool graphql_enabled = true;
  bool graphql_introspection = true;
  int64_t graphql_max_bytes = 100'000;
  int64_t graphql_max_tokens = 10'000;
  int64_t graphql_max_depth = 20;
  int64_t graphql_max_aliases = 100;
  int64_t graphql_max_root_fields = 30;
  int64_t graphql_max_cost = 10'000;
  int64_t graphql_deadline_ms = 10'000;

  int64_t drain_notice_ms = 1'000;
  int64_t drain_per_second = 2'000;
  int64_t drain_limit_s = 20;

  std::string updates_fetcher = "trackwire";
  int64_t updates_deadline_s = 30;
  int64_t updates_max_waiting = 1'000;

  bool geocoding_enabled = true;
  std::string geocoding_index;
  std::vector<std::string> geocoding_providers = {std::string(kOfflineGeocoder)};
  std::string geocoding_language = "en";
  std::string geocoding_detail = "building";
  int64_t geocoding_ttl_days = 30;
  int64_t geocoding_negative_ttl_s = 86'400;
  int64_t geocoding_stale_days = 30;
  int64_t geocoding_max_waiting = 10'000;
  int64_t geocoding_max_at_once = 8;
  bool geocoding_provisional = true;
  int64_t geocoding_patience_s = 8;
  bool geocoding_on_stop = false;
  std::string geocoding_user_agent;

  std::string replay_file;
  std::string replay_format = "auto";
  std::string replay_preset = "ais-us";
  std::vector<std::string> replay_columns;
  double replay_speed = 1;
  bool replay_loop = true;
  int64_t replay_lead_in_s = 0;
  std::string replay_times = "now";
  int64_t replay_step_ms = 1'000;
  int64_t replay_max_gap_s = 0;
  int64_t replay_copies = 1;
  int64_t replay_copy_offset_s = 0;
  bool replay_public = false;

  std::vector<ProviderConfig> providers;  ///< `[[providers]]`, in the order of the file
  std::vector<GeocoderConfig> geocoders;  ///< `[[geocoders]]`, in the order of the file

  /// Where each key's value came from when it is not the default: `trackwire.toml:3`,
  /// `TRACKWIRE_LISTEN`, `--listen`.
  std::map<std::string, std::string> sources;

  /// Whether the broker is one that other processes share.
  bool shares_redis() const { return !redis_url.empty(); }
  bool speaks_tls() const { return !tls_certificate.empty(); }
  std::string listen_host() const;
  uint16_t listen_port() const;
};

/// What a mistake in the configuration is answered with: the exit code of the program.
inline constexpr int kExitUsage = 2;

/// A value given on the command line: key and text.
struct Override {
  std::string key;
  std::string value;
  std::string source;  ///< for people: `--listen`
};

struct ConfigSources {
  std::string file;                                ///< path; empty: none
  std::map<std::string, std::string> environment;  ///< only names with TRACKWIRE_ matter
  std::vector<Override> flags;                     ///< win over all
  std::vector<Override> presets;                   ///< lose against all
};

/// Reads all sources, later ones winning: presets, file, environment, flags; then checks that the
/// values fit together. Errors name the key and its line or variable. Does no network I/O.
Result<Config> LoadConfig(const ConfigSources& sources);

/// The process's variables whose names begin with TRACKWIRE_.
std::map<std::string, std::string> TrackwireEnvironment();
/// Variables that begin with TRACKWIRE_ but name no key: probably a slip of the pen.
std::vector<std::string> UnknownVariables(const std::map<std::string, std::string>& environment);

/// `check-config`: every key with its value, where that came from, and what it means. Secrets are
/// not shown.
std::string ExplainConfig(const Config& config);
/// The table of keys as a Markdown table, for the documents.
std::string ConfigReference();
/// The same of the keys of `[[providers]]`.
std::string ProviderReference();
/// The same of the keys of `[[geocoders]]`.
std::string GeocoderReference();

base::LogLevel LogLevelOf(const Config& config);
base::LogFormat LogFormatOf(const Config& config);

/// The SQLite file of `database.url`; empty for a database in memory and for PostgreSQL.
std::string DatabasePath(const Config& config);
/// The journal of the embedded broker, in `data.dir`: without one beside the SQLite file, or in the
/// working directory for PostgreSQL. ":memory:" for a database in memory.
std::string JournalPath(const Config& config);
/// `trackwire.secret`, in the same directory.
std::string SecretPath(const Config& config);
/// The store for people, without any password: `SQLite trackwire.db`, `PostgreSQL host:5432/name`.
std::string DescribeStore(const Config& config);

}  // namespace trackwire::gateway
