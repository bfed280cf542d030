#include "socketio/encoder.h"

#include "base/json_scanner.h"
#include "socketio/namespace.h"
#include "socketio/packet.h"

namespace trackwire::socketio {
namespace {

std::string EventPayload(std::string_view event, std::string_view args_json,
                         std::string_view offset) {
  std::string payload;
  payload.reserve(event.size() + args_json.size() + offset.size() + 8);
  payload += '[';
  base::AppendJsonString(payload, event);
  if (!args_json.empty()) {
    payload += ',';
    payload += args_json;
  }
  if (!offset.empty()) {
    payload += ',';
    base::AppendJsonString(payload, offset);
  }
  payload += ']';
  return payload;
}

}  // namespace

std::string EncodeEventPacket(std::string_view nsp, std::string_view id, std::string_view event,
                              const Args& args, std::string_view offset) {
  const auto attachments = static_cast<uint32_t>(args.attachments.size());
  const auto type = attachments > 0 ? PacketType::kBinaryEvent : PacketType::kEvent;
  return EncodePacket(type, nsp, id, attachments, EventPayload(event, args.json, offset));
}

std::shared_ptr<const net::EncodedFrame> EncodeEvent(std::string_view nsp, std::string_view event,
                                                     std::string_view args_json,
                                                     std::string_view offset,
                                                     const net::EncodedFrame::Options& options) {
  return net::EncodedFrame::Make(
      net::FrameKind::kText,
      EncodePacket(PacketType::kEvent, nsp, {}, 0, EventPayload(event, args_json, offset)),
      options);
}

std::shared_ptr<const net::EncodedFrame> EncodeBinaryEvent(
    std::string_view nsp, std::string_view event, const Args& args, std::string_view offset,
    const net::EncodedFrame::Options& options) {
  return net::EncodedFrame::Make(net::FrameKind::kText,
                                 EncodeEventPacket(nsp, {}, event, args, offset), options);
}

std::shared_ptr<const Delivery> EncodeDelivery(std::string_view nsp, const Broadcast& broadcast,
                                               std::string offset) {
  auto delivery = std::make_shared<Delivery>();
  delivery->rooms = broadcast.rooms;
  delivery->except = broadcast.except;
  delivery->is_volatile = broadcast.is_volatile;
  net::EncodedFrame::Options options;
  options.compress = broadcast.compress;
  delivery->plain = EncodeBinaryEvent(nsp, broadcast.event, broadcast.args, {}, options);
  if (!offset.empty()) {
    delivery->with_offset =
        EncodeBinaryEvent(nsp, broadcast.event, broadcast.args, offset, options);
  }
  for (const std::string& bytes : broadcast.args.attachments) {
    delivery->attachments.push_back(
        net::EncodedFrame::Make(net::FrameKind::kBinary, bytes, options));
  }
  delivery->offset = std::move(offset);
  return delivery;
}

}  // namespace trackwire::socketio
