#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engineio/session.h"
#include "net/input_charge.h"
#include "net/timer.h"
#include "socketio/packet.h"
#include "socketio/parser.h"
#include "socketio/shard_part.h"
#include "socketio/socket.h"

namespace trackwire::socketio {

class NamespaceJoin;

/// One connection with its seats in namespaces: reads packets and hands them on. Anything that
/// the protocol does not allow closes the whole connection.
class Client final : public engineio::SessionListener {
 public:
  /// Starts the connect time-out.
  Client(ShardPart& part, engineio::Session& session, const net::http::Request& request);
  ~Client() override;

  engineio::Session& session() { return session_; }

  void OnMessage(net::FrameKind kind, std::string_view data) override;
  void OnUpgraded() override;
  void OnClosed(engineio::CloseReason reason) override;

  /// Sends an encoded packet.
  void Send(const net::FrameRef& frame);
  /// Encodes a packet and sends it; with `compress` false as Broadcast::compress says.
  void Send(const OutgoingPacket& packet, bool compress = true);
  /// Answers a CONNECT that got no seat.
  void SendConnectError(std::string_view nsp, const ConnectError& error);
  /// A socket was made for a CONNECT of this client.
  void Admitted(Socket& socket) { sockets_.push_back(&socket); }
  /// A socket is connected: the connect time-out may end.
  void Seated();
  /// The socket was refused; another CONNECT may follow.
  void Unseated(Socket& socket, std::unique_ptr<Handshake> handshake);
  /// A namespace is there that this client asked for.
  void Joined(NamespaceJoin& join, Namespace& nsp);
  void NotJoined(NamespaceJoin& join, const ConnectError& error);
  /// Takes a socket out that ended by itself.
  void Forget(Socket& socket);
  /// Ends every socket with a DISCONNECT packet, then the connection.
  void DisconnectAll();
  /// Ends the connection at once; its sockets are told kForcedServerClose.
  void CloseNow();

 private:
  /// A packet whose attachments are still on their way.
  struct Assembly {
    explicit Assembly(Client& client);
    net::Timer overdue;
    net::InputCharge charge;
    net::FrameKind kind = net::FrameKind::kText;
    std::string first;  // the message that began it
    std::vector<std::string> attachments;
    size_t expected = 0;
    size_t bytes = 0;
  };

  /// For a seat: gone once every socket has its own.
  struct Wait {
    explicit Wait(Client& client);
    net::Timer timer;
    /// Namespaces that the client asked for and that are yet to be found.
    std::vector<std::shared_ptr<NamespaceJoin>> joins;
    std::list<Client*>::iterator place;  // among those without a seat, while unfinished
    bool unfinished = false;
  };

  void OnAttachment(std::string_view bytes);
  void Dispatch(const Packet& packet, const std::vector<std::string_view>& attachments);
  void Connect(const Packet& packet);
  void Join(const Packet& packet);
  bool Joining(std::string_view nsp) const;
  std::shared_ptr<NamespaceJoin> TakeJoin(const NamespaceJoin& join);
  /// The client's own copy where it may want to join another namespace too.
  std::unique_ptr<Handshake> HandshakeFor(const Packet& packet);
  void AbandonJoins();
  Socket* FindSocket(std::string_view nsp) const;
  PacketLimits limits() const;
  void Violation();
  /// Joins those without a seat; the oldest of them makes room.
  void BeginUnfinished();
  void EndUnfinished();
  void OnConnectTimeout();

  ShardPart& part_;
  engineio::Session& session_;
  std::vector<Socket*> sockets_;
  std::unique_ptr<Handshake> opening_;
  std::unique_ptr<Assembly> assembly_;
  std::unique_ptr<Wait> wait_;
  bool forced_ = false;
};

}  // namespace trackwire::socketio
