#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/graphql_endpoint.h"
#include "auth/refreshed_key_set.h"
#include "broker/broker.h"
#include "engineio/session_host.h"
#include "ingest/position_intake.h"
#include "net/shard.h"
#include "notify/dispatch.h"
#include "notify/intake.h"
#include "notify/log_recovery.h"
#include "notify/user_session.h"
#include "socketio/server.h"

namespace trackwire::api {

/// All that one look at the gateway found.
struct Measurements {
  uint64_t shards = 0;
  net::ShardCounters net;
  engineio::Counters engine;
  socketio::Counters sockets;
  notify::IntakeCounters intake;
  notify::DispatchCounters dispatch;
  notify::RecoveryCounters recovery;
  ingest::IntakeCounters positions;
  broker::BrokerHealth broker;
  uint64_t log_breaks = 0;
  std::optional<socketio::AdapterCounters> adapters;  ///< none: no namespace is shared
  uint64_t trackers = 0;
  uint64_t bad_rows = 0;  ///< of recordings
  uint64_t bad_tokens = 0;
  auth::KeySetStatus key_set;  ///< of auth.jwks; all zero without one
  uint64_t sessions_anonymous = 0;
  uint64_t sessions_signed_in = 0;
  uint64_t connects_refused = 0;
  GraphqlCounters graphql;
};

/// Adds up what the shards counted.
void AddUp(Measurements& sum, const net::ShardCounters& net, const engineio::Counters& engine,
           const socketio::Counters& sockets);

/// The Prometheus text of it.
std::string MetricsText(const Measurements& measurements);

}  // namespace trackwire::api
