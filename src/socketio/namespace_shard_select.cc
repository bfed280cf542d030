// What is done to many sockets of a shard at once.
#include <utility>

#include "socketio/client.h"
#include "socketio/encoder.h"
#include "socketio/parser.h"
#include "socketio/namespace_shard.h"
#include "socketio/socket_extras.h"

namespace trackwire::socketio {

/// A list, because what is done to the sockets may change who is where.
std::vector<Socket*> NamespaceShard::Select(const SocketFilter& filter) {
  rooms_.NewRound();
  for (const std::string& room : filter.except) {
    VisitRoom(room, [this](Socket& socket) { rooms_.Mark(socket); });
  }
  std::vector<Socket*> chosen;
  const auto choose = [&](Socket& socket) {
    if (socket.connected() && rooms_.Mark(socket)) chosen.push_back(&socket);
  };
  if (filter.rooms.empty()) {
    chosen.reserve(everyone_.size());
    for (Socket* socket : everyone_) choose(*socket);
  } else {
    for (const std::string& room : filter.rooms) VisitRoom(room, choose);
  }
  return chosen;
}

void NamespaceShard::Join(const SocketFilter& filter, const std::vector<std::string>& rooms) {
  for (Socket* socket : Select(filter)) {
    for (const std::string& room : rooms) socket->Join(room);
  }
}

void NamespaceShard::Leave(const SocketFilter& filter, const std::vector<std::string>& rooms) {
  for (Socket* socket : Select(filter)) {
    for (const std::string& room : rooms) socket->Leave(room);
  }
}

/// Sockets that end are erased in a later turn, so those chosen stay valid here.
void NamespaceShard::Disconnect(const SocketFilter& filter, bool close) {
  for (Socket* socket : Select(filter)) socket->Disconnect(close);
}

std::vector<RemoteSocket> NamespaceShard::Fetch(const SocketFilter& filter) {
  std::vector<RemoteSocket> all;
  for (const Socket* socket : Select(filter)) {
    RemoteSocket one;
    one.sid = socket->sid();
    if (const auto* shared = socket->shared()) one.handshake_json = shared->handshake_json;
    one.data_json = socket->shared_data();
    one.rooms = socket->Rooms();
    one.rooms.insert(one.rooms.begin(), socket->sid());
    all.push_back(std::move(one));
  }
  return all;
}

std::vector<std::string> NamespaceShard::AllRooms() const {
  std::vector<std::string> names = rooms_.Names();
  for (const Socket* socket : everyone_) names.push_back(socket->sid());
  return names;
}

/// One id for all, so that the packet is encoded once.
size_t NamespaceShard::EmitWithAck(const Broadcast& broadcast, std::chrono::milliseconds timeout,
                                   const std::function<void(std::optional<Args>)>& on_end) {
  const std::vector<Socket*> chosen = Select({broadcast.rooms, broadcast.except});
  if (chosen.empty()) return 0;
  const uint64_t id = NextAckId();
  const std::string payload = EventPayload(broadcast.event, broadcast.args.json, {});
  const std::string digits = std::to_string(id);
  std::vector<net::FrameRef> frames;
  for (const auto& frame : part_.parser.Encode({.type = PacketType::kEvent,
                                                .nsp = nsp_.name(),
                                                .id = digits,
                                                .payload = payload,
                                                .attachments = &broadcast.args.attachments},
                                               {})) {
    frames.push_back(net::FrameRef::Hold(frame));
  }
  size_t asked = 0;
  for (Socket* socket : chosen) {
    if (!socket->connected()) continue;
    ++asked;
    socket->MakeAcks().Add(
        id, part_.shard.timers(), timeout,
        [on_end](bool timed_out, std::string_view args_json,
                 const std::vector<std::string_view>& attachments) {
          if (timed_out) return on_end(std::nullopt);
          Args answer{std::string(args_json.substr(1, args_json.size() - 2)), {}};
          for (const auto bytes : attachments) answer.attachments.emplace_back(bytes);
          on_end(std::move(answer));
        });
    if (!broadcast.is_volatile || socket->IsWritable()) {
      for (const net::FrameRef& frame : frames) socket->SendFrame(frame);
    }
    if (socket->HasOutgoingListeners()) {
      socket->NotifyOutgoing(broadcast.event, broadcast.args, {});
    }
  }
  return asked;
}

}  // namespace trackwire::socketio
