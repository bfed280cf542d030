#include "engineio/packet.h"

#include "base/text.h"

namespace trackwire::engineio {
namespace {

constexpr char kRecordSeparator = '\x1e';

}  // namespace

Result<Packet, DecodeError> DecodePacket(std::string_view text) {
  if (text.empty()) return Err(DecodeError::kEmpty);
  Packet packet;
  if (text[0] == 'b') {
    auto bytes = base::Base64Decode(text.substr(1));
    if (!bytes) return Err(DecodeError::kBadBase64);
    packet.kind = net::FrameKind::kBinary;
    packet.decoded = std::move(*bytes);
    return packet;
  }
  if (text[0] < '0' || text[0] > '6') return Err(DecodeError::kBadType);
  packet.type = static_cast<PacketType>(text[0] - '0');
  packet.borrowed = text.substr(1);
  return packet;
}

std::string_view PayloadReader::TakeText() {
  const size_t end = rest_.find(kRecordSeparator);
  const std::string_view text = rest_.substr(0, end);
  if (end == std::string_view::npos) {
    done_ = true;
  } else {
    rest_.remove_prefix(end + 1);
  }
  return text;
}

Result<void, DecodeError> PayloadReader::Check(std::string_view body) {
  if (!base::IsUtf8(body)) return Err(DecodeError::kBadUtf8);
  PayloadReader reader(body);
  while (!reader.done_) {
    const auto packet = DecodePacket(reader.TakeText());
    if (!packet) return Err(packet.error());
  }
  return Ok();
}

bool PayloadReader::Next(Packet& packet) {
  if (done_) return false;
  auto decoded = DecodePacket(TakeText());
  if (!decoded) return false;
  packet = *std::move(decoded);
  return true;
}

bool PayloadWriter::Add(const net::EncodedFrame& frame) {
  const bool binary = frame.kind() == net::FrameKind::kBinary;
  const size_t size = frame.payload().size();
  const size_t encoded = binary ? 1 + (size + 2) / 3 * 4 : size;
  if (!body_.empty() && body_.size() + 1 + encoded > max_bytes_) return false;
  compressible_ = compressible_ && frame.compress();
  if (!body_.empty()) body_ += kRecordSeparator;
  if (binary) {
    body_ += 'b';
    body_ += base::Base64Encode(frame.payload());
  } else {
    body_ += frame.payload();
  }
  return true;
}

std::shared_ptr<const net::EncodedFrame> EncodeMessage(net::FrameKind kind,
                                                       std::string_view payload,
                                                       const net::EncodedFrame::Options& options) {
  if (kind == net::FrameKind::kBinary) return net::EncodedFrame::Make(kind, payload, options);
  std::string text;
  text.reserve(payload.size() + 1);
  text += '4';
  text += payload;
  return net::EncodedFrame::Make(kind, text, options);
}

}  // namespace trackwire::engineio
