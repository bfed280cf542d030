// How a socket gets its seat: middlewares, recovery, the answer, the connection handlers.
#include <utility>

#include "base/text.h"
#include "socketio/adapter_seat.h"
#include "socketio/client.h"
#include "socketio/guard.h"
#include "socketio/handshake.h"
#include "socketio/namespace_shard.h"

namespace trackwire::socketio {
namespace {

/// 120 random bits in 20 characters, as long as those of the npm server.
std::string NewId() { return base::Base64UrlEncode(base::RandomBytes(15)); }

base::JsonValue Auth(const Handshake& handshake) {
  return {base::JsonType::kObject, handshake.auth_json};
}

std::string StringMember(const Handshake& handshake, std::string_view name) {
  const auto value = base::FindMember(Auth(handshake), name);
  return value && value->is_string() ? base::DecodeJsonString(value->text) : std::string();
}

}  // namespace

Socket& NamespaceShard::Connect(Client& client, std::unique_ptr<Handshake> handshake) {
  if (nsp_.dynamic_ && sockets_.size() == 0) {
    busy_ = nsp_.Hold();
    part_.children.emplace(nsp_.name(), &nsp_);
  }
  Socket& socket = sockets_.Emplace(*this, client, std::move(handshake));
  client.Admitted(socket);
  const bool resumes_first = part_.options.recovery_skips_middlewares && TakesPart(socket);
  if (!resumes_first || !Resume(socket)) RunMiddleware(socket, 0);
  return socket;
}

void NamespaceShard::RunMiddleware(Socket& socket, size_t index) {
  const auto& middlewares = nsp_.handlers().middlewares;
  if (index == middlewares.size()) return Admit(socket);
  Next next = [this, ref = socket.ref(), index, hold = nsp_.Hold(),
               called = false](std::optional<ConnectError> error) mutable {
    if (std::exchange(called, true)) return;
    RunOn(part_.shard, [this, ref, index, error = std::move(error), hold] {
      Socket* self = Find(ref);
      if (self == nullptr || self->state_ != Socket::State::kConnecting) return;
      if (error) {
        Refuse(*self, *error);
      } else {
        RunMiddleware(*self, index + 1);
      }
    });
  };
  const bool done =
      Guarded("middleware", socket.sid(), [&] { middlewares[index](socket, std::move(next)); });
  if (!done && socket.state_ == Socket::State::kConnecting) {
    Refuse(socket, {"Internal server error", {}});
  }
}

void NamespaceShard::Refuse(Socket& socket, const ConnectError& error) {
  ++part_.counters.connect_errors;
  Client& client = *socket.client_;
  End(socket, DisconnectReason::kServerNamespaceDisconnect);
  client.Unseated(socket, std::move(socket.handshake_));
  client.SendConnectError(nsp_.name(), error);
}

bool NamespaceShard::TakesPart(const Socket& socket) const {
  if (nsp_.recovery_ == nullptr) return false;
  const Handshake& handshake = *socket.handshake();
  if (handshake.query.Find("recovery") == "0") return false;
  const auto wish = base::FindMember(Auth(handshake), "recovery");
  if (wish && wish->type == base::JsonType::kFalse) return false;
  return !nsp_.participates_ || nsp_.participates_(socket);
}

void NamespaceShard::Admit(Socket& socket) {
  if (!TakesPart(socket)) {
    socket.recovery_.reset();  // it may have asked before the middlewares
    return Seat(socket, std::nullopt);
  }
  if (socket.recovery_ == nullptr) socket.recovery_ = std::make_unique<Socket::RecoveryPart>();
  if (socket.resume_failed_ || !Resume(socket)) Seat(socket, std::nullopt);
}

/// False: the client has nothing to resume.
bool NamespaceShard::Resume(Socket& socket) {
  const std::string pid = StringMember(*socket.handshake(), "pid");
  const std::string offset = StringMember(*socket.handshake(), "offset");
  if (pid.empty() || offset.empty()) return false;
  if (socket.recovery_ == nullptr) socket.recovery_ = std::make_unique<Socket::RecoveryPart>();
  recovery()->Resume(
      pid, offset, socket, [this, ref = socket.ref()](std::optional<Resumption> resumption) {
        RunOn(part_.shard, [this, ref, resumption = std::move(resumption)]() mutable {
          Resumed(ref, std::move(resumption));
        });
      });
  return true;
}

void NamespaceShard::Resumed(SocketRef ref, std::optional<Resumption> resumption) {
  Socket* socket = Find(ref);
  if (socket != nullptr && socket->state_ == Socket::State::kConnecting) {
    ++(resumption ? part_.counters.resumed : part_.counters.resume_refused);
    if (!resumption && part_.options.recovery_skips_middlewares) {
      socket->resume_failed_ = true;
      return RunMiddleware(*socket, 0);
    }
    return Seat(*socket, std::move(resumption));
  }
  // The client left while its record was taken over for it; it may try again.
  if (resumption) recovery()->Release(resumption->record.pid, ref, true);
}

void NamespaceShard::Seat(Socket& socket, std::optional<Resumption> resumption) {
  socket.sid_ = resumption ? resumption->record.sid : NewSid(socket);
  CloseFormer(socket.sid_);
  if (socket.state_ != Socket::State::kConnecting) {  // what the former's handlers did
    if (resumption) recovery()->Release(resumption->record.pid, socket.ref(), true);
    return;
  }
  if (socket.recovery_ != nullptr) {
    std::string pid = resumption ? resumption->record.pid : recovery()->NewPid(socket.sid_);
    socket.recovery_->pid = pid.empty() ? NewId() : std::move(pid);
    socket.recovery_->changed = true;  // saved below, not once a change
  }
  if (const AdapterSeat* adapter = nsp_.seat_.get()) {
    const auto& handshake = *socket.handshake();
    socket.MakeShared().handshake_json = DescribeHandshake(handshake, adapter->shares_credentials);
  }
  socket.state_ = Socket::State::kConnected;
  socket.seat_ = static_cast<uint32_t>(everyone_.size());
  everyone_.push_back(&socket);
  by_sid_[socket.sid()] = &socket;
  ++part_.counters.connects;
  ++part_.counters.sockets;
  socket.client_->Seated();
  AnswerConnect(socket);
  if (resumption) {
    socket.recovered_ = true;
    socket.recovery_->data = std::move(resumption->record.data);
    for (const std::string& room : resumption->record.rooms) rooms_.Join(socket, room);
    Replay(socket, resumption->missed);
  }
  for (const auto& handler : nsp_.handlers().connection) {
    if (!socket.connected()) break;
    if (!Guarded("connection", socket.sid(), [&] { handler(socket); })) CloseBroken(socket);
  }
  if (!part_.options.keep_handshake) socket.handshake_.reset();
  if (socket.connected() && socket.recovery_ != nullptr) Save(socket);
}

std::string NamespaceShard::NewSid(const Socket& socket) const {
  std::string sid;
  const auto& make = part_.options.make_sid;
  if (make) Guarded("sid", {}, [&] { sid = make(socket); });
  return sid.empty() ? NewId() : sid;
}

/// Two live sockets must never share a sid, and the index's key is a view into its socket: none
/// may outlive it.
void NamespaceShard::CloseFormer(const std::string& sid) {
  const auto former = by_sid_.find(sid);
  if (former == by_sid_.end()) return;
  former->second->CloseConnection();
  // Still there only when it is ending right now, further down the stack.
  by_sid_.erase(sid);
}

void NamespaceShard::AnswerConnect(Socket& socket) {
  std::string payload = "{\"sid\":";
  base::AppendJsonString(payload, socket.sid());
  if (!socket.pid().empty()) {
    payload += ",\"pid\":";
    base::AppendJsonString(payload, socket.pid());
  }
  payload += '}';
  // `pid` is the bearer of what the client missed.
  socket.Send({.type = PacketType::kConnect, .payload = payload}, socket.pid().empty());
}

void NamespaceShard::Replay(Socket& socket, const DeliveryBatch& missed) {
  for (const auto& delivery : missed) {
    const auto& text = delivery->with_offset ? delivery->with_offset : delivery->plain;
    socket.SendFrame(net::FrameRef::Hold(text));
    for (const auto& frame : delivery->attachments) {
      socket.SendFrame(net::FrameRef::Hold(frame));
    }
  }
}

}  // namespace trackwire::socketio
