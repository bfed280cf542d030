// What is served where, and the measurements behind /metrics and /readyz.
#include "gateway/parts.h"
#include "net/http/compression.h"

namespace trackwire::gateway {
namespace {

using net::http::Exchange;
using net::http::Request;
using net::http::Response;

/// Collects what several loops find out; whoever comes last hands it on.
struct Collection {
  api::Measurements sum;
  size_t missing = 0;
  std::function<void(api::Measurements)> done;

  void Arrived() {
    if (--missing == 0) done(std::move(sum));
  }
};

}  // namespace

void Gateway::Parts::MakeRoutes() {
  const auto max_body = static_cast<size_t>(config.limits_max_payload_bytes);
  notifications_route = std::make_unique<api::NotificationsEndpoint>(*access, *intake, max_body);
  trackers_route = std::make_unique<api::TrackersEndpoint>(*access, control, *snapshots,
                                                           *tracker_reader, views);
  router.Mount("/socket.io/", forwarding == nullptr
                                  ? sockets->handler()
                                  : forwarding->MakeOutsideDoor(sockets->handler()));
  router.Mount("/api/notifications", notifications_route.get());
  sessions_route = std::make_unique<api::SessionsEndpoint>(*access, *directory);
  end_session_route = std::make_unique<api::EndSessionEndpoint>(*access, *directory);
  revocations_route = std::make_unique<api::RevocationsEndpoint>(*access, *revocations);
  router.Mount("/api/sessions", sessions_route.get());
  router.Mount(std::string(api::EndSessionEndpoint::kPath), end_session_route.get());
  router.Mount("/api/revocations", revocations_route.get());
  tracker_routes = std::make_unique<api::Resources>(*access, "/api/trackers");
  tracker_routes->AddCollection(*trackers_route);
  rest = std::make_unique<RestRoutes>(*access, *tracker_reader, views, *updates, intake_loop);
  rest->Mount(*tracker_routes, router);
  registry = std::make_unique<RegistryRoutes>(*access, *tracker_reader, *tracker_admin);
  registry->Mount(*tracker_routes, router);
  tracker_routes->Mount(router);
  if (geocoding != nullptr) {
    geocode = std::make_unique<GeocodeRoutes>(*access, geocoding->services());
    geocode->Mount(router);
  }
  MakePush();
  router.Mount("/", page.get());
  router.On("GET", "/healthz", 0, [](const Exchange& exchange, const Request&, std::string) {
    api::ServeHealth(exchange);
  });
  router.On("GET", "/readyz", 0, [this](const Exchange& exchange, const Request&, std::string) {
    control.Post(
        [this, exchange] { exchange.PostRespond(api::ReadinessResponse(CheckReadiness())); });
  });
  router.On("GET", "/metrics", 0, [this](const Exchange& exchange, const Request&, std::string) {
    control.Post([this, exchange] {
      Measure([exchange](api::Measurements found) {
        Response response = Response::Text(200, api::MetricsText(found));
        response.headers.Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        response.compress_from = net::http::kWorthPacking;
        exchange.PostRespond(std::move(response));
      });
    });
  });
}

api::Readiness Gateway::Parts::CheckReadiness() const {
  api::Readiness readiness;
  const broker::BrokerHealth health = broker->health();
  // Just back: publishers are refused for a moment longer, so it is not said before.
  const bool settling = health.ready && watch != nullptr && watch->away();
  readiness.ready = health.ready && !settling && !draining;
  if (draining) readiness.degraded.emplace_back("the server is stopping");
  if (!health.ready) readiness.degraded.push_back("broker: " + health.detail);
  if (settling) readiness.degraded.emplace_back("broker: back a moment ago");
  if (jwks != nullptr && jwks->status().failing) {
    readiness.degraded.emplace_back("the key set cannot be fetched");
  }
  if (fetcher_failed) readiness.degraded.emplace_back("a provider of positions failed");
  if (!page_found) readiness.degraded.emplace_back("the web page is not installed");
  return readiness;
}

void Gateway::Parts::Measure(std::function<void(api::Measurements)> done) {
  // Lives on the control loop; the shards only hand copies over.
  auto all = std::make_shared<Collection>();
  all->done = std::move(done);
  // Drain() takes the positions away while this loop still answers.
  const bool with_positions = positions != nullptr && !draining;
  const bool with_neighbours = neighbours != nullptr && !draining;
  const auto runs = remote_runs;
  const bool with_addresses = geocoding != nullptr && !draining;
  all->missing = shards.size() + (with_positions ? 1 : 0) + (with_neighbours ? 1 : 0) +
                 (with_addresses ? 1 : 0) + runs.size();
  all->sum.intake = intake->counters();
  all->sum.dispatch = dispatch->counters();
  all->sum.recovery = recovery->counters();
  all->sum.choices = choices.counts();
  all->sum.subscriptions_answered = subscriptions->counters().answered;
  all->sum.subscriptions_refused = subscriptions->counters().refused;
  all->sum.subscriptions_truncated = subscriptions->counters().truncated;
  all->sum.broker = broker->health();
  all->sum.log_breaks = log_break->breaks();
  all->sum.trackers = board.size();
  all->sum.bad_rows = bad_rows;
  all->sum.push = {push.services.counters.taken, push.services.counters.refused,
                   push.services.counters.bad_tokens, push.services.counters.unavailable};
  if (told != nullptr) {
    const ToldCounters& t = told->counters();
    all->sum.told = {t.stored, t.late, t.refused, t.unknown, t.lost};
  }
  all->sum.bad_tokens = door->counters().bad_tokens;
  if (jwks != nullptr) all->sum.key_set = jwks->status();
  all->sum.sessions = api::ReadSessionCounters(keeper->counters(), book->counters());
  all->sum.sessions.revocations = revocations->size();
  all->sum.connects_refused = door->counters().refused;
  api::AddLimits(all->sum, *limits);
  if (graphql_route != nullptr) all->sum.graphql = graphql_route->counters();
  if (updates != nullptr) all->sum.updates = updates->counters();
  if (forwarding != nullptr) {
    all->sum.forwarding.emplace();
    all->sum.forwarding->peers = forwarding->peer_count();
    all->sum.forwarding->forged = forwarding->forged();
  }
  if (tls != nullptr) all->sum.tls = tls->Sample();
  for (const auto& shard : shards) {
    shard->Post([this, all, on = shard.get()] {
      net::http::UpstreamCounters asked;
      if (forwarding != nullptr) asked = forwarding->counters(*on);
      control.Post([all, net = on->counters(), engine = sockets->engine().counters(*on),
                    seats = sockets->counters(*on), asked] {
        api::AddUp(all->sum, net, engine, seats);
        if (all->sum.forwarding) all->sum.forwarding->asked.Add(asked);
        all->Arrived();
      });
    });
  }
  if (with_neighbours) {
    // Asks the loop of the adapters and waits, which this loop must not.
    intake_loop.Post([this, all] {
      control.Post([all, adapters = neighbours->Counters()] {
        all->sum.adapters = adapters;
        all->Arrived();
      });
    });
  }
  if (with_addresses) {
    geocoding->Measure([all](api::GeocodingSample sample) {
      all->sum.geocoding = std::move(sample);
      all->Arrived();
    });
  }
  for (const auto& run : runs) {
    run->Counters([this, all, name = run->provider()](const fetcher::RunnerCounters& counters) {
      control.Post([all, sample = SampleOf(name, counters)] {
        all->sum.providers.push_back(sample);
        all->Arrived();
      });
    });
  }
  if (!with_positions) return;
  positions->Counters([this, all](ingest::IntakeCounters counters) {
    control.Post([all, counters] {
      all->sum.positions = counters;
      all->Arrived();
    });
  });
}

}  // namespace trackwire::gateway
