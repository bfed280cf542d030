#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/json_scanner.h"
#include "base/result.h"
#include "net/frame.h"

namespace trackwire::socketio {

// Packets as text, with attachments in messages of their own: what TextParser() (parser.h) speaks.

/// The first character of a packet, as a number.
enum class PacketType : uint8_t {
  kConnect,
  kDisconnect,
  kEvent,
  kAck,
  kConnectError,
  kBinaryEvent,
  kBinaryAck,
};

/// The ways a packet can be wrong.
enum class PacketError : uint8_t {
  kEmpty,
  kBadType,
  kBadAttachmentCount,  ///< missing, zero, no number, or over the limit
  kBadId,               ///< longer than any client counts
  kBadJson,             ///< including nesting over the limit
  kBadPayload,          ///< JSON that this type of packet cannot carry
  kReservedEvent,
  kBadPlaceholder,  ///< names an attachment that does not come
};

struct PacketLimits {
  uint32_t max_attachments = 10;
  uint32_t max_json_depth = base::kMaxJsonDepth;
};

/// One packet as it came. Borrows from the text.
struct Packet {
  PacketType type = PacketType::kEvent;
  std::string_view nsp = "/";
  /// The digits of the ack id, kept as they came so that the answer carries the very same.
  std::string_view id;
  uint32_t attachments = 0;
  /// Without one, `has_payload` is false.
  base::JsonValue payload;
  bool has_payload = false;
};

/// Reads the text of a packet and checks it whole, placeholders of attachments included.
///
/// An event without any payload is accepted, as the npm server does. Linear, no allocation for
/// what has no escapes. Any thread.
/// Spec: Socket.IO v5, "Packet encoding".
Result<Packet, PacketError> DecodePacket(std::string_view text, const PacketLimits& limits);

/// Whether applications may not use it as the name of an event.
bool IsReservedEvent(std::string_view name);

/// Checks that each `{"_placeholder":true,"num":i}` at any depth of `payload` names one of
/// `attachments`. `payload` must have been accepted by ScanJson().
bool PlaceholdersValid(std::string_view payload, uint32_t attachments);

/// Writes a packet with the type digit of the Engine.IO message that carries it:
/// `4<type>[<attachments>-][<nsp>,][<id>]<payload>`.
std::string EncodePacket(PacketType type, std::string_view nsp, std::string_view id,
                         uint32_t attachments, std::string_view payload);

}  // namespace trackwire::socketio
