#include "socketio/encoder.h"

#include "base/json_scanner.h"
#include "socketio/namespace.h"
#include "socketio/packet.h"
#include "socketio/parser.h"

namespace trackwire::socketio {

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

std::shared_ptr<const net::EncodedFrame> EncodeEvent(std::string_view nsp, std::string_view event,
                                                     std::string_view args_json,
                                                     std::string_view offset,
                                                     const net::EncodedFrame::Options& options) {
  return net::EncodedFrame::Make(
      net::FrameKind::kText,
      EncodePacket(PacketType::kEvent, nsp, {}, 0, EventPayload(event, args_json, offset)),
      options);
}

std::shared_ptr<const Delivery> EncodeDelivery(std::string_view nsp, const Broadcast& broadcast,
                                               std::string offset, const Parser& parser) {
  auto delivery = std::make_shared<Delivery>();
  delivery->rooms = broadcast.rooms;
  delivery->except = broadcast.except;
  delivery->is_volatile = broadcast.is_volatile;
  net::EncodedFrame::Options options;
  options.compress = broadcast.compress;
  const auto encode = [&](std::string_view with) {
    const std::string payload = EventPayload(broadcast.event, broadcast.args.json, with);
    return parser.Encode({.type = PacketType::kEvent,
                          .nsp = nsp,
                          .payload = payload,
                          .attachments = &broadcast.args.attachments},
                         options);
  };
  EncodedFrames frames = encode({});
  delivery->plain = frames[0];
  // The same behind either: an offset is no attachment.
  delivery->attachments.assign(frames.begin() + 1, frames.end());
  if (!offset.empty()) delivery->with_offset = encode(offset)[0];
  delivery->offset = std::move(offset);
  return delivery;
}

}  // namespace trackwire::socketio
