#include "socketio/client.h"

#include <algorithm>
#include <utility>

#include "socketio/namespace_join.h"
#include "socketio/namespace_shard.h"
#include "socketio/socket_extras.h"

namespace trackwire::socketio {
namespace {

DisconnectReason ReasonOf(engineio::CloseReason reason) {
  switch (reason) {
    case engineio::CloseReason::kTransportError:
      return DisconnectReason::kTransportError;
    case engineio::CloseReason::kTransportClose:
      return DisconnectReason::kTransportClose;
    case engineio::CloseReason::kForcedClose:
      return DisconnectReason::kForcedClose;
    case engineio::CloseReason::kPingTimeout:
      return DisconnectReason::kPingTimeout;
    case engineio::CloseReason::kParseError:
      return DisconnectReason::kParseError;
    case engineio::CloseReason::kServerShuttingDown:
      return DisconnectReason::kServerShuttingDown;
  }
  return DisconnectReason::kTransportError;
}

}  // namespace

Client::Client(ShardPart& part, engineio::Session& session, const net::http::Request& request)
    : part_(part), session_(session), opening_(std::make_unique<Handshake>()) {
  opening_->headers = request.headers;
  opening_->query = request.query;
  opening_->target = request.target;
  opening_->address = request.remote_address;
  opening_->secure = request.secure;
  wait_ = std::make_unique<Wait>(*this);
  BeginUnfinished();
}

Client::~Client() {
  AbandonJoins();
  EndUnfinished();
}

void Client::BeginUnfinished() {
  wait_->unfinished = true;
  wait_->place = part_.unfinished.insert(part_.unfinished.end(), this);
  part_.counters.unfinished = part_.unfinished.size();
  if (part_.unfinished.size() <= part_.max_unfinished) return;
  ++part_.counters.unfinished_evicted;
  part_.unfinished.front()->session_.CloseNow(engineio::CloseReason::kForcedClose);
}

void Client::EndUnfinished() {
  if (wait_ == nullptr || !std::exchange(wait_->unfinished, false)) return;
  part_.unfinished.erase(wait_->place);
  part_.counters.unfinished = part_.unfinished.size();
}

Client::Assembly::Assembly(Client& client)
    : overdue([](void* self) { static_cast<Client*>(self)->Violation(); }, &client) {
  overdue.Start(client.part_.shard.timers(), client.part_.options.connect_timeout);
}

Client::Wait::Wait(Client& client)
    : timer([](void* self) { static_cast<Client*>(self)->OnConnectTimeout(); }, &client) {
  timer.Start(client.part_.shard.timers(), client.part_.options.connect_timeout);
}

PacketLimits Client::limits() const {
  return {part_.options.max_attachments, part_.options.max_json_depth};
}

void Client::OnMessage(net::FrameKind kind, std::string_view data) {
  if (assembly_ != nullptr) {
    return kind == net::FrameKind::kBinary ? OnAttachment(data) : Violation();
  }
  IncomingPacket incoming;
  if (!part_.parser.Decode(kind, data, limits(), incoming)) return Violation();
  ++part_.counters.packets_in;
  const std::vector<std::string_view> here(incoming.attachments.begin(),
                                           incoming.attachments.end());
  const size_t expected = incoming.packet.attachments;
  if (here.size() >= expected) return Dispatch(incoming.packet, here);
  assembly_ = std::make_unique<Assembly>(*this);
  assembly_->kind = kind;
  assembly_->first = data;
  assembly_->expected = expected - here.size();
}

void Client::OnAttachment(std::string_view bytes) {
  const Options& options = part_.options;
  const size_t limit = options.max_attachment_bytes > 0
                           ? options.max_attachment_bytes
                           : std::max<size_t>(65'536, 4 * options.engine.max_payload);
  assembly_->bytes += bytes.size();
  if (assembly_->bytes > limit) return Violation();
  if (!assembly_->charge.Resize(part_.shard, assembly_->bytes)) {
    return session_.Close(engineio::CloseReason::kForcedClose);
  }
  assembly_->attachments.emplace_back(bytes);
  if (assembly_->attachments.size() < assembly_->expected) return;
  const auto assembly = std::move(assembly_);
  IncomingPacket incoming;
  const auto again = part_.parser.Decode(assembly->kind, assembly->first, limits(), incoming);
  CHECK(again.has_value());
  std::vector<std::string_view> attachments(incoming.attachments.begin(),
                                            incoming.attachments.end());
  attachments.insert(attachments.end(), assembly->attachments.begin(),
                     assembly->attachments.end());
  Dispatch(incoming.packet, attachments);
}

void Client::Violation() {
  ++part_.counters.parse_errors;
  session_.Close(engineio::CloseReason::kForcedClose);
}

Socket* Client::FindSocket(std::string_view nsp) const {
  for (Socket* socket : sockets_) {
    if (socket->nsp().name() == nsp) return socket;
  }
  return nullptr;
}

void Client::Dispatch(const Packet& packet, const std::vector<std::string_view>& attachments) {
  Socket* socket = FindSocket(packet.nsp);
  if (packet.type == PacketType::kConnect) {
    return socket == nullptr && !Joining(packet.nsp) ? Connect(packet) : Violation();
  }
  if (socket == nullptr || !socket->connected()) return Violation();
  switch (packet.type) {
    case PacketType::kDisconnect:
      Forget(*socket);
      socket->home_->End(*socket, DisconnectReason::kClientNamespaceDisconnect);
      return;
    case PacketType::kEvent:
    case PacketType::kBinaryEvent:
      return socket->home_->OnEvent(*socket, packet, attachments);
    case PacketType::kAck:
    case PacketType::kBinaryAck:
      if (PendingAcks* acks = socket->acks()) {
        acks->Resolve(packet.id, packet.payload.text, attachments);
      }
      return;
    case PacketType::kConnect:
    case PacketType::kConnectError:
      return Violation();
  }
}

void Client::Connect(const Packet& packet) {
  Namespace* nsp = part_.FindNamespace(packet.nsp);
  if (nsp == nullptr && !part_.registry.dynamic()) {
    ++part_.counters.connect_errors;
    return SendConnectError(packet.nsp, {"Invalid namespace", {}});
  }
  const size_t joins = wait_ == nullptr ? 0 : wait_->joins.size();
  if (opening_ == nullptr || sockets_.size() + joins >= part_.options.max_namespaces_per_client) {
    return session_.Close(engineio::CloseReason::kForcedClose);
  }
  if (wait_ == nullptr) wait_ = std::make_unique<Wait>(*this);
  if (nsp == nullptr) return Join(packet);
  sockets_.reserve(1);
  nsp->Part(part_.shard).Connect(*this, HandshakeFor(packet));
}

std::unique_ptr<Handshake> Client::HandshakeFor(const Packet& packet) {
  auto handshake =
      part_.registry.several() ? std::make_unique<Handshake>(*opening_) : std::move(opening_);
  handshake->auth_json = packet.has_payload ? std::string(packet.payload.text) : "{}";
  return handshake;
}

void Client::Join(const Packet& packet) {
  const auto join = std::make_shared<NamespaceJoin>(*this, part_, packet.nsp, HandshakeFor(packet));
  wait_->joins.push_back(join);
  join->Start();  // may end at once
}

bool Client::Joining(std::string_view nsp) const {
  return wait_ != nullptr && std::any_of(wait_->joins.begin(), wait_->joins.end(),
                                         [nsp](const auto& join) { return join->name() == nsp; });
}

std::shared_ptr<NamespaceJoin> Client::TakeJoin(const NamespaceJoin& join) {
  auto& joins = wait_->joins;
  const auto found =
      std::find_if(joins.begin(), joins.end(), [&](const auto& one) { return one.get() == &join; });
  CHECK(found != joins.end());
  auto taken = std::move(*found);
  joins.erase(found);
  return taken;
}

void Client::Joined(NamespaceJoin& join, Namespace& nsp) {
  const auto taken = TakeJoin(join);
  nsp.Part(part_.shard).Connect(*this, taken->TakeHandshake());
}

void Client::NotJoined(NamespaceJoin& join, const ConnectError& error) {
  const auto taken = TakeJoin(join);
  ++part_.counters.connect_errors;
  if (!sockets_.empty()) Seated();  // else it must still join one in time
  SendConnectError(taken->name(), error);
}

void Client::AbandonJoins() {
  if (wait_ == nullptr) return;
  for (const auto& join : std::exchange(wait_->joins, {})) join->Abandon();
}

void Client::Seated() {
  const auto connected = [](const Socket* socket) { return socket->connected(); };
  if (std::any_of(sockets_.begin(), sockets_.end(), connected)) EndUnfinished();
  for (const Socket* socket : sockets_) {
    if (!socket->connected()) return;
  }
  if (wait_ != nullptr && wait_->joins.empty()) wait_.reset();
}

void Client::Unseated(Socket& socket, std::unique_ptr<Handshake> handshake) {
  Forget(socket);
  if (!sockets_.empty()) Seated();  // else it must still join one in time
  if (opening_ == nullptr) opening_ = std::move(handshake);
}

void Client::Forget(Socket& socket) {
  sockets_.erase(std::remove(sockets_.begin(), sockets_.end(), &socket), sockets_.end());
}

void Client::Send(const net::FrameRef& frame) {
  ++part_.counters.packets_out;
  session_.Send(frame);
}

void Client::Send(const OutgoingPacket& packet, bool compress) {
  net::EncodedFrame::Options options;
  options.compress = compress;
  for (const auto& frame : part_.parser.Encode(packet, options)) Send(net::FrameRef::Hold(frame));
}

void Client::SendConnectError(std::string_view nsp, const ConnectError& error) {
  std::string payload = "{\"message\":";
  base::AppendJsonString(payload, error.message);
  if (!error.data_json.empty()) payload += ",\"data\":" + error.data_json;
  payload += '}';
  Send({.type = PacketType::kConnectError, .nsp = nsp, .payload = payload});
}

void Client::DisconnectAll() {
  while (!sockets_.empty()) {
    Socket& socket = *sockets_.back();
    sockets_.pop_back();
    if (socket.connected()) {
      socket.Send({.type = PacketType::kDisconnect});
    }
    socket.home_->End(socket, DisconnectReason::kServerNamespaceDisconnect);
  }
  session_.Close(engineio::CloseReason::kForcedClose);
}

void Client::CloseNow() {
  forced_ = true;
  session_.CloseNow(engineio::CloseReason::kForcedClose);
}

/// A handler may end this and others of the client's sockets; they are erased in a later turn.
void Client::OnUpgraded() {
  const auto sockets = sockets_;
  for (Socket* socket : sockets) {
    if (socket->connected()) socket->home_->TellUpgraded(*socket);
  }
}

void Client::OnClosed(engineio::CloseReason reason) {
  assembly_.reset();
  // A polling client may take a while to learn its end; what it said at first goes now.
  opening_.reset();
  AbandonJoins();
  EndUnfinished();
  wait_.reset();
  while (!sockets_.empty()) {
    Socket& socket = *sockets_.back();
    sockets_.pop_back();
    socket.home_->End(socket, forced_ ? DisconnectReason::kForcedServerClose : ReasonOf(reason));
  }
}

/// No namespace joined in time, or a middleware that never answered.
void Client::OnConnectTimeout() { session_.Close(engineio::CloseReason::kForcedClose); }

}  // namespace trackwire::socketio
