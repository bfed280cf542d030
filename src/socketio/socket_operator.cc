#include "socketio/socket_operator.h"

#include "base/check.h"

namespace trackwire::socketio {

SocketOperator SocketOperator::Volatile() const {
  SocketOperator next = *this;
  next.is_volatile_ = true;
  return next;
}

SocketOperator SocketOperator::Compress(bool compress) const {
  SocketOperator next = *this;
  next.compress_ = compress;
  return next;
}

SocketOperator SocketOperator::Timeout(std::chrono::milliseconds timeout) const {
  CHECK(timeout.count() > 0);
  SocketOperator next = *this;
  next.timeout_ = timeout;
  return next;
}

BroadcastOperator SocketOperator::Broadcast() const {
  BroadcastOperator others = socket_->nsp().Except(socket_->sid()).Compress(compress_);
  if (is_volatile_) others = others.Volatile();
  if (timeout_.count() > 0) others = others.Timeout(timeout_);
  return others;
}

void SocketOperator::EmitArgs(std::string_view event, const Args& args) const {
  socket_->EmitWith({is_volatile_, compress_}, event, args, {});
}

void SocketOperator::EmitArgsWithAck(std::string_view event, const Args& args,
                                     AckResult result) const {
  socket_->Ask({is_volatile_, compress_}, event, args, timeout_, std::move(result));
}

SocketOperator Socket::Volatile() { return SocketOperator(*this).Volatile(); }

SocketOperator Socket::Compress(bool compress) { return SocketOperator(*this).Compress(compress); }

SocketOperator Socket::Timeout(std::chrono::milliseconds timeout) {
  return SocketOperator(*this).Timeout(timeout);
}

BroadcastOperator Socket::To(const RoomNames& rooms) { return SocketOperator(*this).To(rooms); }

BroadcastOperator Socket::In(const RoomNames& rooms) { return SocketOperator(*this).In(rooms); }

BroadcastOperator Socket::Except(const RoomNames& rooms) {
  return SocketOperator(*this).Except(rooms);
}

BroadcastOperator Socket::Broadcast() { return SocketOperator(*this).Broadcast(); }

BroadcastOperator Socket::Local() { return SocketOperator(*this).Local(); }

}  // namespace trackwire::socketio
