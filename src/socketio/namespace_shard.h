#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engineio/slab.h"
#include "socketio/ack_rounds.h"
#include "socketio/cluster.h"
#include "socketio/namespace.h"
#include "socketio/packet.h"
#include "socketio/recovery.h"
#include "socketio/room_index.h"
#include "socketio/shard_part.h"
#include "socketio/socket.h"

namespace trackwire::socketio {

/// The sockets of one namespace on one shard. Its thread only.
class NamespaceShard {
 public:
  /// Sockets are numbered from `first_generation` on, so that those of an earlier namespace of
  /// this name are not taken for them.
  NamespaceShard(Namespace& nsp, ShardPart& part, uint32_t first_generation)
      : nsp_(nsp),
        part_(part),
        sockets_(first_generation),
        ack_rounds_(part.shard.timers()) {}

  Namespace& nsp() { return nsp_; }
  ShardPart& part() { return part_; }
  Socket* Find(SocketRef ref);
  size_t socket_count() const { return everyone_.size(); }
  std::vector<SocketRef> Sockets() const;
  const std::string& last_offset() const { return last_offset_; }
  RoomIndex& rooms() { return rooms_; }

  /// A client asks for a seat: middlewares, then recovery, then the answer, then the handlers.
  /// The socket exists from here on, unconnected.
  Socket& Connect(Client& client, std::unique_ptr<Handshake> handshake);
  void OnEvent(Socket& socket, const Packet& packet,
               const std::vector<std::string_view>& attachments);
  void TellUpgraded(Socket& socket);
  /// Ends a socket: handlers, rooms, recovery. The client forgets it by itself.
  void End(Socket& socket, DisconnectReason reason);

  void Deliver(const DeliveryBatch& batch);
  /// What LocalSockets does, here.
  size_t EmitWithAck(const Broadcast& broadcast, std::chrono::milliseconds timeout,
                     const std::function<void(std::optional<Args>)>& on_end);
  void Join(const SocketFilter& filter, const std::vector<std::string>& rooms);
  void Leave(const SocketFilter& filter, const std::vector<std::string>& rooms);
  void Disconnect(const SocketFilter& filter, bool close);
  std::vector<RemoteSocket> Fetch(const SocketFilter& filter);
  std::vector<std::string> AllRooms() const;
  AckRounds& ack_rounds() { return ack_rounds_; }
  /// Keeps the recovery record current.
  void Save(Socket& socket);
  uint64_t NextAckId() { return next_ack_id_++; }
  Recovery* recovery() const { return nsp_.recovery_; }
  const std::vector<EventListener>& outgoing_listeners() const {
    return nsp_.handlers().any_outgoing;
  }
  bool HearsOutgoing() const { return !outgoing_listeners().empty(); }
  /// Ends the connection of a socket whose handler threw.
  void CloseBroken(Socket& socket);

 private:
  void RunMiddleware(Socket& socket, size_t index);
  void Refuse(Socket& socket, const ConnectError& error);
  void Admit(Socket& socket);
  bool Resume(Socket& socket);
  void Resumed(SocketRef ref, std::optional<Resumption> resumption);
  void Seat(Socket& socket, std::optional<Resumption> resumption);
  std::string NewSid(const Socket& socket) const;
  void CloseFormer(const std::string& sid);
  void AnswerConnect(Socket& socket);
  void Replay(Socket& socket, const DeliveryBatch& missed);
  bool TakesPart(const Socket& socket) const;
  void TellEnd(Socket& socket, DisconnectReason reason);
  /// Whether anybody may want such an event.
  bool Hears(const Socket& socket, std::string_view event) const;
  void HearAny(Socket& socket, const Event& event);
  /// Hands an event to those who want it; what they throw comes through.
  void RunHandlers(Socket& socket, const Event& event, AckFn ack);
  bool PassesMiddlewares(Socket& socket, const Event& event, AckFn& ack);
  void EraseSoon(Socket& socket);
  void Erase(SocketRef ref);
  void Leave(Socket& socket);
  void Deliver(const Delivery& delivery);
  /// Visits those it is for; some of them several times.
  template <typename Give>
  void Address(const Delivery& delivery, Give give);
  void TellSent(const Delivery& delivery, const std::vector<Socket*>& sockets);
  std::vector<Socket*> Select(const SocketFilter& filter);
  template <typename Visit>
  void VisitRoom(std::string_view room, Visit visit);

  Namespace& nsp_;
  ShardPart& part_;
  engineio::Slab<Socket> sockets_;
  std::vector<Socket*> everyone_;  // connected
  std::unordered_map<std::string_view, Socket*> by_sid_;
  RoomIndex rooms_;
  std::string last_offset_;
  uint64_t next_ack_id_ = 0;
  AckRounds ack_rounds_;
  NamespaceHold busy_;  // while there are sockets
};

/// Members of a room, or the one socket whose own room it is.
template <typename Visit>
void NamespaceShard::VisitRoom(std::string_view name, Visit visit) {
  if (const Room* room = rooms_.Find(name)) {
    for (size_t i = 0; i < room->size(); ++i) visit(static_cast<Socket&>(room->member(i)));
  }
  const auto named = by_sid_.find(name);
  if (named != by_sid_.end()) visit(*named->second);
}

}  // namespace trackwire::socketio
