#pragma once

#include "socketio/adapters/classic_adapter.h"

namespace trackwire::socketio {

struct ClassicAdapter::Pending {
  Pending(ClassicAdapter& adapter, std::string name)
      : owner(adapter), id(std::move(name)), timer(&Pending::Expire, this) {}

  static void Expire(void* self) {
    auto& pending = *static_cast<Pending*>(self);
    pending.owner.OnTimeout(pending.id);
  }

  ClassicAdapter& owner;
  const std::string id;
  uint64_t missing = 0;  ///< servers that have not answered
  std::vector<RemoteSocket> sockets;
  ServerAnswers answers;
  // One of these says what was asked.
  std::function<void(Result<std::vector<RemoteSocket>>)> on_sockets;
  std::function<void(ServerAnswers)> on_answers;
  std::function<void(uint64_t)> on_expected;
  std::function<void(Args)> on_ack;
  net::Timer timer;
};

}  // namespace trackwire::socketio
