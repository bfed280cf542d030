#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/geocoding_metrics.h"
#include "api/graphql_endpoint.h"
#include "auth/rate_limits.h"
#include "auth/refreshed_key_set.h"
#include "api/tls_metrics.h"
#include "api/update_metrics.h"
#include "broker/broker.h"
#include "engineio/session_host.h"
#include "ingest/position_intake.h"
#include "net/http/upstream.h"
#include "net/shard.h"
#include "notify/choices.h"
#include "notify/dispatch.h"
#include "notify/intake.h"
#include "notify/log_recovery.h"
#include "notify/session_book.h"
#include "notify/session_keeper.h"
#include "socketio/server.h"

namespace trackwire::api {

/// What became of sessions: see notify::SessionCounters and notify::BookCounters.
struct SessionChanges {
  uint64_t anonymous = 0;
  uint64_t signed_in = 0;
  uint64_t expired = 0;
  uint64_t authenticated = 0;
  uint64_t not_authenticated = 0;
  uint64_t revoked = 0;
  uint64_t logged_out = 0;
  uint64_t account_changed = 0;
  uint64_t shut_out = 0;
  uint64_t ended = 0;
  uint64_t lost = 0;
  uint64_t anew = 0;
  uint64_t revocations = 0;  ///< in force
};
SessionChanges ReadSessionCounters(const notify::SessionCounters& sessions,
                                   const notify::BookCounters& book);

/// All that one look at the gateway found.
struct Measurements {
  uint64_t shards = 0;
  net::ShardCounters net;
  engineio::Counters engine;
  socketio::Counters sockets;
  notify::IntakeCounters intake;
  notify::DispatchCounters dispatch;
  notify::RecoveryCounters recovery;
  notify::ChoiceCounts choices;
  uint64_t subscriptions_answered = 0;
  uint64_t subscriptions_refused = 0;
  uint64_t subscriptions_truncated = 0;
  ingest::IntakeCounters positions;
  struct {
    uint64_t taken = 0;
    uint64_t refused = 0;
    uint64_t bad_tokens = 0;
    uint64_t unavailable = 0;
  } push;
  struct {
    uint64_t stored = 0;
    uint64_t late = 0;
    uint64_t refused = 0;
    uint64_t unknown = 0;
    uint64_t lost = 0;
  } told;  ///< positions in notifications of others
  broker::BrokerHealth broker;
  uint64_t log_breaks = 0;
  std::optional<socketio::AdapterCounters> adapters;  ///< none: no namespace is shared
  struct Forwarding {
    uint64_t peers = 0;   ///< other gateways that are known
    uint64_t forged = 0;  ///< requests that claimed to be a gateway's
    net::http::UpstreamCounters asked;
  };
  std::optional<Forwarding> forwarding;  ///< none: gateways do not forward
  uint64_t trackers = 0;
  uint64_t bad_rows = 0;  ///< of recordings
  uint64_t bad_tokens = 0;
  SessionChanges sessions;
  auth::KeySetStatus key_set;  ///< of auth.jwks; all zero without one
  uint64_t connects_refused = 0;
  std::array<uint64_t, auth::kLimitKinds> limits_allowed{};
  std::array<uint64_t, auth::kLimitKinds> limits_refused{};
  uint64_t abusers = 0;
  uint64_t limits_decided_alone = 0;
  GraphqlCounters graphql;
  ingest::UpdateCounters updates;
  std::vector<ProviderSample> providers;  ///< those that run in this process
  std::optional<GeocodingSample> geocoding;  ///< none: switched off
  std::optional<TlsSample> tls;              ///< none: plain http
};

/// Adds up what the shards counted.
void AddUp(Measurements& sum, const net::ShardCounters& net, const engineio::Counters& engine,
           const socketio::Counters& sockets);

/// What the limits counted.
void AddLimits(Measurements& sum, const auth::RateLimits& limits);

/// The Prometheus text of it.
std::string MetricsText(const Measurements& measurements);

}  // namespace trackwire::api
