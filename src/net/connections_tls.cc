// The encrypted half of Connections: between the socket and TlsEngine.
#include "net/connections_tls.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "net/shard.h"

namespace trackwire::net {
namespace {

/// A signature takes up to milliseconds: more clients that begin wait for the next turns, and the
/// others have theirs in between.
constexpr int kHandshakesPerTurn = 16;
/// First little, so that a client whose socket takes nothing holds little.
constexpr size_t kFirstBytesPerSend = kTlsRecordBytes;
constexpr size_t kBytesPerSend = 4 * kTlsRecordBytes;
/// Beyond this a client makes us answer (keys, alerts) what it does not read.
constexpr size_t kMaxUnsent = 262'144;
/// What may still come after a handshake that failed, before the client is cut off.
constexpr size_t kMaxDropped = 65'536;

constexpr std::string_view kSpeakTls =
    "HTTP/1.1 400 Bad Request\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Length: 56\r\n"
    "Connection: close\r\n\r\n"
    "This port speaks HTTP over TLS: use https:// or wss://.\n";

}  // namespace

void Connections::TlsPieces::Advance(size_t bytes) {
  offset_ += bytes;
  while (vector_ != end_ && offset_ == vector_->iov_len) {
    ++vector_;
    offset_ = 0;
  }
}

void Connections::TlsPieces::Skip(size_t bytes) {
  Advance(0);
  while (bytes > 0 && !done()) {
    const size_t part = std::min(bytes, Rest().size());
    bytes -= part;
    Advance(part);
  }
}

std::string_view Connections::TlsPieces::Next() {
  const std::string_view first = Rest().substr(0, kTlsRecordBytes);
  Advance(first.size());
  if (first.size() == kTlsRecordBytes || done()) return first;
  std::memcpy(scratch_, first.data(), first.size());
  size_t size = first.size();
  while (!done() && size < kTlsRecordBytes) {
    const std::string_view part = Rest().substr(0, kTlsRecordBytes - size);
    std::memcpy(scratch_ + size, part.data(), part.size());
    size += part.size();
    Advance(part.size());
  }
  return {scratch_, size};
}

Connections::TlsScratch& Connections::Scratch() {
  if (tls_scratch_ == nullptr) tls_scratch_ = std::make_unique<TlsScratch>();
  return *tls_scratch_;
}

void Connections::AttachTls(Connection& connection, std::unique_ptr<TlsPart> tls) {
  if (tls_.size() <= connection.slot_) tls_.resize(chunks_.size() * kChunk);
  connection.tls_ = true;
  ShardCounters& counters = shard_.counters();
  ++counters.tls_connections;
  // After a hand-over it may be amid anything.
  counters.backlog_bytes += tls->unsent.size();
  if (!tls->unsent.empty()) {
    connection.blocked_ = true;
    UpdateInterest(connection);
  }
  if (tls->engine.state() == TlsEngine::State::kEnded) {
    shard_.Post([this, slot = connection.slot_, generation = connection.generation_] {
      EndInputOf(slot, generation);
    });
  }
  tls_[connection.slot_] = std::move(tls);
}

std::unique_ptr<TlsPart> Connections::ReleaseTls(Connection& connection) {
  std::unique_ptr<TlsPart> tls = std::move(tls_[connection.slot_]);
  connection.tls_ = false;
  ShardCounters& counters = shard_.counters();
  --counters.tls_connections;
  counters.backlog_bytes -= tls->unsent.size();
  tls->charge.Release();
  return tls;
}

void Connections::ReadTls(Connection& connection) {
  TlsPart& tls = TlsOf(connection);
  const TlsEngine::State state = tls.engine.state();
  const bool costly = state == TlsEngine::State::kFresh || state == TlsEngine::State::kHandshake;
  // Its input stays where it is, and is told again.
  if (costly && handshakes_this_turn_++ >= kHandshakesPerTurn) return;
  const size_t kept = tls.engine.unfinished();
  char* const cipher = Scratch().cipher_in;
  const ssize_t got = ::recv(connection.fd_, cipher + kept, kReadBytes - kept, 0);
  if (got > 0) {
    shard_.counters().bytes_in += static_cast<uint64_t>(got);
    if (state == TlsEngine::State::kFailed) return DropTls(connection, static_cast<size_t>(got));
    TakeTls(connection, kept, static_cast<size_t>(got));
  } else if (got == 0) {
    // An end that TLS was not told of: requests and messages say themselves whether they are whole.
    EndInput(connection);
  } else if (errno != EAGAIN && errno != EINTR) {
    Doom(connection, Connection::Doom::kBroken);
  }
}

/// Gives the protocol all that can be read, so that nothing waits inside of TLS for an event of the
/// socket that never comes.
void Connections::TakeTls(Connection& connection, size_t kept, size_t got) {
  TlsPart& tls = TlsOf(connection);
  TlsEngine& engine = tls.engine;
  TlsScratch& scratch = Scratch();
  const bool was_open = engine.open();
  engine.TakeUnfinished(scratch.cipher_in);
  scratch.cipher_out.clear();
  const size_t size =
      engine.Receive({scratch.cipher_in, kept + got}, read_buffer_.get(), scratch.cipher_out);
  if (!was_open && engine.open()) {
    ++shard_.counters().tls_handshakes;
    if (engine.resumed()) ++shard_.counters().tls_resumed;
  }
  const bool answered =
      scratch.cipher_out.empty() || SendCipher(connection, scratch.cipher_out);
  if (engine.state() == TlsEngine::State::kFailed) return FailTls(connection, was_open);
  if (!answered) return;
  if (!tls.charge.Resize(shard_, engine.unfinished())) {
    return Doom(connection, Connection::Doom::kBroken);
  }
  const bool ended = engine.state() == TlsEngine::State::kEnded;
  const uint32_t slot = connection.slot_;
  const uint32_t generation = connection.generation_;
  // The call may hand the connection over to another shard, with `tls`.
  if (size > 0) connection.protocol_->OnBytes(read_buffer_.get(), size);
  if (ended) EndInputOf(slot, generation);
}

void Connections::EndInputOf(uint32_t slot, uint32_t generation) {
  Connection* connection = Find(slot, generation);
  if (connection == nullptr || connection->doomed() || !connection->watch_end_) return;
  EndInput(*connection);
}

/// Who began wrongly gets to read why: closing with input unread would reset the connection, so its
/// end is awaited, for no longer than a head.
void Connections::FailTls(Connection& connection, bool was_open) {
  TlsPart& tls = TlsOf(connection);
  const TlsFailure failure = tls.engine.failure();
  ++shard_.counters().tls_failures[static_cast<size_t>(failure)];
  tls.charge.Release();
  if (connection.doomed()) return;
  if (failure == TlsFailure::kPlainHttp && !SendCipher(connection, kSpeakTls)) return;
  if (was_open || !tls.unsent.empty()) return Doom(connection, Connection::Doom::kBroken);
  ::shutdown(connection.fd_, SHUT_WR);
}

void Connections::DropTls(Connection& connection, size_t bytes) {
  size_t& dropped = TlsOf(connection).dropped;
  dropped += bytes;
  if (dropped > kMaxDropped) Doom(connection, Connection::Doom::kBroken);
}

/// Until all is encrypted, the socket takes no more, or the connection had its share.
Connections::TlsSent Connections::Encrypt(Connection& connection, TlsPieces& pieces) {
  TlsEngine& engine = TlsOf(connection).engine;
  std::string& cipher = Scratch().cipher_out;
  TlsSent sent;
  size_t at_once = kFirstBytesPerSend;
  while (!pieces.done() && !connection.blocked_ && sent.plain < kBytesPerTurn) {
    cipher.clear();
    sent.last = 0;
    while (!pieces.done() && sent.last < at_once) {
      const std::string_view piece = pieces.Next();
      if (!engine.Send(piece, cipher)) {
        ++shard_.counters().tls_failures[static_cast<size_t>(TlsFailure::kProtocol)];
        Doom(connection, Connection::Doom::kBroken);
        sent.whole = false;
        return sent;
      }
      sent.last += piece.size();
    }
    sent.plain += sent.last;
    sent.whole = SendCipher(connection, cipher);
    if (!sent.whole) return sent;
    at_once = kBytesPerSend;
  }
  return sent;
}

/// For frames, which leave the queue with their encryption: a newer one may replace those that are
/// still in it, but no record that is half sent.
ssize_t Connections::SendTls(Connection& connection, const iovec* vectors, int count) {
  TlsPieces pieces(vectors, count, Scratch().plain_out);
  pieces.Skip(0);
  const TlsSent sent = Encrypt(connection, pieces);
  return sent.whole ? static_cast<ssize_t>(sent.plain) : -1;
}

/// For answers: tells as gone what the socket has taken, as it is without TLS. What is encrypted
/// and waits is told when it has gone, and offered again till then.
ssize_t Connections::WriteTls(Connection& connection, const iovec* vectors, int count) {
  TlsPart& tls = TlsOf(connection);
  const size_t before = std::exchange(tls.untold, 0);
  TlsPieces pieces(vectors, count, Scratch().plain_out);
  pieces.Skip(before);
  const TlsSent sent = Encrypt(connection, pieces);
  if (!sent.whole) return -1;
  if (!tls.unsent.empty()) {
    tls.untold = sent.last;
  } else if (!pieces.done()) {
    connection.blocked_ = connection.yielded_ = true;
    UpdateInterest(connection);
  }
  return static_cast<ssize_t>(before + sent.plain - tls.untold);
}

/// Sends what is encrypted and keeps what the socket does not take. False: the connection is
/// doomed.
bool Connections::SendCipher(Connection& connection, std::string_view cipher) {
  TlsPart& tls = TlsOf(connection);
  size_t sent = 0;
  if (tls.unsent.empty()) {
    const iovec vector{const_cast<char*>(cipher.data()), cipher.size()};
    const ssize_t went = SendNow(connection, &vector, 1);
    if (went < 0) return false;
    sent = static_cast<size_t>(went);
    if (sent == cipher.size()) return true;
  }
  cipher.remove_prefix(sent);
  if (tls.unsent.size() + cipher.size() > kMaxUnsent) {
    Doom(connection, Connection::Doom::kBroken);
    return false;
  }
  tls.unsent.append(cipher);
  shard_.counters().backlog_bytes += cipher.size();
  connection.blocked_ = true;
  connection.yielded_ = false;
  UpdateInterest(connection);
  return true;
}

/// Whether there is nothing left of it.
bool Connections::FlushCipher(Connection& connection) {
  TlsPart& tls = TlsOf(connection);
  if (tls.unsent.empty()) return true;
  const iovec vector{tls.unsent.data(), tls.unsent.size()};
  const ssize_t sent = SendNow(connection, &vector, 1);
  if (sent < 0) return false;
  shard_.counters().backlog_bytes -= static_cast<uint64_t>(sent);
  tls.unsent.erase(0, static_cast<size_t>(sent));
  if (!tls.unsent.empty()) return false;
  std::string().swap(tls.unsent);
  if (tls.end_due) ::shutdown(connection.fd_, SHUT_WR);
  return true;
}

void Connections::ShutdownTls(Connection& connection) {
  TlsPart& tls = TlsOf(connection);
  std::string& cipher = Scratch().cipher_out;
  cipher.clear();
  tls.engine.End(cipher);
  if (!cipher.empty() && !SendCipher(connection, cipher)) return;
  if (tls.unsent.empty()) {
    ::shutdown(connection.fd_, SHUT_WR);
  } else {
    tls.end_due = true;
  }
}

/// Before the socket is closed: tells the end if that takes no waiting.
void Connections::LeaveTls(Connection& connection) {
  TlsPart& tls = TlsOf(connection);
  if (tls.engine.state() == TlsEngine::State::kHandshake) {
    ++shard_.counters().tls_failures[static_cast<size_t>(TlsFailure::kGone)];
  }
  if (connection.doomed() || connection.blocked_) return;
  std::string& cipher = Scratch().cipher_out;
  cipher.clear();
  tls.engine.End(cipher);
  if (cipher.empty()) return;
  iovec vector{cipher.data(), cipher.size()};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  const ssize_t sent = ::sendmsg(connection.fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent > 0) shard_.counters().bytes_out += static_cast<uint64_t>(sent);
}

}  // namespace trackwire::net
