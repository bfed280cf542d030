#pragma once

#include <memory>

#include "socketio/pending_acks.h"
#include "socketio/socket.h"
#include "socketio/socket_listeners.h"

namespace trackwire::socketio {

struct Socket::Extras {
  std::unique_ptr<PendingAcks> acks;
  std::unique_ptr<SocketListeners> listeners;
  std::unique_ptr<SharedPart> shared;
};

inline PendingAcks* Socket::acks() const {
  return extras_ == nullptr ? nullptr : extras_->acks.get();
}

inline SocketListeners* Socket::listeners() const {
  return extras_ == nullptr ? nullptr : extras_->listeners.get();
}

}  // namespace trackwire::socketio
