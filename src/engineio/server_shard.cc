#include "engineio/server_shard.h"

#include <algorithm>

#include "engineio/cookie.h"
#include "engineio/polling_transport.h"

namespace trackwire::engineio {
ServerShard::ServerShard(net::Shard& shard, const Shared& shared)
    : shard_(shard),
      shared_(shared),
      drain_timer_([](void* self) { static_cast<ServerShard*>(self)->DrainSome(); }, this) {}

Session* ServerShard::Find(const SessionId& id) {
  Session* session = sessions_.Find(id.slot, id.generation);
  if (session == nullptr || !session->id().Equals(id) || !session->reachable()) return nullptr;
  return session;
}

Session* ServerShard::Find(uint32_t slot, uint32_t generation) {
  return sessions_.Find(slot, generation);
}

void ServerShard::Retire(Session& session) {
  Defer([this, slot = session.slot(), generation = session.generation()] {
    if (sessions_.Find(slot, generation) != nullptr) sessions_.Erase(slot, generation);
  });
}

void ServerShard::Decorate(const net::http::Request& request, net::http::Headers& headers) const {
  shared_.origins.AddHeaders(request, headers);
  if (shared_.options.response_headers) shared_.options.response_headers(request, headers);
}

void ServerShard::Answer(const net::http::Exchange& exchange, const net::http::Request& request,
                         net::http::Response response) {
  Decorate(request, response.headers);
  exchange.Respond(std::move(response));
}

void ServerShard::Refuse(const net::http::Exchange& exchange, const net::http::Request& request,
                         RequestError error, std::string_view text) {
  ++counters_.refused[static_cast<size_t>(error)];
  TellRefused(request, error, text.empty() ? Message(error) : text);
  Answer(exchange, request, ErrorResponse(error, WantsWebSocket(request), text));
}

void ServerShard::RefuseBusy(const net::http::Exchange& exchange,
                             const net::http::Request& request) {
  net::http::Response response =
      ErrorResponse(RequestError::kBadRequest, WantsWebSocket(request),
                    "Too many requests are being forwarded");
  response.status = 503;
  Answer(exchange, request, std::move(response));
}

void ServerShard::TellRefused(const net::http::Request& request, RequestError error,
                              std::string_view message) const {
  if (options().on_connection_error) options().on_connection_error(request, error, message);
}

bool ServerShard::HasRoom(const net::http::Exchange& exchange, const net::http::Request& request) {
  if (!draining_ && sessions_.size() < shared_.max_sessions) return true;
  ++counters_.refused_full;
  const char* why = draining_ ? "The server is shutting down" : "The server is full";
  TellRefused(request, RequestError::kBadRequest, why);
  net::http::Response response =
      ErrorResponse(RequestError::kBadRequest, WantsWebSocket(request), why);
  response.status = 503;
  Answer(exchange, request, std::move(response));
  return false;
}

Session& ServerShard::Open(std::unique_ptr<Transport> transport,
                           const net::http::Request& request) {
  Session& session = sessions_.Emplace(static_cast<SessionHost&>(*this), std::move(transport));
  const Options& rules = options();
  if (rules.packets_per_second > 0 && (!rules.meters_packets || rules.meters_packets(request))) {
    session.MeterPackets();
  }
  session.SendOpen();
  if (!rules.initial_packet.empty()) {
    session.SendMessage(net::FrameKind::kText, rules.initial_packet);
  }
  session.set_listener(shared_.accept(session, request));
  return session;
}

void ServerShard::OpenPolling(const net::http::Exchange& exchange,
                              const net::http::Request& request) {
  Session& session = Open(std::make_unique<PollingTransport>(*this), request);
  if (!session.reachable()) return Refuse(exchange, request, RequestError::kUnknownSid);
  net::http::Headers headers;
  const SessionCookie& cookie = options().cookie;
  if (!cookie.name.empty()) headers.Add("Set-Cookie", SetCookie(cookie, session.sid()));
  session.Poll(exchange, request, std::move(headers));
}

std::unique_ptr<WebSocketTransport> ServerShard::Upgraded(const net::http::Exchange& exchange,
                                                          const net::http::Request& request,
                                                          bool base64) {
  auto transport = std::make_unique<WebSocketTransport>(base64);
  net::http::Headers headers;
  Decorate(request, headers);
  if (!transport->Open(exchange, request, options(), std::move(headers))) {
    return nullptr;
  }
  return transport;
}

void ServerShard::OpenWebSocket(const net::http::Exchange& exchange,
                                const net::http::Request& request, bool base64) {
  if (auto transport = Upgraded(exchange, request, base64)) {
    Open(std::move(transport), request);
  }
}

void ServerShard::OpenUpgrade(Session& session, const net::http::Exchange& exchange,
                              const net::http::Request& request, bool base64) {
  auto transport = Upgraded(exchange, request, base64);
  if (transport == nullptr) return;
  // One at a time: another is accepted, as clients expect, and closed.
  if (!session.upgradable()) {
    transport->Close();
    return;
  }
  session.BeginUpgrade(std::move(transport));
}

void ServerShard::Drain(uint32_t per_second, std::function<void()> done) {
  draining_ = true;
  drained_ = std::move(done);
  // A tenth of a second's share every tenth of a second, or single ones further apart.
  drain_step_ = per_second == 0 ? UINT32_MAX : std::max(1U, per_second / 10);
  if (per_second > 0) drain_pause_ = std::chrono::milliseconds(drain_step_ * 1000 / per_second);
  DrainSome();
}

void ServerShard::DrainSome() {
  uint32_t left = drain_step_;
  size_t open = 0;
  sessions_.ForEach([&](Session& session) {
    if (!session.open()) return;
    if (left == 0) {
      ++open;
      return;
    }
    --left;
    session.CloseNow(CloseReason::kServerShuttingDown);
  });
  if (open > 0) return drain_timer_.Start(timers(), drain_pause_);
  if (drained_) Defer(std::exchange(drained_, nullptr));
}

}  // namespace trackwire::engineio
