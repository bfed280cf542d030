#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/frame.h"
#include "socketio/packet.h"

namespace trackwire::socketio {

/// A packet on its way out.
struct OutgoingPacket {
  PacketType type = PacketType::kEvent;  ///< kEvent and kAck with attachments, too
  std::string_view nsp = "/";
  std::string_view id = {};       ///< digits of an ack id, or empty
  std::string_view payload = {};  ///< JSON, with placeholders for attachments; or empty
  const std::vector<std::string>* attachments = nullptr;
};

/// A packet as it came.
struct IncomingPacket {
  Packet packet;  ///< borrows from its message, or from `text`
  /// The payload as JSON, where a message is no JSON.
  std::string text;
  /// Those that came with the message; others follow it, as many as `packet.attachments` says.
  std::vector<std::string> attachments;
};

/// The messages of one packet, in order.
using EncodedFrames = std::vector<std::shared_ptr<const net::EncodedFrame>>;

/// How packets become messages of Engine.IO and back: `parser` of the npm server. Clients must
/// speak the same (Options::parser). Used by all shards at once, so constant.
class Parser {
 public:
  virtual ~Parser() = default;

  /// One message at least; broadcasts are encoded once for all their receivers.
  virtual EncodedFrames Encode(const OutgoingPacket& packet,
                               const net::EncodedFrame::Options& options) const = 0;
  /// Reads a message that begins a packet, and checks all of it. The payload must be JSON that
  /// base::ScanJson() accepts, its placeholders those of attachments; an error ends the connection.
  virtual Result<void, PacketError> Decode(net::FrameKind kind, std::string_view message,
                                           const PacketLimits& limits,
                                           IncomingPacket& packet) const = 0;
};

/// The default: text, with attachments in binary messages behind it (packet.h).
const Parser& TextParser();

}  // namespace trackwire::socketio
