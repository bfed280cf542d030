#include "socketio/namespace_shard.h"

#include <algorithm>
#include <utility>

#include "socketio/client.h"
#include "socketio/event_text.h"
#include "socketio/guard.h"
#include "socketio/socket_extras.h"

namespace trackwire::socketio {
namespace {

/// Gives each of an event's handlers the acknowledgement, whole to a single one.
class AckSource {
 public:
  AckSource(AckFn ack, size_t takers) : ack_(std::move(ack)) {
    if (ack_ && takers > 1) shared_ = std::make_shared<const AckFn>(std::move(ack_));
  }
  AckFn Next() {
    if (shared_ == nullptr) return std::move(ack_);
    return [shared = shared_](Args answer) { (*shared)(std::move(answer)); };
  }

 private:
  AckFn ack_;
  std::shared_ptr<const AckFn> shared_;
};

}  // namespace

Socket* NamespaceShard::Find(SocketRef ref) { return sockets_.Find(ref.slot, ref.generation); }

std::vector<SocketRef> NamespaceShard::Sockets() const {
  std::vector<SocketRef> refs;
  refs.reserve(everyone_.size());
  for (const Socket* socket : everyone_) refs.push_back(socket->ref());
  return refs;
}

void NamespaceShard::OnEvent(Socket& socket, const Packet& packet,
                             const std::vector<std::string_view>& attachments) {
  if (!packet.has_payload) return;
  const base::JsonValue first = EventName(packet.payload);
  const std::string name = NameText(first);
  if (!Hears(socket, name)) return;

  const std::string args = ArgsWithoutName(packet.payload, first);
  AckFn ack;
  if (!packet.id.empty()) {
    ack = [this, ref = socket.ref(), id = std::string(packet.id),
           hold = nsp_.Hold()](const Args& answer) mutable {
      Socket* self = Find(ref);
      if (self != nullptr && !id.empty()) self->SendAck(std::exchange(id, {}), answer);
    };
  }
  const bool done = Guarded("event", socket.sid(), [&] {
    const Event event{name, args, attachments};
    HearAny(socket, event);
    if (socket.connected() && PassesMiddlewares(socket, event, ack) && socket.connected()) {
      RunHandlers(socket, event, std::move(ack));
    }
  });
  if (!done) CloseBroken(socket);
}

bool NamespaceShard::Hears(const Socket& socket, std::string_view event) const {
  const auto& handlers = nsp_.handlers();
  return socket.listeners() != nullptr || handlers.other || !handlers.any.empty() ||
         !handlers.event_middlewares.empty() ||
         handlers.events.find(event) != handlers.events.end();
}

void NamespaceShard::HearAny(Socket& socket, const Event& event) {
  const auto hear = [&](const EventListener& listener) {
    if (socket.connected()) listener(socket, event);
    return socket.connected();
  };
  for (const auto& listener : nsp_.handlers().any) {
    if (!hear(listener)) return;
  }
  if (const auto* own = socket.listeners()) own->any.Each(hear);
}

bool NamespaceShard::PassesMiddlewares(Socket& socket, const Event& event, AckFn& ack) {
  const auto passes = [&](const EventMiddleware& middleware) {
    return socket.connected() && middleware(socket, event, ack);
  };
  for (const auto& middleware : nsp_.handlers().event_middlewares) {
    if (!passes(middleware)) return false;
  }
  const auto* own = socket.listeners();
  return own == nullptr || own->middlewares.Each(passes);
}

void NamespaceShard::RunHandlers(Socket& socket, const Event& event, AckFn ack) {
  static const std::vector<EventHandler> kNone;
  const auto& handlers = nsp_.handlers();
  const auto found = handlers.events.find(event.name);
  const auto& shared = found == handlers.events.end() ? kNone : found->second;
  auto* own_list = socket.listeners();
  std::vector<std::shared_ptr<SocketListeners::Handler>> own;
  if (own_list != nullptr) own = own_list->HandlersOf(event.name);
  const size_t count = shared.size() + own.size();
  if (count == 0 && handlers.other) return handlers.other(socket, event, std::move(ack));
  AckSource acks(std::move(ack), count);
  for (const EventHandler& handler : shared) {
    if (!socket.connected()) return;
    handler(socket, event, acks.Next());
  }
  for (const auto& handler : own) {
    if (!socket.connected()) return;
    if (own_list->Claim(*handler)) handler->call(socket, event, acks.Next());
  }
}

/// Nobody knows what a handler that threw has left undone: the client is to start again.
void NamespaceShard::CloseBroken(Socket& socket) {
  if (socket.state_ == Socket::State::kGone) return;
  socket.client_->session().Close(engineio::CloseReason::kForcedClose);
}

void NamespaceShard::End(Socket& socket, DisconnectReason reason) {
  const bool was_connected = socket.connected();
  if (socket.state_ == Socket::State::kGone) return;
  socket.state_ = Socket::State::kGone;
  if (was_connected) {
    TellEnd(socket, reason);
    Leave(socket);
    if (socket.recovery_ != nullptr) {
      // Even unchanged: a back end may have dropped the record of a client that was here for long.
      if (IsRecoverable(reason)) Save(socket);
      recovery()->Release(socket.pid(), socket.ref(), IsRecoverable(reason));
    }
  }
  rooms_.LeaveAll(socket);
  if (PendingAcks* acks = socket.acks()) acks->FailAll();
  EraseSoon(socket);
}

void NamespaceShard::TellUpgraded(Socket& socket) {
  const auto tell = [&](const ConnectionHandler& handler) {
    if (socket.connected()) handler(socket);
    return socket.connected();
  };
  const bool done = Guarded("upgrade", socket.sid(), [&] {
    for (const auto& handler : nsp_.handlers().upgrade) {
      if (!tell(handler)) return;
    }
    if (const auto* own = socket.listeners()) own->upgrade.Each(tell);
  });
  if (!done) CloseBroken(socket);
}

/// Each is told, whatever another throws: it may have something to let go of.
void NamespaceShard::TellEnd(Socket& socket, DisconnectReason reason) {
  const auto tell = [&](const DisconnectHandler& handler) {
    Guarded("disconnect", socket.sid(), [&] { handler(socket, reason); });
    return true;
  };
  const auto* own = socket.listeners();
  for (const auto& handler : nsp_.handlers().disconnecting) tell(handler);
  if (own != nullptr) own->disconnecting.Each(tell);
  for (const auto& handler : nsp_.handlers().disconnect) tell(handler);
  if (own != nullptr) own->disconnect.Each(tell);
}

void NamespaceShard::Leave(Socket& socket) {
  --part_.counters.sockets;
  Socket* last = everyone_.back();
  everyone_[socket.seat_] = last;
  last->seat_ = socket.seat_;
  everyone_.pop_back();
  const auto named = by_sid_.find(socket.sid());
  if (named != by_sid_.end() && named->second == &socket) by_sid_.erase(named);
}

/// Whoever called us may still hold the reference.
void NamespaceShard::EraseSoon(Socket& socket) {
  part_.shard.Post([this, ref = socket.ref()] {
    if (Find(ref) != nullptr) Erase(ref);
  });
}

/// The last may take the namespace along, soon.
void NamespaceShard::Erase(SocketRef ref) {
  sockets_.Erase(ref.slot, ref.generation);
  if (sockets_.size() > 0 || nsp_.life_ == nullptr) return;
  part_.children.erase(nsp_.name());
  const NamespaceHold last = std::move(busy_);
}

void NamespaceShard::Save(Socket& socket) {
  socket.recovery_->changed = false;
  recovery()->Save({socket.pid(), socket.sid(), nsp_.name(), socket.Rooms(), socket.recovery_data(),
                    socket.ref()});
}

}  // namespace trackwire::socketio
