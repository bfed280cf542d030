#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "net/connection.h"
#include "net/timer.h"
#include "net/tls_part.h"
#include "net/unique_fd.h"

struct epoll_event;
struct iovec;
struct sockaddr_storage;

namespace trackwire::net {

class Shard;

/// Makes the Protocol of a connection that was just accepted.
class AcceptHandler {
 public:
  /// Runs on the shard; the socket is to be given to Connections::Adopt().
  virtual void OnAccepted(Shard& shard, UniqueFd socket, const sockaddr_storage& peer) = 0;

 protected:
  ~AcceptHandler() = default;
};

/// All sockets of one shard: their slab, their epoll set inside the loop's Asio, their reads, and
/// one write a connection at the end of the turn.
///
/// Everything on the shard's thread.
class Connections {
 public:
  explicit Connections(Shard& shard);
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  /// Takes a non-blocking socket and starts reading. Nothing when the shard is full of connections
  /// that are being served, or the system refuses: the socket is closed then, and counted. With a
  /// `tls` part all that comes and goes is encrypted, of which the protocol notices nothing.
  Connection* Adopt(UniqueFd socket, Connection::Kind kind, std::unique_ptr<Protocol> protocol,
                    AddressLimit::Seat seat, std::unique_ptr<TlsPart> tls = nullptr);
  /// The connection of that slot while it is the one that had this generation.
  Connection* Find(uint32_t slot, uint32_t generation);
  /// Another protocol takes over; the former lives until the end of the turn.
  void Replace(Connection& connection, Connection::Kind kind, std::unique_ptr<Protocol> protocol);

  /// Drops the connection now, with what is unsent. Its protocol is not called any more.
  void Close(Connection& connection);

  struct Detached {
    UniqueFd socket;
    std::unique_ptr<Protocol> protocol;
    AddressLimit::Seat seat;
    std::unique_ptr<TlsPart> tls;
  };
  /// Takes the connection out of this shard, still open.
  Detached Detach(Connection& connection);

  /// While not reading, the end of the input is told all the same.
  void SetReading(Connection& connection, bool reading);
  /// Whether it waits for a request (or the rest of its head), which may end it: it makes room
  /// when there are too many of them, or too many connections, longest waiting first.
  void SetWaiting(Connection& connection, bool waiting);
  /// Ends our side's sending; what was written before still arrives.
  void ShutdownSend(Connection& connection);
  /// At most one call of the kernel a connection and turn: Protocol::OnTurnEnd(), then the frames.
  void MarkDirty(Connection& connection);

  /// Queues a frame for the end of the turn. False when it was over the limits (or another one
  /// was before): the connection is doomed then.
  bool Send(Connection& connection, FrameRef frame, bool control);
  /// Writes at once, past the queue of frames, which must be empty. How much went, perhaps less
  /// than all: OnWritable() follows then, and the same bytes from there on are to be written next.
  /// Below zero: the connection is doomed.
  ssize_t Write(Connection& connection, const iovec* vectors, int count);
  /// Bytes that the peer has not acknowledged, on this side of the wire.
  size_t Unacknowledged(const Connection& connection) const;

  /// Accepts from a listening socket until RemoveListener(). The handler outlives that.
  uint32_t AddListener(UniqueFd socket, AcceptHandler* handler);
  void RemoveListener(uint32_t id);

  /// Every open connection; `visit` may close the one it is given.
  template <typename Visit>
  void ForEach(Visit visit) {
    for (uint32_t slot = 0; slot < size_; ++slot) {
      Connection& connection = At(slot);
      if (connection.kind_ != Connection::Kind::kFree) visit(connection);
    }
  }

  /// Ends a turn: writes, tells what broke, frees what was closed, waits for events again.
  void EndTurn();

 private:
  struct Listening;
  struct Wait;
  struct TlsScratch;

  static constexpr uint32_t kChunk = 1024;

  Connection& At(uint32_t slot) { return chunks_[slot / kChunk][slot % kChunk]; }
  Connection* Allocate();
  void Bury(Connection& connection);
  void UpdateInterest(Connection& connection);
  void Doom(Connection& connection, Connection::Doom doom);
  bool EvictWaiting();
  void RecountBacklog(size_t before, const Connection& connection);
  void FinishDoomed(Connection& connection);
  void EndTurnOf(Connection& connection);

  void AwaitEvents();
  void OnEvents();
  void OnEvent(const epoll_event& event);
  void Read(Connection& connection);
  void EndInput(Connection& connection);
  void BecomeWritable(Connection& connection);

  void Flush(Connection& connection);
  bool FlushUnlessBlocked(Connection& connection);
  ssize_t SendVectors(Connection& connection, const iovec* vectors, int count);
  ssize_t SendNow(Connection& connection, const iovec* vectors, int count);
  static void RecordDelivery(void* connections, const EncodedFrame& frame);

  // connections_tls.cc
  TlsPart& TlsOf(const Connection& connection) const { return *tls_[connection.slot_]; }
  TlsScratch& Scratch();
  void AttachTls(Connection& connection, std::unique_ptr<TlsPart> tls);
  std::unique_ptr<TlsPart> ReleaseTls(Connection& connection);
  void ReadTls(Connection& connection);
  void TakeTls(Connection& connection, size_t kept, size_t got);
  void EndInputOf(uint32_t slot, uint32_t generation);
  void FailTls(Connection& connection, bool was_open);
  void DropTls(Connection& connection, size_t bytes);
  class TlsPieces;
  struct TlsSent;
  TlsSent Encrypt(Connection& connection, TlsPieces& pieces);
  ssize_t SendTls(Connection& connection, const iovec* vectors, int count);
  ssize_t WriteTls(Connection& connection, const iovec* vectors, int count);
  bool SendCipher(Connection& connection, std::string_view cipher);
  bool FlushCipher(Connection& connection);
  void ShutdownTls(Connection& connection);
  void LeaveTls(Connection& connection);

  void Accept(Listening& listening);
  void PauseAccepting(Listening& listening, int error);
  void ResumeAccepting();

  Shard& shard_;
  UniqueFd epoll_;
  std::unique_ptr<Wait> wait_;
  std::unique_ptr<char[]> read_buffer_;

  std::vector<std::unique_ptr<Connection[]>> chunks_;
  uint32_t size_ = 0;              // slots ever used
  std::vector<uint32_t> free_;
  std::vector<uint32_t> freed_this_turn_;
  std::vector<uint32_t> dirty_;
  std::vector<std::unique_ptr<Protocol>> graveyard_;  // until the end of the turn
  std::vector<std::unique_ptr<TlsPart>> tls_;  // by slot; empty while none speaks TLS
  std::unique_ptr<TlsScratch> tls_scratch_;    // likewise
  int handshakes_this_turn_ = 0;
  uint32_t longest_waiting_ = Connection::kNone;
  uint32_t latest_waiting_ = Connection::kNone;

  std::vector<std::unique_ptr<Listening>> listening_;
  uint32_t next_listener_ = 1;
  Timer resume_accepting_;
  bool accept_trouble_logged_ = false;

  Steady::time_point write_time_{};
  uint32_t writes_since_time_ = 0;
};

}  // namespace trackwire::net
