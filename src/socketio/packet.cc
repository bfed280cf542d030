#include "socketio/packet.h"

#include <algorithm>
#include <array>

namespace trackwire::socketio {
namespace {

// More digits than a 64-bit counter has; beyond, an id is not one.
constexpr size_t kMaxIdDigits = 24;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view TakeDigits(std::string_view& text) {
  size_t end = 0;
  while (end < text.size() && IsDigit(text[end])) ++end;
  const std::string_view digits = text.substr(0, end);
  text.remove_prefix(end);
  return digits;
}

bool TakeAttachments(std::string_view& text, uint32_t max, uint32_t& count) {
  const std::string_view digits = TakeDigits(text);
  if (digits.empty() || digits.size() > 9 || text.empty() || text[0] != '-') return false;
  text.remove_prefix(1);
  count = static_cast<uint32_t>(std::stoul(std::string(digits)));
  return count > 0 && count <= max;
}

std::string_view TakeNamespace(std::string_view& text) {
  if (text.empty() || text[0] != '/') return "/";
  const size_t end = text.find(',');
  const std::string_view nsp = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return nsp;
}

Result<void, PacketError> CheckEvent(base::JsonValue payload) {
  if (!payload.is_array()) return Err(PacketError::kBadPayload);
  const auto name = base::JsonArrayReader(payload).Next();
  if (!name || !(name->is_string() || name->is_number())) return Err(PacketError::kBadPayload);
  if (name->is_string() && IsReservedEvent(base::DecodeJsonString(name->text))) {
    return Err(PacketError::kReservedEvent);
  }
  return Ok();
}

Result<void, PacketError> CheckPayload(const Packet& packet) {
  const bool has = packet.has_payload;
  switch (packet.type) {
    case PacketType::kConnect:
      if (has && !packet.payload.is_object()) return Err(PacketError::kBadPayload);
      return Ok();
    case PacketType::kDisconnect:
      if (has) return Err(PacketError::kBadPayload);
      return Ok();
    case PacketType::kConnectError:
      if (!has || !(packet.payload.is_object() || packet.payload.is_string())) {
        return Err(PacketError::kBadPayload);
      }
      return Ok();
    case PacketType::kEvent:
      if (!has) return Ok();
      return CheckEvent(packet.payload);
    case PacketType::kBinaryEvent:
      if (!has) return Err(PacketError::kBadPayload);
      return CheckEvent(packet.payload);
    case PacketType::kAck:
    case PacketType::kBinaryAck:
      if (!has || !packet.payload.is_array()) return Err(PacketError::kBadPayload);
      return Ok();
  }
  return Err(PacketError::kBadType);
}

}  // namespace

bool IsReservedEvent(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kReserved = {
      "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"};
  return std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end();
}

Result<Packet, PacketError> DecodePacket(std::string_view text, const PacketLimits& limits) {
  if (text.empty()) return Err(PacketError::kEmpty);
  if (text[0] < '0' || text[0] > '6') return Err(PacketError::kBadType);
  Packet packet;
  packet.type = static_cast<PacketType>(text[0] - '0');
  text.remove_prefix(1);
  const bool binary =
      packet.type == PacketType::kBinaryEvent || packet.type == PacketType::kBinaryAck;
  if (binary && !TakeAttachments(text, limits.max_attachments, packet.attachments)) {
    return Err(PacketError::kBadAttachmentCount);
  }
  packet.nsp = TakeNamespace(text);
  packet.id = TakeDigits(text);
  if (packet.id.size() > kMaxIdDigits) return Err(PacketError::kBadId);
  if (!text.empty()) {
    const auto payload = base::ScanJson(text, limits.max_json_depth);
    if (!payload) return Err(PacketError::kBadJson);
    packet.payload = *payload;
    packet.has_payload = true;
  }
  const auto checked = CheckPayload(packet);
  if (!checked) return Err(checked.error());
  if (binary && !PlaceholdersValid(packet.payload.text, packet.attachments)) {
    return Err(PacketError::kBadPlaceholder);
  }
  return packet;
}

std::string EncodePacket(PacketType type, std::string_view nsp, std::string_view id,
                         uint32_t attachments, std::string_view payload) {
  std::string text;
  text.reserve(nsp.size() + id.size() + payload.size() + 16);
  text += '4';
  text += static_cast<char>('0' + static_cast<int>(type));
  if (attachments > 0) {
    text += std::to_string(attachments);
    text += '-';
  }
  if (nsp != "/") {
    text += nsp;
    text += ',';
  }
  text += id;
  text += payload;
  return text;
}

}  // namespace trackwire::socketio
