// How a broadcast reaches the sockets of a shard.
#include <utility>

#include "socketio/client.h"
#include "socketio/event_text.h"
#include "socketio/namespace_shard.h"

namespace trackwire::socketio {

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
  const bool all_hear = HearsOutgoing();
  std::vector<Socket*> heard;
  const auto give = [&](Socket& socket) {
    if (delivery.is_volatile && !socket.client_->session().writable()) return;
    if (!rooms_.Mark(socket)) return;
    ++part_.counters.deliveries;
    socket.SendFrame(held.text(socket.wants_offsets()));
    for (const net::FrameRef& frame : held.attachments()) socket.SendFrame(frame);
    if (all_hear || (socket.extras_ != nullptr && socket.HasOutgoingListeners())) {
      heard.push_back(&socket);
    }
  };
  Address(delivery, give);
  if (!heard.empty()) TellSent(delivery, heard);
}

template <typename Give>
void NamespaceShard::Address(const Delivery& delivery, Give give) {
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

/// Behind the last of those who get it: a listener may change who is where. Sockets that end are
/// erased in a later turn.
void NamespaceShard::TellSent(const Delivery& delivery, const std::vector<Socket*>& sockets) {
  const auto& frame = delivery.plain != nullptr ? delivery.plain : delivery.with_offset;
  std::string_view message = frame->payload();
  if (frame->kind() == net::FrameKind::kText) message.remove_prefix(1);  // Engine.IO's type
  IncomingPacket incoming;
  const PacketLimits limits{UINT32_MAX, base::kMaxJsonDepth};
  if (!part_.parser.Decode(frame->kind(), message, limits, incoming)) return;
  if (!incoming.packet.has_payload) return;
  const base::JsonValue first = EventName(incoming.packet.payload);
  const std::string name = NameText(first);
  const std::string args = ArgsWithoutName(incoming.packet.payload, first);
  Event event{name, args, {incoming.attachments.begin(), incoming.attachments.end()}};
  for (const auto& bytes : delivery.attachments) event.attachments.push_back(bytes->payload());
  for (Socket* socket : sockets) socket->NotifyOutgoing(event);
}

}  // namespace trackwire::socketio
