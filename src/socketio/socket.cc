#include "socketio/socket.h"

#include "socketio/client.h"
#include "socketio/encoder.h"
#include "socketio/namespace_shard.h"
#include "socketio/socket_extras.h"

namespace trackwire::socketio {
namespace {

const std::string kNone;

}  // namespace

std::optional<std::string> Handshake::Cookie(std::string_view name) const {
  net::http::Request request;
  request.headers = headers;
  return request.Cookie(name);
}

const char* ToString(DisconnectReason reason) {
  switch (reason) {
    case DisconnectReason::kTransportError:
      return "transport error";
    case DisconnectReason::kTransportClose:
      return "transport close";
    case DisconnectReason::kForcedClose:
      return "forced close";
    case DisconnectReason::kPingTimeout:
      return "ping timeout";
    case DisconnectReason::kParseError:
      return "parse error";
    case DisconnectReason::kServerShuttingDown:
      return "server shutting down";
    case DisconnectReason::kForcedServerClose:
      return "forced server close";
    case DisconnectReason::kClientNamespaceDisconnect:
      return "client namespace disconnect";
    case DisconnectReason::kServerNamespaceDisconnect:
      return "server namespace disconnect";
  }
  return "";
}

bool IsRecoverable(DisconnectReason reason) {
  switch (reason) {
    case DisconnectReason::kTransportError:
    case DisconnectReason::kTransportClose:
    case DisconnectReason::kForcedClose:
    case DisconnectReason::kPingTimeout:
    case DisconnectReason::kServerShuttingDown:
    case DisconnectReason::kForcedServerClose:
      return true;
    case DisconnectReason::kParseError:
    case DisconnectReason::kClientNamespaceDisconnect:
    case DisconnectReason::kServerNamespaceDisconnect:
      return false;
  }
  return false;
}

Socket::Socket(uint32_t slot, uint32_t generation, NamespaceShard& home, Client& client,
               std::unique_ptr<Handshake> handshake)
    : client_(&client),
      home_(&home),
      handshake_(std::move(handshake)),
      slot_(slot),
      generation_(generation) {}

Socket::~Socket() = default;

const std::string& Socket::pid() const { return recovery_ ? recovery_->pid : kNone; }

Namespace& Socket::nsp() const { return home_->nsp(); }

net::Shard& Socket::shard() const { return home_->part().shard; }

SocketRef Socket::ref() const { return {shard().index(), slot_, generation_}; }

std::string_view Socket::transport() const {
  return state_ == State::kGone ? std::string_view() : client_->session().transport_name();
}

const std::string& Socket::recovery_data() const { return recovery_ ? recovery_->data : kNone; }

void Socket::set_recovery_data(std::string data) {
  if (recovery_ == nullptr || recovery_->data == data) return;
  recovery_->data = std::move(data);
  RecordChanged();
}

/// Several changes of one turn are saved once.
void Socket::RecordChanged() {
  if (recovery_ == nullptr || recovery_->changed || !connected()) return;
  recovery_->changed = true;
  shard().Post([home = home_, ref = ref()] {
    Socket* socket = home->Find(ref);
    if (socket != nullptr && socket->connected()) home->Save(*socket);
  });
}

void Socket::Join(std::string_view room) {
  if (state_ != State::kGone && home_->rooms().Join(*this, room)) RecordChanged();
}

void Socket::Leave(std::string_view room) {
  if (home_->rooms().Leave(*this, room)) RecordChanged();
}

bool Socket::InRoom(std::string_view room) const {
  return room == sid_ || home_->rooms().Contains(*this, room);
}

std::vector<std::string> Socket::Rooms() const { return home_->rooms().RoomsOf(*this); }

void Socket::SendFrame(const net::FrameRef& frame) {
  if (connected()) client_->Send(frame);
}

void Socket::Send(OutgoingPacket packet, bool compress) {
  if (!connected()) return;
  packet.nsp = nsp().name();
  client_->Send(packet, compress);
}

void Socket::SendEvent(std::string_view id, std::string_view event, const Args& args,
                       std::string_view offset, bool compress) {
  const std::string payload = EventPayload(event, args.json, offset);
  Send({.type = PacketType::kEvent, .id = id, .payload = payload, .attachments = &args.attachments},
       compress);
}

void Socket::Emit(std::string_view event, const Args& args, std::string_view offset) {
  EmitWith({}, event, args, offset);
}

void Socket::EmitVolatile(std::string_view event, const Args& args) {
  EmitWith({.is_volatile = true}, event, args, {});
}

void Socket::EmitWith(const EmitFlags& flags, std::string_view event, const Args& args,
                      std::string_view offset) {
  if (!connected() || (flags.is_volatile && !IsWritable())) return;
  std::string recorded;
  if (recovery_ == nullptr || flags.is_volatile) {
    offset = {};
  } else if (offset.empty()) {
    Recovery& recovery = *home_->recovery();
    if (recovery.PublishesSingles()) {
      socketio::Broadcast broadcast{std::string(event), args, {sid_}, {}};
      broadcast.compress = flags.compress;
      return nsp().Emit(broadcast);
    }
    recorded = recovery.Record(*this, event, args);
    offset = recorded;
  }
  SendEvent({}, event, args, offset, flags.compress);
  if (HasOutgoingListeners()) NotifyOutgoing(event, args, offset);
}

void Socket::EmitWithAck(std::string_view event, const Args& args,
                         std::chrono::milliseconds timeout, AckResult result) {
  Ask({}, event, args, timeout, std::move(result));
}

bool Socket::IsWritable() const { return client_->session().writable(); }

void Socket::Ask(const EmitFlags& flags, std::string_view event, const Args& args,
                 std::chrono::milliseconds timeout, AckResult result) {
  if (!connected()) return result(true, "[]", {});
  const uint64_t id = home_->NextAckId();
  MakeAcks().Add(id, shard().timers(), timeout, std::move(result));
  if (!flags.is_volatile || IsWritable()) {
    SendEvent(std::to_string(id), event, args, {}, flags.compress);
  }
  if (HasOutgoingListeners()) NotifyOutgoing(event, args, {});
}

void Socket::SendAck(std::string_view id, const Args& args) {
  const std::string payload = "[" + args.json + "]";
  Send({.type = PacketType::kAck, .id = id, .payload = payload, .attachments = &args.attachments});
}

void Socket::Disconnect(bool close) {
  if (state_ == State::kGone) return;
  if (close) return client_->DisconnectAll();
  if (!connected()) return;
  Send({.type = PacketType::kDisconnect});
  client_->Forget(*this);
  home_->End(*this, DisconnectReason::kServerNamespaceDisconnect);
}

void Socket::CloseConnection() {
  if (state_ != State::kGone) client_->CloseNow();
}

}  // namespace trackwire::socketio
