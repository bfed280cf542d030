// Brings the parts of a gateway up, one step a function.
#include <sys/resource.h>

#include <thread>

#include "api/rate_check.h"
#include "base/log.h"
#include "gateway/install_paths.h"
#include "gateway/open_broker.h"
#include "gateway/parts.h"
#include "gateway/token_keys.h"

namespace trackwire::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Each connection is a descriptor; the soft limit of 1,024 is a default for old programs.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::string Where(const Config& config, const std::string& key) {
  const auto found = config.sources.find(key);
  return key + (found == config.sources.end() ? std::string() : " (" + found->second + ")");
}

/// What comes before there is a socket: handshakes, and packets that are no events.
void LimitSockets(const Config& config, auth::RateLimits& limits, engineio::Options& options) {
  options.refuse_with =
      [&limits](const net::http::Request& request) -> std::optional<net::http::Response> {
    const broker::Verdict verdict = limits.CheckHandshake(request.remote_address);
    if (verdict.allowed) return std::nullopt;
    return api::TooManyRequests(verdict.retry_after, "Too many connections");
  };
  options.packets_per_second = config.rate_limits_packets_per_second;
  options.packet_burst = config.rate_limits_packets_burst;
  options.meters_packets = [&limits](const net::http::Request& request) {
    return limits.Limits(auth::LimitKind::kEvent, request.remote_address);
  };
}

socketio::Options SocketOptions(const Config& config, const api::Access& access) {
  socketio::Options options;
  options.engine.ping_interval = milliseconds(config.heartbeat_interval_ms);
  options.engine.ping_timeout = milliseconds(config.heartbeat_timeout_ms);
  options.engine.max_payload = static_cast<size_t>(config.limits_max_payload_bytes);
  options.engine.cors.origins = config.cors_origins;
  options.engine.cors.lists = [&access](std::string_view origin) {
    return access.origins.Lists(origin);
  };
  options.engine.cors.credentials = !access.origins.any();
  options.engine.max_sessions = static_cast<uint32_t>(config.limits_max_connections);
  options.engine.allow_request =
      [&access](const net::http::Request& request) -> std::optional<std::string> {
    const auto origin = request.headers.Find("Origin");
    const auto host = request.headers.Find("Host");
    if (access.origins.Allows(origin, host.value_or(""))) return std::nullopt;
    base::LogWarn("gateway", "a page of another site was refused",
                  {{"origin", *origin},
                   {"address", request.remote_address},
                   {"allow_with", "cors.origins = [\"" + std::string(*origin) + "\"]"}});
    return "This origin is not allowed";
  };
  LimitSockets(config, *access.limits, options.engine);
  return options;
}

}  // namespace

std::vector<net::Shard*> Gateway::Parts::ShardList() const {
  std::vector<net::Shard*> list;
  for (const auto& shard : shards) list.push_back(shard.get());
  return list;
}

Result<void> Gateway::Parts::OpenKeys() {
  auto keys = OpenTokenKeys(config, clock);
  if (!keys) return Err(keys.error());
  jwks = keys->jwks;
  verifier = std::make_unique<auth::TokenVerifier>(std::move(keys->sources), clock);
  auto origins = auth::OriginList::Parse(config.cors_origins);
  if (!origins) return Err(origins.error());
  access = std::make_unique<api::Access>(
      api::Access{*verifier, std::move(*origins), config.auth_cookie, config.auth_require_auth});
  return Ok();
}

Result<void> Gateway::Parts::OpenBroker() {
  control.Start();
  intake_loop.Start();
  if (config.shares_redis() && HasSecret(config) && config.auth_jwt_secret.empty()) {
    base::LogWarn("gateway",
                  "gateways that do not share a directory need the same auth.jwt_secret");
  }
  auto opened = gateway::OpenBroker(config, "trackwire-gateway", control, clock);
  if (!opened) return Err(std::move(opened.error()));
  broker = std::move(*opened);
  limits = std::make_unique<auth::RateLimits>(broker->rate_limiter(), clock, config.rate_limits);
  access->limits = limits.get();
  return Ok();
}

void Gateway::Parts::MakeShards() {
  RaiseDescriptorLimit();
  const int64_t cores = std::max<int64_t>(1, std::thread::hardware_concurrency());
  const int64_t count = config.threads == 0 ? std::min<int64_t>(cores, 64) : config.threads;
  for (int64_t i = 0; i < count; ++i) {
    net::Shard::Options options;
    options.index = static_cast<uint16_t>(i);
    options.max_connections =
        static_cast<uint32_t>((config.limits_max_connections + count - 1) / count);
    options.out.conflate_above_bytes = static_cast<size_t>(config.limits_conflate_above_bytes);
    options.out.max_bytes = static_cast<size_t>(config.limits_max_backlog_bytes);
    shards.push_back(std::make_unique<net::Shard>(options));
  }
}

void Gateway::Parts::MakePipeline() {
  sockets = std::make_unique<socketio::Server>(ShardList(), SocketOptions(config, *access));
  nsp = &sockets->Of("/");
  notify::VisibilityRules rules;
  rules.unknown_trackers_public = config.visibility_unknown_trackers == "public";
  rules.public_events = config.visibility_public_events;
  notify::EncodeOptions encoding;
  encoding.with_offsets = config.recovery_enabled;
  dispatch = std::make_unique<notify::Dispatch>(*broker, *nsp, board, clock, rules, encoding);

  notify::Door::Options door_options;
  door_options.require_auth = config.auth_require_auth;
  door_options.cookie = config.auth_cookie;
  door_options.trusts_cookie = [this](const net::http::Headers& headers) {
    return api::TrustsCookies(*access, headers);
  };
  door_options.recovery = config.recovery_enabled;
  door_options.plain_agents = config.recovery_plain_agents;
  door = std::make_unique<notify::Door>(*verifier, std::move(door_options));

  notify::LogRecovery::Options recovery_options;
  recovery_options.window = seconds(config.recovery_window_s);
  recovery_options.max_missed_bytes = static_cast<size_t>(config.limits_max_backlog_bytes) / 2;
  recovery =
      std::make_unique<notify::LogRecovery>(control, *broker, *nsp, *dispatch, recovery_options);
  if (config.recovery_enabled) {
    sockets->UseRecovery(*nsp, recovery.get(), [this](const socketio::Socket& socket) {
      return door->TakesPart(socket);
    });
  }
  std::string start_offset;
  log_break = std::make_unique<notify::LogBreak>(control, *broker, *nsp,
                                                 static_cast<uint32_t>(config.drain_per_second));
  control.Run([&] {
    dispatch->Start();
    recovery->Listen();
    log_break->Watch([this] { recovery->ForgetAudiences(); });
    start_offset = broker->log().tail_offset().ToString();
  });
  door->Attach(*nsp, start_offset);
  socket_gate = std::make_unique<notify::SocketGate>(*limits);
  socket_gate->Attach(*nsp);

  notify::Intake::Options intake_options;
  intake_options.max_envelope_bytes = static_cast<size_t>(config.limits_max_payload_bytes);
  intake = std::make_unique<notify::Intake>(intake_loop, *broker, intake_options);
}

Result<void> Gateway::Parts::JoinNeighbours() {
  if (config.neighbours_adapters.empty()) return Ok();
  neighbours = std::make_unique<Neighbours>(config);
  return neighbours->Attach(
      *sockets, 
      [this](socketio::Namespace& shared) {
        door->Guard(shared);
        socket_gate->Attach(shared);
      },
      [this](const socketio::Socket& socket) { return door->TakesPart(socket); });
}

void Gateway::Parts::MakePage() {
  const std::string root = config.web_root.empty() ? FindWebRoot() : config.web_root;
  if (!root.empty()) {
    auto loaded = api::StaticFiles::Load(root);
    if (loaded) {
      page = std::move(*loaded);
      page_found = true;
      return;
    }
    base::LogError("gateway", "the web page cannot be served",
                   {{"reason", loaded.error().detail}, {"key", Where(config, "web.root")}});
  }
  page = api::StaticFiles::Absent();
}

Result<void> Gateway::Parts::Listen() {
  if (neighbours != nullptr) neighbours->Start();
  for (const auto& shard : shards) shard->Start();
  auto proxies = auth::TrustedProxies::Parse(config.http_trusted_proxies);
  if (!proxies) return Err(proxies.error());
  net::http::ServerOptions options;
  if (!proxies->empty()) {
    options.resolve_client = [trusted = std::move(*proxies)](net::http::Request& request) {
      trusted.Resolve(request);
    };
  }
  http = std::make_unique<net::http::Server>(ShardList(), &router, std::move(options));
  BeginIntake();
  auto bound = http->Listen(config.listen_host(), config.listen_port());
  if (!bound) return Err(bound.error());
  port = *bound;
  if (fetcher == nullptr) return Ok();
  fetcher->Start([this](const fetcher::ProviderStatus& status) {
    if (status.state == fetcher::ProviderStatus::State::kFailed) fetcher_failed = true;
    // Heard once of each provider: recordings are read whole before they run.
    if (status.state == fetcher::ProviderStatus::State::kRunning) bad_rows += status.bad_rows;
  });
  return Ok();
}

}  // namespace trackwire::gateway
