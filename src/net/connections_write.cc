// The sending half of Connections.
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>

#include "base/check.h"
#include "net/connections_tls.h"
#include "net/shard.h"

namespace trackwire::net {
namespace {

constexpr int kVectorsPerWrite = 128;
/// Latencies of one turn are measured against a clock that is read once for so many writes.
constexpr uint32_t kWritesPerClock = 64;

}  // namespace

bool Connections::Send(Connection& connection, FrameRef frame, bool control) {
  if (connection.doomed()) return false;
  const OutQueue::Limits limits = shard_.out_limits();
  const size_t after = connection.out_.bytes() + frame->wire().size();
  if (after > limits.conflate_above_bytes && !connection.out_.empty()) {
    // A turn that brings much says nothing about the client: only what its socket does not take
    // is unsent, and may be conflated.
    FlushUnlessBlocked(connection);
    if (connection.doomed()) return false;
  }
  size_t unsent = connection.out_.bytes();
  auto pushed = connection.out_.Push(frame, control, limits, shard_.now());
  RecountBacklog(unsent, connection);
  if (pushed == OutQueue::Pushed::kOverLimit && FlushUnlessBlocked(connection)) {
    // Only the turn was too long, not the client too slow: give it what there is. A frame that
    // passes the limit alone still fits an empty queue.
    if (connection.doomed()) return false;
    unsent = connection.out_.bytes();
    pushed = connection.out_.Push(std::move(frame), connection.out_.empty(), limits, shard_.now());
    RecountBacklog(unsent, connection);
  }
  if (pushed == OutQueue::Pushed::kOverLimit) {
    ++shard_.counters().slow_disconnects;
    Doom(connection, Connection::Doom::kSlowConsumer);
    return false;
  }
  if (pushed == OutQueue::Pushed::kConflated) ++shard_.counters().frames_conflated;
  MarkDirty(connection);
  return true;
}

/// One call of the kernel. How much went; below zero: the connection is doomed.
ssize_t Connections::SendNow(Connection& connection, const iovec* vectors, int count) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(vectors);
  message.msg_iovlen = static_cast<size_t>(count);
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(connection.fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    ++shard_.counters().writes;
  } while (sent < 0 && errno == EINTR);
  if (sent < 0 && errno != EAGAIN) {
    Doom(connection, Connection::Doom::kBroken);
    return -1;
  }
  const size_t went = sent < 0 ? 0 : static_cast<size_t>(sent);
  shard_.counters().bytes_out += went;
  return static_cast<ssize_t>(went);
}

ssize_t Connections::SendVectors(Connection& connection, const iovec* vectors, int count) {
  if (connection.tls_) return SendTls(connection, vectors, count);
  const ssize_t sent = SendNow(connection, vectors, count);
  if (sent < 0) return sent;
  size_t offered = 0;
  for (int i = 0; i < count; ++i) offered += vectors[i].iov_len;
  // A short write says as much as EAGAIN would, one call earlier.
  if (static_cast<size_t>(sent) < offered) {
    connection.blocked_ = true;
    UpdateInterest(connection);
  }
  return sent;
}

ssize_t Connections::Write(Connection& connection, const iovec* vectors, int count) {
  if (connection.doomed()) return -1;
  CHECK(connection.out_.empty());
  if (connection.blocked_) return 0;
  if (connection.tls_) return WriteTls(connection, vectors, count);
  return SendVectors(connection, vectors, count);
}

size_t Connections::Unacknowledged(const Connection& connection) const {
  int bytes = 0;
  if (::ioctl(connection.fd_, SIOCOUTQ, &bytes) != 0) bytes = 0;
  return static_cast<size_t>(bytes) + (connection.tls_ ? TlsOf(connection).unsent.size() : 0);
}

void Connections::Flush(Connection& connection) {
  size_t written = 0;
  while (!connection.out_.empty() && !connection.blocked_) {
    if (written >= kBytesPerTurn) {
      // Goes on with the next turn's events.
      connection.blocked_ = connection.yielded_ = true;
      UpdateInterest(connection);
      return;
    }
    iovec vectors[kVectorsPerWrite];
    const int count = connection.out_.Gather(vectors, kVectorsPerWrite);
    const ssize_t sent = SendVectors(connection, vectors, count);
    if (sent < 0) return;
    if (writes_since_time_++ % kWritesPerClock == 0) write_time_ = Steady::now();
    const size_t unsent = connection.out_.bytes();
    connection.out_.Consume(static_cast<size_t>(sent), &RecordDelivery, this);
    RecountBacklog(unsent, connection);
    written += static_cast<size_t>(sent);
  }
}

/// Writes what waits, unless the socket is known to take nothing: false then. What was left only
/// for the others' sake counts as the client's backlog no more than what was never tried.
bool Connections::FlushUnlessBlocked(Connection& connection) {
  if (connection.yielded_) connection.blocked_ = connection.yielded_ = false;
  if (connection.blocked_) return false;
  Flush(connection);
  return true;
}

/// After any change of its queue, which held `before` bytes.
void Connections::RecountBacklog(size_t before, const Connection& connection) {
  shard_.counters().backlog_bytes += connection.out_.bytes();
  shard_.counters().backlog_bytes -= before;
}

void Connections::RecordDelivery(void* connections, const EncodedFrame& frame) {
  if (frame.accepted_at() == Steady::time_point{}) return;
  auto* self = static_cast<Connections*>(connections);
  self->shard_.counters().delivery.Record(self->write_time_ - frame.accepted_at());
}

void Connections::BecomeWritable(Connection& connection) {
  if (connection.tls_ && !FlushCipher(connection)) return;
  connection.blocked_ = connection.yielded_ = false;
  Flush(connection);
  if (connection.doomed() || connection.blocked_) return;
  UpdateInterest(connection);
  connection.protocol_->OnWritable();
}

}  // namespace trackwire::net
