#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "broker/broker.h"
#include "net/shard.h"
#include "notify/owner_line.h"
#include "socketio/namespace.h"
#include "socketio/socket.h"

namespace trackwire::notify {

struct UserSession;

/// Counts of one process, written on all shards.
struct BookCounters {
  std::atomic<uint64_t> lost{0};   ///< records found with another owner, or ended: sockets closed
  std::atomic<uint64_t> anew{0};   ///< records that storage had lost, written again
  std::atomic<uint64_t> ended{0};  ///< sockets closed because an administrator said so
};

/// Keeps the record of every socket of a namespace in the broker: one format for those who list them
/// and for recovery, written here alone.
///
/// The record of a client that takes part in recovery can be taken over with its secret by the same
/// user, any other by nobody. It is written when the client connects and on change, never when the
/// process dies: what nobody renews expires. What is found to be somebody else's by then is let go.
///
/// Shard threads, of the shard that owns the socket, unless it says otherwise.
class SessionBook {
 public:
  struct Options {
    std::string gateway;  ///< name of this process, for people
    /// How long the record of a client waits that may come back.
    std::chrono::milliseconds window = std::chrono::minutes(2);
    /// From one renewal of all records to the next: a sixth of the broker's `session_lifetime`, since
    /// a record's turn may come at either end of a round.
    std::chrono::milliseconds renew_every = std::chrono::seconds(150);
    /// Pause between two parts of a renewal.
    std::chrono::milliseconds step = std::chrono::seconds(1);
  };

  /// Everything outlives it; destroy it after the shards have stopped.
  SessionBook(broker::Broker& broker, socketio::Namespace& nsp, OwnerLine& line, Options options);
  ~SessionBook();
  SessionBook(const SessionBook&) = delete;
  SessionBook& operator=(const SessionBook&) = delete;

  /// A socket has its seat and its UserSession: writes its record and begins to renew it.
  void Open(socketio::Socket& socket);
  /// Who sits there, or what they have chosen, has changed: written now, since nobody else could say
  /// it after a sudden death of this process. Until the broker has taken one of several writes of a
  /// record, the last replaces those before.
  void Save(socketio::Socket& socket);
  /// The socket ends: its record goes, or is brought up to date for recovery, which then says whether
  /// it waits for its client.
  void Close(socketio::Socket& socket, socketio::DisconnectReason reason);
  /// Any thread. `owner` has no use for the record of `sid` any more; it goes, or waits for the client
  /// to come back.
  void Release(const std::string& sid, const socketio::SocketRef& owner, bool recoverable);
  /// Any thread. Disconnects a socket of this process whose record was ended, so that its client does
  /// not come back by itself.
  void End(const socketio::SocketRef& ref);

  const BookCounters& counters() const { return counters_; }

 private:
  struct Page;

  void Write(socketio::Socket& socket, UserSession& session);
  void Step(Page& page);
  void Renew(net::Shard& shard, const std::vector<socketio::SocketRef>& sockets);
  /// The broker's loop: the record is not ours any more, and nobody has told us.
  void LetGo(const std::string& sid, const socketio::SocketRef& ref);

  broker::Broker& broker_;
  socketio::Namespace& nsp_;
  OwnerLine& line_;
  const Options options_;
  BookCounters counters_;
  std::vector<std::unique_ptr<Page>> pages_;  ///< by shard
};

}  // namespace trackwire::notify
