#include "socketio/parser.h"

namespace trackwire::socketio {
namespace {

PacketType WithAttachments(PacketType type) {
  if (type == PacketType::kEvent) return PacketType::kBinaryEvent;
  return type == PacketType::kAck ? PacketType::kBinaryAck : type;
}

class PlainParser final : public Parser {
 public:
  EncodedFrames Encode(const OutgoingPacket& packet,
                       const net::EncodedFrame::Options& options) const override {
    const size_t count = packet.attachments == nullptr ? 0 : packet.attachments->size();
    const PacketType type = count > 0 ? WithAttachments(packet.type) : packet.type;
    EncodedFrames frames;
    frames.reserve(1 + count);
    frames.push_back(net::EncodedFrame::Make(net::FrameKind::kText,
                                             EncodePacket(type, packet.nsp, packet.id,
                                                          static_cast<uint32_t>(count),
                                                          packet.payload),
                                             options));
    for (size_t i = 0; i < count; ++i) {
      frames.push_back(
          net::EncodedFrame::Make(net::FrameKind::kBinary, (*packet.attachments)[i], options));
    }
    return frames;
  }

  Result<void, PacketError> Decode(net::FrameKind kind, std::string_view message,
                                   const PacketLimits& limits,
                                   IncomingPacket& packet) const override {
    // Bytes belong behind a text that announced them.
    if (kind == net::FrameKind::kBinary) return Err(PacketError::kBadType);
    const auto decoded = DecodePacket(message, limits);
    if (!decoded) return Err(decoded.error());
    packet.packet = *decoded;
    return Ok();
  }
};

}  // namespace

const Parser& TextParser() {
  static const PlainParser kParser;
  return kParser;
}

}  // namespace trackwire::socketio
