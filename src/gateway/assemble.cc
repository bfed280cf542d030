// Brings the parts of a gateway up, one step a function.
#include <sys/resource.h>

#include <algorithm>
#include <future>
#include <limits>
#include <thread>

#include "api/rate_check.h"
#include "base/log.h"
#include "gateway/gateway_name.h"
#include "gateway/install_paths.h"
#include "gateway/open_broker.h"
#include "gateway/parts.h"
#include "gateway/session_config_keys.h"
#include "gateway/token_keys.h"

namespace trackwire::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// The folder of its page among those of the web.
constexpr const char* kGraphiql = "graphiql";

/// Each connection is a descriptor; the soft limit of 1,024 is a default for old programs. How many
/// connections that leaves room for: stores, brokers and key sets need descriptors too, the more so
/// while somebody takes all he can get.
int64_t DescriptorsForConnections() {
  constexpr rlim_t kReserve = 512;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::numeric_limits<int64_t>::max();
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return std::numeric_limits<int64_t>::max();
  }
  return static_cast<int64_t>(limit.rlim_cur - std::min(kReserve, limit.rlim_cur / 4));
}

int64_t MaxConnections(const Config& config) {
  const int64_t room = DescriptorsForConnections();
  if (config.limits_max_connections <= room) return config.limits_max_connections;
  const bool asked = config.sources.count("limits.max_connections") > 0;
  base::Log(asked ? base::LogLevel::kWarn : base::LogLevel::kInfo, "gateway",
            "fewer connections than limits.max_connections: the system allows too few files",
            {{"connections", room}});
  return room;
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

/// Where it is read from; empty: nowhere.
std::string ClientFilesOf(const Config& config) {
  if (config.web_client_files == "none") return {};
  if (!config.web_client_files.empty()) return config.web_client_files;
  std::string found = FindClientFiles();
  if (found.empty()) {
    base::LogWarn("gateway", "the Socket.IO client for browsers is not installed",
                  {{"key", Where(config, "web.client_files")}});
  }
  return found;
}

socketio::Options SocketOptions(const Config& config, const api::Access& access) {
  socketio::Options options;
  options.client_files = ClientFilesOf(config);
  options.engine.ping_interval = milliseconds(config.heartbeat_interval_ms);
  options.engine.ping_timeout = milliseconds(config.heartbeat_timeout_ms);
  options.engine.max_payload = static_cast<size_t>(config.limits_max_payload_bytes);
  options.engine.message_timeout = milliseconds(config.limits_stall_timeout_ms);
  options.engine.min_bytes_per_second = static_cast<size_t>(config.limits_min_bytes_per_second);
  options.connect_timeout = milliseconds(config.limits_connect_timeout_ms);
  options.max_unfinished = static_cast<uint32_t>(config.limits_max_unfinished_handshakes);
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

Result<net::http::ServerOptions> HttpOptions(const Config& config) {
  auto parsed = auth::TrustedProxies::Parse(config.http_trusted_proxies);
  if (!parsed) return Err(parsed.error());
  net::http::ServerOptions options;
  options.head_timeout = milliseconds(config.limits_head_timeout_ms);
  options.body_timeout = milliseconds(config.limits_stall_timeout_ms);
  options.min_bytes_per_second = static_cast<size_t>(config.limits_min_bytes_per_second);
  options.max_connections_per_address =
      static_cast<uint32_t>(config.limits_max_connections_per_address);
  options.compress = config.http_compression;
  if (parsed->empty()) return options;
  const auto proxies = std::make_shared<const auth::TrustedProxies>(std::move(*parsed));
  options.exempt = [proxies](std::string_view address) { return proxies->Contains(address); };
  options.resolve_client = [proxies](net::http::Request& request) { proxies->Resolve(request); };
  return options;
}

}  // namespace

std::vector<net::Shard*> Gateway::Parts::ShardList() const {
  std::vector<net::Shard*> list;
  for (const auto& shard : shards) list.push_back(shard.get());
  return list;
}

Result<void> Gateway::Parts::OpenTls() {
  if (!config.speaks_tls()) return Ok();
  auto opened = Tls::Open(config);
  if (!opened) return Err(opened.error());
  tls = std::move(*opened);
  return Ok();
}

Result<void> Gateway::Parts::OpenKeys() {
  auto keys = OpenTokenKeys(config, clock);
  if (!keys) return Err(keys.error());
  jwks = keys->jwks;
  secret = keys->secret;
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
  const int64_t max_connections = MaxConnections(config);
  const int64_t cores = std::max<int64_t>(1, std::thread::hardware_concurrency());
  const int64_t count = config.threads == 0 ? std::min<int64_t>(cores, 64) : config.threads;
  for (int64_t i = 0; i < count; ++i) {
    net::Shard::Options options;
    options.index = static_cast<uint16_t>(i);
    const auto share = [count](int64_t all) { return (all + count - 1) / count; };
    options.max_connections = static_cast<uint32_t>(share(max_connections));
    options.max_waiting = static_cast<uint32_t>(share(config.limits_max_waiting_connections));
    options.max_input_bytes = static_cast<size_t>(share(config.limits_max_input_bytes));
    options.max_backlog_bytes = static_cast<size_t>(share(config.limits_max_total_backlog_bytes));
    options.out.conflate_above_bytes = static_cast<size_t>(config.limits_conflate_above_bytes);
    options.out.max_bytes = static_cast<size_t>(config.limits_max_backlog_bytes);
    shards.push_back(std::make_unique<net::Shard>(options));
  }
}

/// The door, and the life of a session behind it.
void Gateway::Parts::MakeSessions() {
  auth::Revocations::Options revocation_options;
  revocation_options.keep = RevocationKeep(config);
  revocation_options.leeway = seconds(config.auth_leeway_s);
  revocation_options.other_name = [this](const std::string& user) {
    const auto account = accounts == nullptr ? nullptr : accounts->directory().Find(user);
    return account == nullptr ? std::string() : account->name;
  };
  revocations = std::make_unique<auth::Revocations>(control, broker->revocations(), clock,
                                                    revocation_options);
  verifier->AddCheck([this](auth::Identity& identity) { return revocations->Check(identity); });

  notify::Door::Options door_options;
  door_options.require_auth = config.auth_require_auth;
  door_options.cookie = config.auth_cookie;
  door_options.trusts_cookie = [this](const net::http::Headers& headers) {
    return api::TrustsCookies(*access, headers);
  };
  door_options.leeway = seconds(config.auth_leeway_s);
  door_options.recovery = config.recovery_enabled;
  door_options.plain_agents = config.recovery_plain_agents;
  door = std::make_unique<notify::Door>(*verifier, views, std::move(door_options));

  owner_line = std::make_unique<notify::OwnerLine>(*broker, *nsp);
  notify::SessionBook::Options book_options;
  book_options.gateway = GatewayName(config);
  book_options.window = seconds(config.recovery_window_s);
  book = std::make_unique<notify::SessionBook>(*broker, *nsp, *owner_line, std::move(book_options));
  notify::SessionKeeper::Options keeper_options;
  keeper_options.require_auth = config.auth_require_auth;
  keeper_options.leeway = seconds(config.auth_leeway_s);
  keeper_options.grace = seconds(config.auth_grace_s);
  keeper = std::make_unique<notify::SessionKeeper>(*verifier, views, *book, keeper_options);
  notify::Follow(*revocations, *keeper);
  if (accounts != nullptr) {
    accounts->directory().OnChanged(
        [this](const std::vector<std::string>&) { keeper->AccountsChanged(); });
  }
  directory = std::make_unique<notify::SessionDirectory>(*broker, *revocations, *owner_line, *book);
}

void Gateway::Parts::MakePipeline() {
  socketio::Options socket_options = SocketOptions(config, *access);
  if (forwarding != nullptr) {
    socket_options.engine.owner = forwarding->number();
    socket_options.engine.forwarder = forwarding.get();
  }
  sockets = std::make_unique<socketio::Server>(ShardList(), std::move(socket_options));
  nsp = &sockets->Of("/");
  notify::EncodeOptions encoding;
  encoding.with_offsets = config.recovery_enabled;
  dispatch = std::make_unique<notify::Dispatch>(*broker, *nsp, board, choices, clock,
                                                VisibilityRulesOf(config), views, encoding);

  MakeSessions();
  notify::LogRecovery::Options recovery_options;
  recovery_options.max_missed_bytes = static_cast<size_t>(config.limits_max_backlog_bytes) / 2;
  // Somebody's window begins when the silence of a dead line is noticed.
  const auto silence = milliseconds(config.heartbeat_interval_ms + config.heartbeat_timeout_ms);
  tracker_changes = std::make_unique<notify::TrackerNews>(
      control, broker->log(), *nsp, seconds(config.recovery_window_s) + silence);
  recovery = std::make_unique<notify::LogRecovery>(control, *broker, *nsp, *dispatch, *book,
                                                   *owner_line, choices, *tracker_changes, recovery_options);
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
    owner_line->Listen();
    log_break->Watch([this] {
      recovery->ForgetAudiences();
      if (push.task != nullptr) push.task->OnBreak();
    });
    start_offset = broker->log().tail_offset().ToString();
  });
  door->Guard(*nsp);
  socket_gate = std::make_unique<notify::SocketGate>(*limits);
  socket_gate->Attach(*nsp);
  keeper->Attach(*nsp, start_offset);
  notify::Subscriptions::Options choice_limits;
  choice_limits.max_ids = static_cast<size_t>(config.limits_max_subscriptions);
  choice_limits.max_positions = static_cast<size_t>(config.limits_max_snapshot_positions);
  choice_limits.max_position_bytes = static_cast<size_t>(config.limits_max_backlog_bytes) / 4;
  subscriptions = std::make_unique<notify::Subscriptions>(control, broker->log(), board, views,
                                                          choices, *book, *nsp, choice_limits);
  subscriptions->Attach();
  snapshots = std::make_unique<api::SnapshotCache>(board, views, broker->log(), intake_loop, clock);

  notify::Intake::Options intake_options;
  intake_options.max_envelope_bytes = static_cast<size_t>(config.limits_max_payload_bytes);
  intake = std::make_unique<notify::Intake>(intake_loop, *broker, intake_options);
}

Result<void> Gateway::Parts::LoadRevocations() {
  std::promise<Result<void>> loaded;
  control.Run([&] {
    revocations->Start([&](Result<void> result) { loaded.set_value(std::move(result)); });
  });
  auto result = loaded.get_future().get();
  if (result) return Ok();
  return Err(result.error().code, "the revocations cannot be read: " + result.error().detail);
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

void Gateway::Parts::MakePage(bool demo) {
  const std::string root = config.web_root.empty() ? FindWebRoot() : config.web_root;
  if (!root.empty()) {
    // GraphiQL is for who looks around, not for a server on which others rely.
    api::StaticFilesOptions options;
    if (!demo || !config.graphql_enabled) options.without = kGraphiql;
    // Its dialogs keep what is behind them from scrolling by a style of their own making.
    options.inline_styles = kGraphiql;
    auto loaded = api::StaticFiles::Load(root, options);
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
  auto options = HttpOptions(config);
  if (!options) return Err(options.error());
  if (tls != nullptr) options->tls = tls->context();
  http = std::make_unique<net::http::Server>(ShardList(), &router, *options);
  BeginIntake();
  StartRemote();
  StartUpdates();
  StartGeocoding();
  // Known to the others before the first client comes.
  auto started = StartForwarding();
  if (!started) return started;
  auto bound = http->Listen(config.listen_host(), config.listen_port());
  if (!bound) return Err(bound.error());
  port = *bound;
  if (tls != nullptr) {
    auto sends_on = tls->Redirect(ShardList(), port, std::move(*options));
    if (!sends_on) return sends_on;
  }
  WatchStore();
  if (fetcher == nullptr) return Ok();
  fetcher->Start([this](const fetcher::ProviderStatus& status) {
    if (status.state == fetcher::ProviderStatus::State::kFailed) fetcher_failed = true;
    // Heard once of each provider: recordings are read whole before they run.
    if (status.state == fetcher::ProviderStatus::State::kRunning) bad_rows += status.bad_rows;
  });
  return Ok();
}

}  // namespace trackwire::gateway
