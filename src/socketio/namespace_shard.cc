#include "socketio/namespace_shard.h"

#include <algorithm>
#include <utility>

#include "socketio/client.h"
#include "socketio/guard.h"
#include "socketio/pending_acks.h"

namespace trackwire::socketio {
namespace {

/// The array of an event without its first element.
std::string ArgsWithoutName(std::string_view payload, std::string_view name) {
  const auto after = static_cast<size_t>(name.data() + name.size() - payload.data());
  std::string_view rest = payload.substr(after);
  rest.remove_prefix(rest.find_first_of(",]"));
  if (rest[0] == ']') return "[]";
  std::string args(rest);
  args[0] = '[';
  return args;
}

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
  const auto first = base::JsonArrayReader(packet.payload).Next();
  const std::string name =
      first->is_string() ? base::DecodeJsonString(first->text) : std::string(first->text);
  const auto& handlers = nsp_.handlers_;
  const auto found = handlers.events.find(name);
  const auto& handler = found == handlers.events.end() ? handlers.any : found->second;
  if (!handler && handlers.event_middlewares.empty()) return;

  const std::string args = ArgsWithoutName(packet.payload.text, first->text);
  AckFn ack;
  if (!packet.id.empty()) {
    ack = [this, ref = socket.ref(), id = std::string(packet.id)](const Args& answer) mutable {
      Socket* self = Find(ref);
      if (self != nullptr && !id.empty()) self->SendAck(std::exchange(id, {}), answer);
    };
  }
  const bool done = Guarded("event", socket.sid(), [&] {
    const Event event{name, args, attachments};
    for (const auto& middleware : handlers.event_middlewares) {
      if (!middleware(socket, event, ack)) return;
    }
    // A middleware may have ended the socket that it let pass.
    if (handler && socket.connected()) handler(socket, event, std::move(ack));
  });
  if (!done) CloseBroken(socket);
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
    for (const auto& handler : nsp_.handlers_.disconnect) {
      Guarded("disconnect", socket.sid(), [&] { handler(socket, reason); });
    }
    Leave(socket);
    if (socket.recovery_ != nullptr) {
      // Even unchanged: a back end may have dropped the record of a client that was here for long.
      if (IsRecoverable(reason)) Save(socket);
      recovery()->Release(socket.pid(), socket.ref(), IsRecoverable(reason));
    }
  }
  rooms_.LeaveAll(socket);
  if (socket.acks_ != nullptr) socket.acks_->FailAll();
  EraseSoon(socket);
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
    if (Find(ref) != nullptr) sockets_.Erase(ref.slot, ref.generation);
  });
}

void NamespaceShard::Save(Socket& socket) {
  socket.recovery_->changed = false;
  recovery()->Save({socket.pid(), socket.sid(), nsp_.name(), socket.Rooms(), socket.recovery_data(),
                    socket.ref()});
}

void NamespaceShard::Deliver(const DeliveryBatch& batch) {
  for (const auto& delivery : batch) Deliver(*delivery);
}

namespace {

/// Takes its references on a delivery's frames when the first socket needs them.
class HeldDelivery {
 public:
  explicit HeldDelivery(const Delivery& delivery) : delivery_(delivery) {}

  const net::FrameRef& text(bool with_offset) {
    const bool stamped = with_offset && delivery_.with_offset != nullptr;
    return Hold(stamped ? with_offset_ : plain_,
                stamped || delivery_.plain == nullptr ? delivery_.with_offset : delivery_.plain);
  }
  const std::vector<net::FrameRef>& attachments() {
    if (attachments_.size() < delivery_.attachments.size()) {
      for (const auto& frame : delivery_.attachments) {
        attachments_.push_back(net::FrameRef::Hold(frame));
      }
    }
    return attachments_;
  }

 private:
  static const net::FrameRef& Hold(net::FrameRef& held,
                                   const std::shared_ptr<const net::EncodedFrame>& frame) {
    if (!held) held = net::FrameRef::Hold(frame);
    return held;
  }

  const Delivery& delivery_;
  net::FrameRef with_offset_;
  net::FrameRef plain_;
  std::vector<net::FrameRef> attachments_;
};

}  // namespace

void NamespaceShard::Deliver(const Delivery& delivery) {
  if (!delivery.offset.empty()) last_offset_ = delivery.offset;
  if (delivery.plain == nullptr && delivery.with_offset == nullptr) return;
  rooms_.NewRound();
  for (const std::string& room : delivery.except) {
    VisitRoom(room, [this](Socket& socket) { rooms_.Mark(socket); });
  }
  HeldDelivery held(delivery);
  const auto give = [&](Socket& socket) {
    if (delivery.is_volatile && !socket.client_->session().writable()) return;
    if (!rooms_.Mark(socket)) return;
    ++part_.counters.deliveries;
    socket.SendFrame(held.text(socket.wants_offsets()));
    for (const net::FrameRef& frame : held.attachments()) socket.SendFrame(frame);
  };
  if (!delivery.socket_sid.empty()) {
    const auto named = by_sid_.find(delivery.socket_sid);
    if (named == by_sid_.end()) return;
    if (delivery.check) {
      if (delivery.check(*named->second)) give(*named->second);
      return;
    }
    bool addressed = delivery.rooms.empty();
    for (const std::string& room : delivery.rooms) addressed |= named->second->InRoom(room);
    if (addressed) give(*named->second);
  } else if (delivery.rooms.empty() && !delivery.check) {
    for (Socket* socket : everyone_) give(*socket);
  } else {
    for (const std::string& room : delivery.rooms) VisitRoom(room, give);
    for (const std::string& room : delivery.checked_rooms) {
      VisitRoom(room, [&](Socket& socket) {
        if (!rooms_.Marked(socket) && delivery.check(socket)) give(socket);
      });
    }
  }
}

}  // namespace trackwire::socketio
