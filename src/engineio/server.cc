#include "engineio/server.h"

#include <atomic>

#include "engineio/cookie.h"
#include "engineio/forwarder.h"
#include "net/websocket/handshake.h"

namespace trackwire::engineio {
namespace {

using net::http::Body;

net::http::Response Plain(int status, std::string body = {}) {
  net::http::Response response;
  response.status = status;
  if (!body.empty()) response.headers.Add("Content-Type", "text/html");
  response.body = std::move(body);
  return response;
}

bool IsOctetStream(const net::http::Request& request) {
  const auto type = request.headers.Find("Content-Type");
  return type && type->substr(0, type->find(';')) == "application/octet-stream";
}

}  // namespace

Server::Server(std::vector<net::Shard*> shards, Options options, AcceptFn accept)
    : shards_(std::move(shards)),
      shared_{options, OriginPolicy(options.cors), std::move(accept), shards_.size(), 0} {
  CHECK(!shards_.empty());
  CHECK(IsValid(shared_.options.cookie));
  const auto count = static_cast<uint32_t>(shards_.size());
  shared_.max_sessions = (shared_.options.max_sessions + count - 1) / count;
  for (net::Shard* shard : shards_) {
    CHECK(shard->index() == parts_.size());
    parts_.push_back(std::make_unique<ServerShard>(*shard, shared_));
  }
}

Server::~Server() = default;

ServerShard& Server::Of(net::Shard& shard) const { return *parts_[shard.index()]; }

const Counters& Server::counters(net::Shard& shard) const { return Of(shard).counters(); }

Session* Server::Find(net::Shard& shard, uint32_t slot, uint32_t generation) const {
  return Of(shard).Find(slot, generation);
}

Session* Server::FindSession(ServerShard& shard, std::string_view sid) const {
  const auto id = SessionId::Parse(sid);
  if (!id || id->shard != shard.shard_index()) return nullptr;
  return shard.Find(*id);
}

Body Server::OnRequest(const net::http::Exchange& exchange, const net::http::Request& request) {
  ServerShard& shard = Of(exchange.shard());
  if (shared_.options.answer_with) {
    if (auto answer = shared_.options.answer_with(request)) {
      ++shard.counters().refused_by_program;
      shard.Answer(exchange, request, std::move(*answer));
      return Body::None();
    }
  }
  if (request.method == "OPTIONS" && shared_.origins.configured()) {
    shard.Answer(exchange, request, shared_.origins.Preflight(request));
    return Body::None();
  }
  const auto target = CheckRequest(request, shared_.options);
  if (!target) {
    shard.Refuse(exchange, request, target.error());
    return Body::None();
  }
  if (target->sid.empty()) return Handshake(shard, exchange, request, *target);
  if (const auto owner = ForeignOwner(target->sid)) {
    return Elsewhere(shard, exchange, request, *owner);
  }
  const auto id = SessionId::Parse(target->sid);
  if (id && id->shard != shard.shard_index() && id->shard < shards_.size()) {
    exchange.HandOver(*shards_[id->shard]);
    return Body::None();
  }
  return Continue(shard, exchange, request, *target);
}

Body Server::Handshake(ServerShard& shard, const net::http::Exchange& exchange,
                       const net::http::Request& request, const Target& target) {
  if (shared_.options.refuse_with) {
    if (auto answer = shared_.options.refuse_with(request)) {
      ++shard.counters().refused_by_program;
      shard.Answer(exchange, request, std::move(*answer));
      return Body::None();
    }
  }
  if (shared_.options.allow_request) {
    if (const auto refusal = shared_.options.allow_request(request)) {
      shard.Refuse(exchange, request, RequestError::kForbidden, *refusal);
      return Body::None();
    }
  }
  if (target.websocket && !OriginAllowed(shard, exchange, request)) return Body::None();
  if (!target.version_4) {
    shard.Refuse(exchange, request, RequestError::kUnsupportedProtocol);
    return Body::None();
  }
  if (!shard.HasRoom(exchange, request)) return Body::None();
  if (target.websocket) {
    shard.OpenWebSocket(exchange, request, target.base64);
  } else {
    shard.OpenPolling(exchange, request);
  }
  return Body::None();
}

bool Server::OriginAllowed(ServerShard& shard, const net::http::Exchange& exchange,
                           const net::http::Request& request) const {
  if (shared_.origins.AllowsWebSocket(request)) return true;
  ++shard.counters().refused_origin;
  shard.Refuse(exchange, request, RequestError::kForbidden, "Origin not allowed");
  return false;
}

Body Server::Continue(ServerShard& shard, const net::http::Exchange& exchange,
                      const net::http::Request& request, const Target& target) {
  if (target.websocket && !OriginAllowed(shard, exchange, request)) return Body::None();
  Session* session = FindSession(shard, target.sid);
  if (session == nullptr) {
    shard.Refuse(exchange, request, RequestError::kUnknownSid);
    return Body::None();
  }
  const bool mismatch = !target.websocket && !session->polling();
  if (!target.version_4 || mismatch || (target.websocket && !shared_.options.allow_upgrades)) {
    shard.Refuse(exchange, request, RequestError::kBadRequest);
    return Body::None();
  }
  if (target.websocket) {
    shard.OpenUpgrade(*session, exchange, request, target.base64);
  } else if (request.method == "GET") {
    session->Poll(exchange, request);
  } else if (request.method == "POST") {
    return Post(shard, *session, exchange, request);
  } else {
    shard.Answer(exchange, request, Plain(500));
  }
  return Body::None();
}

std::optional<uint32_t> Server::ForeignOwner(std::string_view sid) const {
  const auto id = SessionId::Parse(sid);
  if (!id || id->owner == shared_.options.owner) return std::nullopt;
  return id->owner;
}

/// For a session of another server; whether it exists is for that one to say.
Body Server::Elsewhere(ServerShard& shard, const net::http::Exchange& exchange,
                       const net::http::Request& request, uint32_t owner) {
  const Forwarder* forwarder = shared_.options.forwarder;
  const bool carried = request.method == "GET" || request.method == "POST";
  if (forwarder == nullptr || !carried || !forwarder->Knows(shard.shard(), owner)) {
    shard.Refuse(exchange, request, RequestError::kUnknownSid);
    return Body::None();
  }
  if (request.method == "POST") return Body::Read(shared_.options.max_payload);
  if (WantsWebSocket(request)) {
    if (auto refusal = net::websocket::RefuseOpening(request)) {
      refusal->close = true;
      shard.Answer(exchange, request, std::move(*refusal));
      return Body::None();
    }
  }
  if (request.content_length.value_or(0) > 0 || request.headers.Find("Transfer-Encoding")) {
    shard.Refuse(exchange, request, RequestError::kBadRequest);
    return Body::None();
  }
  Forward(shard, exchange, request, owner, {}, 0);
  return Body::None();
}

void Server::Forward(ServerShard& shard, const net::http::Exchange& exchange,
                     const net::http::Request& request, uint32_t owner, std::string body,
                     size_t announced) {
  // The request lives as long as the exchange awaits its answer.
  auto failed = [&shard, exchange, &request](Forwarder::Failure failure) {
    if (failure == Forwarder::Failure::kUnknown) {
      return shard.Refuse(exchange, request, RequestError::kUnknownSid);
    }
    shard.RefuseBusy(exchange, request);
  };
  shared_.options.forwarder->Forward(exchange, request, owner, {std::move(body), announced},
                                     std::move(failed));
}

Body Server::Post(ServerShard& shard, Session& session, const net::http::Exchange& exchange,
                  const net::http::Request& request) {
  if (IsOctetStream(request)) {
    session.CloseNow(CloseReason::kTransportError);
    shard.Answer(exchange, request, Plain(400));
    return Body::None();
  }
  if (!session.BeginPost(exchange)) {
    shard.Answer(exchange, request, Plain(400));
    return Body::None();
  }
  return Body::Read(shared_.options.max_payload);
}

void Server::OnBody(const net::http::Exchange& exchange, const net::http::Request& request,
                    std::string body) {
  ServerShard& shard = Of(exchange.shard());
  const auto sid = request.query.Find("sid");
  const auto owner = sid ? ForeignOwner(*sid) : std::nullopt;
  if (owner) {
    const size_t size = body.size();
    return Forward(shard, exchange, request, *owner, std::move(body), size);
  }
  Session* session = sid ? FindSession(shard, *sid) : nullptr;
  if (session == nullptr) return shard.Refuse(exchange, request, RequestError::kUnknownSid);
  const bool good = session->EndPost(body);
  shard.Answer(exchange, request, good ? Plain(200, "ok") : Plain(400));
}

void Server::OnBodyTooLarge(const net::http::Exchange& exchange,
                            const net::http::Request& request) {
  ServerShard& shard = Of(exchange.shard());
  const auto sid = request.query.Find("sid");
  const auto owner = sid ? ForeignOwner(*sid) : std::nullopt;
  if (owner) {
    return Forward(shard, exchange, request, *owner, {}, shared_.options.max_payload + 1);
  }
  if (Session* session = sid ? FindSession(shard, *sid) : nullptr) {
    session->CloseNow(CloseReason::kTransportError);
  }
  net::http::Response response = Plain(413);
  response.close = true;
  shard.Answer(exchange, request, std::move(response));
}

void Server::Drain(uint32_t per_second, std::function<void()> done) {
  const auto left = std::make_shared<std::atomic<size_t>>(parts_.size());
  for (auto& part : parts_) {
    part->shard().Post([&part = *part, per_second, left, done] {
      part.Drain(per_second, [left, done] {
        if (left->fetch_sub(1) == 1 && done) done();
      });
    });
  }
}

}  // namespace trackwire::engineio
