#include "api/metrics.h"

#include "base/metrics.h"

namespace trackwire::api {
namespace {

class Writer {
 public:
  void Counter(std::string_view name, std::string_view help, uint64_t value) {
    text_.Family(name, "counter", help);
    text_.Sample(name, "", static_cast<double>(value));
  }
  void Gauge(std::string_view name, std::string_view help, uint64_t value) {
    text_.Family(name, "gauge", help);
    text_.Sample(name, "", static_cast<double>(value));
  }
  void Family(std::string_view name, std::string_view type, std::string_view help) {
    text_.Family(name, type, help);
  }
  void Labelled(std::string_view name, std::string_view label, std::string_view label_value,
                uint64_t value) {
    const std::string labels = std::string(label) + "=\"" + std::string(label_value) + "\"";
    text_.Sample(name, labels, static_cast<double>(value));
  }
  void Histogram(std::string_view name, std::string_view help,
                 const base::LatencyHistogram& histogram) {
    text_.Family(name, "histogram", help);
    text_.Histogram(name, histogram);
  }
  const std::string& text() const { return text_.text(); }

 private:
  base::MetricsText text_;
};

void WriteConnections(Writer& out, const Measurements& m) {
  out.Gauge("trackwire_shards", "Threads that serve connections.", m.shards);
  out.Family("trackwire_connections", "gauge", "Clients connected now, by transport.");
  out.Labelled("trackwire_connections", "transport", "polling", m.engine.polling_sessions);
  out.Labelled("trackwire_connections", "transport", "websocket", m.engine.websocket_sessions);
  out.Gauge("trackwire_sockets", "Sockets seated in a namespace now.", m.sockets.sockets);
  out.Counter("trackwire_socket_connects_total", "Sockets let in.", m.sockets.connects);
  out.Counter("trackwire_socket_connect_errors_total", "Sockets refused by connect_error.",
              m.sockets.connect_errors);
  out.Family("trackwire_sessions_total", "counter", "Sockets let in, by who they were.");
  out.Labelled("trackwire_sessions_total", "kind", "anonymous", m.sessions.anonymous);
  out.Labelled("trackwire_sessions_total", "kind", "signed_in", m.sessions.signed_in);
  out.Counter("trackwire_sessions_refused_total",
              "Sockets refused because a valid token is required.", m.connects_refused);
  out.Counter("trackwire_tokens_refused_total", "Tokens of sockets that were not valid.",
              m.bad_tokens);
  out.Gauge("trackwire_key_set_keys", "Keys of the fetched key set.", m.key_set.keys);
  out.Counter("trackwire_key_set_fetches_total", "Times that the key set was fetched.",
              m.key_set.fetches);
  out.Counter("trackwire_key_set_failures_total", "Of these, those in vain.", m.key_set.failures);
  out.Counter("trackwire_key_set_limited_total",
              "Tokens with an unknown key that caused no fetch, by the limits on its rate.",
              m.key_set.not_asked);
  out.Counter("trackwire_transport_upgrades_total", "Polling sessions that became WebSockets.",
              m.engine.upgrades);
  out.Gauge("trackwire_tcp_connections", "TCP connections open now.", m.net.connections_open);
  out.Counter("trackwire_tcp_accepted_total", "TCP connections accepted.",
              m.net.connections_accepted);
  out.Counter("trackwire_tcp_refused_total", "TCP connections closed at once, over the limit.",
              m.net.connections_refused);
  out.Counter("trackwire_tcp_refused_address_total",
              "TCP connections closed at once, over the limit of their address.",
              m.net.refused_address);
  out.Counter("trackwire_accept_pauses_total",
              "Times that accepting stopped for a moment, out of file descriptors.",
              m.net.accept_pauses);
  out.Gauge("trackwire_waiting_connections", "TCP connections without a whole request now.",
            m.net.connections_waiting);
  out.Gauge("trackwire_unfinished_handshakes", "Clients that have joined no namespace yet.",
            m.sockets.unfinished);
  out.Family("trackwire_evicted_total", "counter", "Connections closed to make room, by kind.");
  out.Labelled("trackwire_evicted_total", "kind", "waiting", m.net.waiting_evicted);
  out.Labelled("trackwire_evicted_total", "kind", "unfinished", m.sockets.unfinished_evicted);
  out.Counter("trackwire_too_slow_total",
              "Requests, answers and messages ended below the least rate.", m.net.too_slow);
  out.Counter("trackwire_input_refused_total",
              "Requests and messages refused because all together held too much.",
              m.net.input_refused);
  out.Gauge("trackwire_input_bytes", "Bytes held of unfinished requests and messages.",
            m.net.input_bytes);
  out.Gauge("trackwire_backlog_bytes", "Bytes unsent to clients, each counted for itself.",
            m.net.backlog_bytes);
}

void WriteTraffic(Writer& out, const Measurements& m) {
  out.Counter("trackwire_packets_in_total", "Engine.IO packets received.", m.engine.packets_in);
  out.Counter("trackwire_packets_out_total", "Engine.IO packets sent.", m.engine.packets_out);
  out.Counter("trackwire_bytes_in_total", "Bytes received.", m.net.bytes_in);
  out.Counter("trackwire_bytes_out_total", "Bytes sent.", m.net.bytes_out);
  out.Counter("trackwire_bodies_packed_total", "Bodies of answers that were sent packed.",
              m.net.bodies_packed);
  out.Counter("trackwire_bodies_not_packed_total",
              "Bodies sent as they are because there was no time to pack them.",
              m.net.bodies_not_packed);
  out.Counter("trackwire_bytes_before_packing_total", "Bytes of the bodies that were packed.",
              m.net.bytes_before_packing);
  out.Counter("trackwire_bytes_after_packing_total", "Bytes they were packed into.",
              m.net.bytes_after_packing);
  out.Counter("trackwire_writes_total", "Calls of sendmsg.", m.net.writes);
  out.Counter("trackwire_http_requests_total", "HTTP requests.", m.net.http_requests);
  out.Family("trackwire_bad_input_total", "counter", "Input refused, by layer.");
  out.Labelled("trackwire_bad_input_total", "layer", "http", m.net.http_errors);
  out.Labelled("trackwire_bad_input_total", "layer", "websocket", m.net.websocket_errors);
  out.Labelled("trackwire_bad_input_total", "layer", "engineio", m.engine.parse_errors);
  out.Labelled("trackwire_bad_input_total", "layer", "socketio", m.sockets.parse_errors);
  out.Labelled("trackwire_bad_input_total", "layer", "notification",
               m.intake.http.rejected + m.intake.channel.rejected + m.intake.inbox.rejected);
  out.Labelled("trackwire_bad_input_total", "layer", "recording", m.bad_rows);
  out.Counter("trackwire_slow_disconnects_total", "Clients closed for reading too slowly.",
              m.net.slow_disconnects + m.engine.slow_disconnects);
}

void WriteBySource(Writer& out, std::string_view name, std::string_view help,
                   const Measurements& m, uint64_t notify::SourceCounters::*counter) {
  out.Family(name, "counter", help);
  out.Labelled(name, "source", "http", m.intake.http.*counter);
  out.Labelled(name, "source", "channel", m.intake.channel.*counter);
  out.Labelled(name, "source", "inbox", m.intake.inbox.*counter);
}

void WriteNotifications(Writer& out, const Measurements& m) {
  // The log hands each entry to dispatch once, whoever put it in.
  out.Counter("trackwire_notifications_accepted_total",
              "Notifications stored in the log, from publishers and from our own providers.",
              m.dispatch.dispatched + m.dispatch.unreadable);
  WriteBySource(out, "trackwire_notifications_published_total",
                "Of these, those that publishers put in and this process stored first.", m,
                &notify::SourceCounters::accepted);
  WriteBySource(out, "trackwire_notifications_duplicate_total",
                "Notifications whose id was known, or that another gateway had stored.", m,
                &notify::SourceCounters::duplicates);
  WriteBySource(out, "trackwire_notifications_rejected_total", "Notifications that were not valid.",
                m, &notify::SourceCounters::rejected);
  WriteBySource(out, "trackwire_notifications_unavailable_total",
                "Valid notifications that could not be stored.", m,
                &notify::SourceCounters::unavailable);
  out.Counter("trackwire_intake_retries_total",
              "Times that storing what the broker brought was tried again.", m.intake.retries);
  out.Counter("trackwire_notifications_dispatched_total", "Log entries handed to the shards.",
              m.dispatch.dispatched);
  out.Counter("trackwire_notifications_delivered_total", "Notifications times receivers.",
              m.sockets.deliveries);
  out.Counter("trackwire_notifications_conflated_total",
              "Unsent positions replaced by newer ones for slow clients.", m.net.frames_conflated);
  out.Histogram("trackwire_delivery_seconds", "From intake to the write to a client's socket.",
                m.net.delivery);
  out.Family("trackwire_queue_depth", "gauge", "What waits, by queue.");
  out.Labelled("trackwire_queue_depth", "queue", "intake_bytes", m.intake.waiting_bytes);
  out.Labelled("trackwire_queue_depth", "queue", "append", m.broker.append_queue);
  out.Gauge("trackwire_log_entries", "Entries kept in the log.", m.broker.log_entries);
  out.Gauge("trackwire_log_bytes", "Bytes kept in the log.", m.broker.log_bytes);
}

void WriteBroker(Writer& out, const Measurements& m) {
  out.Gauge("trackwire_broker_ready", "Whether the broker stores and brings notifications.",
            m.broker.ready ? 1 : 0);
  if (!m.broker.link) return;
  const broker::BrokerLink& link = *m.broker.link;
  out.Gauge("trackwire_redis_connected", "Whether commands reach Redis.", link.up ? 1 : 0);
  out.Counter("trackwire_redis_connects_total", "Links to Redis that came up.", link.connects);
  out.Counter("trackwire_redis_lost_total", "Links to Redis that broke.", link.lost);
  out.Counter("trackwire_redis_redirects_total", "Commands sent on to another node.",
              link.redirects);
  out.Counter("trackwire_redis_commands_total", "Commands sent to Redis.", link.commands);
  out.Counter("trackwire_redis_bytes_in_total", "Bytes received from Redis.", link.bytes_in);
  out.Counter("trackwire_redis_bytes_out_total", "Bytes sent to Redis.", link.bytes_out);
  out.Counter("trackwire_redis_messages_dropped_total",
              "Messages to other processes for which there was no way.", link.messages_dropped);
}

void WriteNeighbours(Writer& out, const Measurements& m) {
  if (!m.adapters) return;
  out.Family("trackwire_neighbour_messages_total", "counter",
             "Messages from and to other Socket.IO servers, by what became of them.");
  const auto count = [&](std::string_view outcome, uint64_t value) {
    out.Labelled("trackwire_neighbour_messages_total", "outcome", outcome, value);
  };
  count("received", m.adapters->received);
  count("sent", m.adapters->sent);
  count("ignored", m.adapters->ignored);
  count("bad", m.adapters->bad);
  count("dropped", m.adapters->dropped);
  count("timeout", m.adapters->timeouts);
}

void WriteForwarding(Writer& out, const Measurements& m) {
  if (!m.forwarding) return;
  const net::http::UpstreamCounters& asked = m.forwarding->asked;
  out.Gauge("trackwire_gateways_known", "Other gateways that are alive.", m.forwarding->peers);
  out.Counter("trackwire_forwarded_requests_total",
              "Requests of sessions on other gateways that were sent on, WebSockets too.",
              asked.asked);
  out.Counter("trackwire_forwarded_websockets_total",
              "Of these, WebSockets that were opened and relayed.", asked.websockets);
  out.Gauge("trackwire_forwarded_open",
            "Requests without their answer and relayed WebSockets now.", asked.open);
  out.Gauge("trackwire_forwarding_connections", "Connections to other gateways now.",
            asked.connections);
  constexpr std::string_view kNotAnswered = "trackwire_forwarded_not_answered_total";
  out.Family(kNotAnswered, "counter", "Forwarded requests without the owner's answer, by reason.");
  out.Labelled(kNotAnswered, "reason", "failed", asked.failed);
  out.Labelled(kNotAnswered, "reason", "busy", asked.refused);
  out.Labelled(kNotAnswered, "reason", "aborted", asked.aborted);
  out.Counter("trackwire_forwarding_forged_total",
              "Requests refused that claimed to be another gateway's.", m.forwarding->forged);
}

void WriteRecovery(Writer& out, const Measurements& m) {
  const notify::RecoveryCounters& r = m.recovery;
  out.Counter("trackwire_recovery_resumed_total", "Clients that got what they missed.", r.resumed);
  out.Family("trackwire_recovery_refused_total", "counter",
             "Clients that had to start anew, by reason.");
  out.Labelled("trackwire_recovery_refused_total", "reason", "unknown", r.unknown);
  out.Labelled("trackwire_recovery_refused_total", "reason", "identity", r.identity);
  out.Labelled("trackwire_recovery_refused_total", "reason", "offset", r.offset);
  out.Labelled("trackwire_recovery_refused_total", "reason", "trimmed", r.trimmed);
  out.Labelled("trackwire_recovery_refused_total", "reason", "limits", r.limits);
  out.Labelled("trackwire_recovery_refused_total", "reason", "failed", r.failed);
  out.Labelled("trackwire_recovery_refused_total", "reason", "superseded", r.superseded);
  out.Counter("trackwire_recovery_let_go_total", "Sockets closed because another gateway has them.",
              r.let_go);
  out.Counter("trackwire_log_breaks_total", "Times that the log was lost and clients started anew.",
              m.log_breaks);
}

void WriteSessions(Writer& out, const Measurements& m) {
  const SessionChanges& s = m.sessions;
  out.Family("trackwire_session_changes_total", "counter",
             "Sessions that changed on the open socket, by reason.");
  const auto changed = [&](std::string_view reason, uint64_t value) {
    out.Labelled("trackwire_session_changes_total", "reason", reason, value);
  };
  changed("expired", s.expired);
  changed("authenticated", s.authenticated);
  changed("revoked", s.revoked);
  changed("logged_out", s.logged_out);
  changed("account_changed", s.account_changed);
  out.Counter("trackwire_session_tokens_refused_total",
              "Tokens that were shown on the open socket and did not count.", s.not_authenticated);
  out.Family("trackwire_sessions_closed_total", "counter",
             "Sockets that the server disconnected, by reason.");
  const auto closed = [&](std::string_view reason, uint64_t value) {
    out.Labelled("trackwire_sessions_closed_total", "reason", reason, value);
  };
  closed("ended", s.ended);
  closed("lost", s.lost);
  closed("no_token", s.shut_out);
  out.Counter("trackwire_session_records_rewritten_total",
              "Records of sessions that storage had lost and that were written again.", s.anew);
  out.Gauge("trackwire_revocations", "Revocations known to this process.", s.revocations);
}

void WriteLimits(Writer& out, const Measurements& m) {
  const auto by_kind = [&](const auto& counts, std::string_view name, std::string_view help) {
    out.Family(name, "counter", help);
    for (size_t kind = 0; kind < auth::kLimitKinds; ++kind) {
      out.Labelled(name, "kind", auth::ToString(static_cast<auth::LimitKind>(kind)),
                   counts[kind]);
    }
  };
  by_kind(m.limits_allowed, "trackwire_rate_limit_allowed_total",
          "What was counted by a rate limit and allowed.");
  by_kind(m.limits_refused, "trackwire_rate_limit_refused_total",
          "What was refused by a rate limit.");
  out.Counter("trackwire_rate_limit_alone_total",
              "Verdicts given without the other gateways, because the broker was away or slow.",
              m.limits_decided_alone);
  out.Family("trackwire_abuse_disconnects_total", "counter",
             "Connections ended for too much of something.");
  out.Labelled("trackwire_abuse_disconnects_total", "cause", "events", m.abusers);
  out.Labelled("trackwire_abuse_disconnects_total", "cause", "packets",
               m.engine.flood_disconnects);
}

void WritePositions(Writer& out, const Measurements& m) {
  out.Family("trackwire_subscription_requests_total", "counter",
             "Events subscribe and unsubscribe by what became of them.");
  out.Labelled("trackwire_subscription_requests_total", "outcome", "answered",
               m.subscriptions_answered);
  out.Labelled("trackwire_subscription_requests_total", "outcome", "refused",
               m.subscriptions_refused);
  out.Counter("trackwire_subscription_answers_truncated_total",
              "Answers whose positions were cut.", m.subscriptions_truncated);
  out.Gauge("trackwire_choosers", "Sockets that have chosen what they get.", m.choices.choosers);
  out.Gauge("trackwire_chosen_boxes", "Bounding boxes chosen.", m.choices.boxes);
  out.Gauge("trackwire_trackers", "Trackers known.", m.trackers);
  out.Family("trackwire_positions_total", "counter", "Positions that came in, by outcome.");
  out.Labelled("trackwire_positions_total", "outcome", "accepted", m.positions.accepted);
  out.Labelled("trackwire_positions_total", "outcome", "late", m.positions.late);
  out.Labelled("trackwire_positions_total", "outcome", "duplicate", m.positions.duplicate);
  out.Labelled("trackwire_positions_total", "outcome", "contact", m.positions.contacts);
  out.Labelled("trackwire_positions_total", "outcome", "last_will", m.positions.last_wills);
  out.Labelled("trackwire_positions_total", "outcome", "refused", m.positions.refused);
  out.Labelled("trackwire_positions_total", "outcome", "overflow", m.positions.overflow);
  out.Family("trackwire_push_requests_total", "counter", "Requests of trackers that push.");
  out.Labelled("trackwire_push_requests_total", "outcome", "taken", m.push.taken);
  out.Labelled("trackwire_push_requests_total", "outcome", "refused", m.push.refused);
  out.Labelled("trackwire_push_requests_total", "outcome", "bad_token", m.push.bad_tokens);
  out.Labelled("trackwire_push_requests_total", "outcome", "unavailable", m.push.unavailable);
  out.Family("trackwire_notified_positions_total", "counter",
             "Positions in notifications of others, by what became of them.");
  out.Labelled("trackwire_notified_positions_total", "outcome", "stored", m.told.stored);
  out.Labelled("trackwire_notified_positions_total", "outcome", "late", m.told.late);
  out.Labelled("trackwire_notified_positions_total", "outcome", "refused", m.told.refused);
  out.Labelled("trackwire_notified_positions_total", "outcome", "unknown", m.told.unknown);
  out.Counter("trackwire_notified_positions_lost_total",
              "Times that notifications expired before their positions were stored.",
              m.told.lost);
  out.Counter("trackwire_status_changes_total", "Changes of a tracker's status.",
              m.positions.status_changes);
}

void WriteGraphql(Writer& out, const Measurements& m) {
  out.Family("trackwire_graphql_requests_total", "counter",
             "Requests to /graphql, by what became of them.");
  out.Labelled("trackwire_graphql_requests_total", "outcome", "executed", m.graphql.executed);
  out.Labelled("trackwire_graphql_requests_total", "outcome", "refused", m.graphql.refused);
  out.Counter("trackwire_graphql_deadlines_total",
              "Of those executed, the ones that their deadline ended.", m.graphql.timed_out);
}

}  // namespace

void AddUp(Measurements& sum, const net::ShardCounters& net, const engineio::Counters& engine,
           const socketio::Counters& sockets) {
  ++sum.shards;
  sum.net.Add(net);
  sum.engine.polling_sessions += engine.polling_sessions;
  sum.engine.websocket_sessions += engine.websocket_sessions;
  sum.engine.upgrades += engine.upgrades;
  sum.engine.packets_in += engine.packets_in;
  sum.engine.packets_out += engine.packets_out;
  sum.engine.parse_errors += engine.parse_errors;
  sum.engine.slow_disconnects += engine.slow_disconnects;
  sum.engine.flood_disconnects += engine.flood_disconnects;
  sum.sockets.sockets += sockets.sockets;
  sum.sockets.connects += sockets.connects;
  sum.sockets.connect_errors += sockets.connect_errors;
  sum.sockets.deliveries += sockets.deliveries;
  sum.sockets.parse_errors += sockets.parse_errors;
  sum.sockets.unfinished += sockets.unfinished;
  sum.sockets.unfinished_evicted += sockets.unfinished_evicted;
}

SessionChanges ReadSessionCounters(const notify::SessionCounters& sessions,
                                   const notify::BookCounters& book) {
  SessionChanges out;
  out.anonymous = sessions.anonymous;
  out.signed_in = sessions.signed_in;
  out.expired = sessions.expired;
  out.authenticated = sessions.authenticated;
  out.not_authenticated = sessions.not_authenticated;
  out.revoked = sessions.revoked;
  out.logged_out = sessions.logged_out;
  out.account_changed = sessions.account_changed;
  out.shut_out = sessions.shut_out;
  out.ended = book.ended;
  out.lost = book.lost;
  out.anew = book.anew;
  return out;
}

void AddLimits(Measurements& sum, const auth::RateLimits& limits) {
  const auth::LimitCounters& counters = limits.counters();
  for (size_t kind = 0; kind < auth::kLimitKinds; ++kind) {
    sum.limits_allowed[kind] += counters.allowed[kind];
    sum.limits_refused[kind] += counters.refused[kind];
  }
  sum.abusers += counters.abusers;
  sum.limits_decided_alone += limits.decided_alone();
}

std::string MetricsText(const Measurements& measurements) {
  Writer out;
  WriteConnections(out, measurements);
  WriteTraffic(out, measurements);
  WriteNotifications(out, measurements);
  WriteBroker(out, measurements);
  WriteNeighbours(out, measurements);
  WriteForwarding(out, measurements);
  WriteRecovery(out, measurements);
  WriteSessions(out, measurements);
  WriteLimits(out, measurements);
  WritePositions(out, measurements);
  WriteGraphql(out, measurements);
  return out.text() + UpdateMetricsText(measurements.updates) +
         ProviderMetricsText(measurements.providers) +
         (measurements.tls ? TlsMetricsText(*measurements.tls, measurements.net) : std::string()) +
         (measurements.geocoding ? GeocodingMetricsText(*measurements.geocoding) : std::string());
}

}  // namespace trackwire::api
