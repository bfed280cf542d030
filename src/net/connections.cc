#include "net/connections.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <system_error>

#include "base/check.h"
#include "net/connections_internal.h"
#include "net/connections_tls.h"
#include "net/guarded.h"
#include "net/shard.h"

namespace trackwire::net {
namespace {

constexpr int kEventsPerTurn = 256;

}  // namespace

struct Connections::Wait {
  Wait(boost::asio::io_context& context, int fd) : descriptor(context, fd) {}
  // The descriptor belongs to Connections.
  ~Wait() { descriptor.release(); }

  boost::asio::posix::stream_descriptor descriptor;
  bool waiting = false;
};

Connections::Connections(Shard& shard)
    : shard_(shard),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      read_buffer_(new char[kReadBytes]),
      resume_accepting_([](void* self) { static_cast<Connections*>(self)->ResumeAccepting(); },
                        this) {
  if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  wait_ = std::make_unique<Wait>(shard.context(), epoll_.get());
  AwaitEvents();
}

Connections::~Connections() {
  ForEach([this](Connection& connection) { Close(connection); });
}

Connection* Connections::Allocate() {
  uint32_t slot = size_;
  if (!free_.empty()) {
    slot = free_.back();
    free_.pop_back();
  } else {
    if (size_ % kChunk == 0) chunks_.emplace_back(new Connection[kChunk]);
    At(slot).slot_ = slot;
    ++size_;
  }
  return &At(slot);
}

Connection* Connections::Adopt(UniqueFd socket, Connection::Kind kind,
                               std::unique_ptr<Protocol> protocol, AddressLimit::Seat seat,
                               std::unique_ptr<TlsPart> tls) {
  ShardCounters& counters = shard_.counters();
  if (counters.connections_open >= shard_.options().max_connections && !EvictWaiting()) {
    ++counters.connections_refused;
    return nullptr;
  }
  Connection* connection = Allocate();
  const uint64_t tag = uint64_t{connection->generation_} << 32 | connection->slot_;
  epoll_event event{.events = EPOLLIN, .data = {.u64 = tag}};
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket.get(), &event) != 0) {
    ++counters.connections_refused;
    free_.push_back(connection->slot_);
    return nullptr;
  }
  connection->protocol_ = std::move(protocol);
  connection->seat_ = std::move(seat);
  connection->fd_ = socket.Release();
  connection->kind_ = kind;
  connection->interest_ = EPOLLIN;
  connection->reading_ = true;
  connection->watch_end_ = true;
  connection->blocked_ = connection->yielded_ = connection->dirty_ = false;
  connection->doom_ = Connection::Doom::kNone;
  ++counters.connections_open;
  if (tls != nullptr) AttachTls(*connection, std::move(tls));
  return connection;
}

Connection* Connections::Find(uint32_t slot, uint32_t generation) {
  if (slot >= size_) return nullptr;
  Connection& connection = At(slot);
  if (connection.generation_ != generation || connection.kind_ == Connection::Kind::kFree) {
    return nullptr;
  }
  return &connection;
}

void Connections::Replace(Connection& connection, Connection::Kind kind,
                          std::unique_ptr<Protocol> protocol) {
  graveyard_.push_back(std::move(connection.protocol_));
  connection.protocol_ = std::move(protocol);
  connection.kind_ = kind;
}

/// The slot is used again only after the turn: events and the dirty list still name it.
void Connections::Bury(Connection& connection) {
  if (connection.protocol_) graveyard_.push_back(std::move(connection.protocol_));
  SetWaiting(connection, false);
  connection.seat_.Release();
  const size_t unsent = connection.out_.bytes();
  connection.out_.Clear();
  RecountBacklog(unsent, connection);
  if (connection.tls_) ReleaseTls(connection);
  connection.fd_ = -1;
  connection.kind_ = Connection::Kind::kFree;
  ++connection.generation_;
  freed_this_turn_.push_back(connection.slot_);
  --shard_.counters().connections_open;
}

void Connections::Close(Connection& connection) {
  if (connection.kind_ == Connection::Kind::kFree) return;
  if (connection.tls_) LeaveTls(connection);
  ::close(connection.fd_);  // leaves the epoll set by itself
  Bury(connection);
}

Connections::Detached Connections::Detach(Connection& connection) {
  Detached detached;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, connection.fd_, nullptr);
  detached.socket = UniqueFd(connection.fd_);
  detached.protocol = std::move(connection.protocol_);
  detached.seat = std::move(connection.seat_);
  if (connection.tls_) detached.tls = ReleaseTls(connection);
  Bury(connection);
  return detached;
}

void Connections::UpdateInterest(Connection& connection) {
  if (connection.kind_ == Connection::Kind::kFree) return;
  uint32_t interest = 0;
  if (connection.reading_) {
    interest |= EPOLLIN;
  } else if (connection.watch_end_) {
    interest |= EPOLLRDHUP;
  }
  if (connection.blocked_) interest |= EPOLLOUT;
  if (interest == connection.interest_) return;
  connection.interest_ = interest;
  const uint64_t tag = uint64_t{connection.generation_} << 32 | connection.slot_;
  epoll_event event{.events = interest, .data = {.u64 = tag}};
  CHECK(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.fd_, &event) == 0);
}

void Connections::SetReading(Connection& connection, bool reading) {
  // After its end the input stays readable for ever; asking again would spin.
  connection.reading_ = reading && connection.watch_end_;
  UpdateInterest(connection);
}

void Connections::ShutdownSend(Connection& connection) {
  if (connection.tls_) return ShutdownTls(connection);
  ::shutdown(connection.fd_, SHUT_WR);
}

void Connections::AwaitEvents() {
  if (wait_->waiting) return;
  wait_->waiting = true;
  wait_->descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                               [this](const boost::system::error_code& error) {
                                 if (error) return;
                                 wait_->waiting = false;
                                 OnEvents();
                               });
}

/// Level-triggered: one recv a ready connection and turn needs no second one that only learns
/// EAGAIN, and nobody's endless input holds up the others.
void Connections::OnEvents() {
  epoll_event events[kEventsPerTurn];
  const int count = ::epoll_wait(epoll_.get(), events, kEventsPerTurn, 0);
  for (int i = 0; i < count; ++i) {
    if (Guarded("connection", [&] { OnEvent(events[i]); })) continue;
    // Somewhere amid its input, which cannot be taken up again.
    Connection* connection = Find(static_cast<uint32_t>(events[i].data.u64),
                                  static_cast<uint32_t>(events[i].data.u64 >> 32));
    if (connection != nullptr) Doom(*connection, Connection::Doom::kBroken);
  }
}

void Connections::OnEvent(const epoll_event& event) {
  const auto slot = static_cast<uint32_t>(event.data.u64);
  const auto generation = static_cast<uint32_t>(event.data.u64 >> 32);
  if (slot == kListenerSlot) {
    for (const auto& listening : listening_) {
      if (listening->id == generation) return Accept(*listening);
    }
    return;
  }
  Connection* connection = Find(slot, generation);
  if (connection == nullptr || connection->doomed()) return;
  if (event.events & EPOLLOUT) {
    BecomeWritable(*connection);
    if (Find(slot, generation) == nullptr || connection->doomed()) return;
  }
  if (connection->reading_ && (event.events & (EPOLLIN | EPOLLERR | EPOLLHUP))) {
    return Read(*connection);
  }
  if (event.events & (EPOLLERR | EPOLLHUP)) return Doom(*connection, Connection::Doom::kBroken);
  if (event.events & EPOLLRDHUP) EndInput(*connection);
}

void Connections::Read(Connection& connection) {
  if (connection.tls_) return ReadTls(connection);
  const ssize_t got = ::recv(connection.fd_, read_buffer_.get(), kReadBytes, 0);
  if (got > 0) {
    shard_.counters().bytes_in += static_cast<uint64_t>(got);
    connection.protocol_->OnBytes(read_buffer_.get(), static_cast<size_t>(got));
  } else if (got == 0) {
    EndInput(connection);
  } else if (errno != EAGAIN && errno != EINTR) {
    Doom(connection, Connection::Doom::kBroken);
  }
}

void Connections::EndInput(Connection& connection) {
  connection.watch_end_ = false;
  connection.reading_ = false;
  UpdateInterest(connection);
  connection.protocol_->OnEndOfInput();
}

void Connections::Doom(Connection& connection, Connection::Doom doom) {
  if (connection.doomed()) return;
  connection.doom_ = doom;
  SetWaiting(connection, false);
  const size_t unsent = connection.out_.bytes();
  connection.out_.Clear();
  RecountBacklog(unsent, connection);
  MarkDirty(connection);
}

void Connections::FinishDoomed(Connection& connection) {
  Protocol* protocol = connection.protocol_.get();
  const bool slow = connection.doom_ == Connection::Doom::kSlowConsumer;
  Close(connection);
  if (slow) {
    protocol->OnSlowConsumer();
  } else {
    protocol->OnLost();
  }
}

void Connections::MarkDirty(Connection& connection) {
  if (connection.dirty_) return;
  connection.dirty_ = true;
  dirty_.push_back(connection.slot_);
}

void Connections::EndTurnOf(Connection& connection) {
  if (connection.kind_ == Connection::Kind::kFree) return;
  const bool whole = Guarded("connection", [&] {
    if (!connection.doomed()) connection.protocol_->OnTurnEnd();
    if (connection.kind_ == Connection::Kind::kFree) return;
    if (!connection.doomed() && !connection.blocked_) Flush(connection);
  });
  if (connection.kind_ == Connection::Kind::kFree) return;
  if (!whole) Doom(connection, Connection::Doom::kBroken);
  if (connection.doomed()) Guarded("connection", [&] { FinishDoomed(connection); });
}

void Connections::EndTurn() {
  writes_since_time_ = 0;
  handshakes_this_turn_ = 0;
  // The list may grow while it is worked off.
  for (size_t i = 0; i < dirty_.size(); ++i) {
    Connection& connection = At(dirty_[i]);
    connection.dirty_ = false;
    EndTurnOf(connection);
  }
  dirty_.clear();
  // What dies here may close further connections.
  auto dead = std::move(graveyard_);
  graveyard_.clear();
  dead.clear();
  free_.insert(free_.end(), freed_this_turn_.begin(), freed_this_turn_.end());
  freed_this_turn_.clear();
  AwaitEvents();
}

}  // namespace trackwire::net
