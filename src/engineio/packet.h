#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/frame.h"

namespace trackwire::engineio {

/// The first character of a text packet, as a number.
enum class PacketType : uint8_t { kOpen, kClose, kPing, kPong, kMessage, kUpgrade, kNoop };

/// The ways a packet or a polling body can be wrong.
enum class DecodeError : uint8_t {
  kEmpty,      ///< no byte at all, or an empty packet in a body
  kBadType,    ///< the first character is none of 0 to 6
  kBadBase64,  ///< `b` followed by something else than base64
  kBadUtf8,    ///< a body that is not UTF-8
};

/// One packet. Borrows from what was decoded, except bytes that stood there as base64.
struct Packet {
  PacketType type = PacketType::kMessage;
  net::FrameKind kind = net::FrameKind::kText;
  std::string_view borrowed;  ///< what follows the type character, or a binary frame's payload
  std::string decoded;        ///< what the base64 stood for

  std::string_view data() const { return decoded.empty() ? borrowed : decoded; }
};

/// Reads a text packet: a type digit and its data, or `b` and base64 for a binary message.
///
/// Borrows from `text`. Linear, any thread.
/// Spec: Engine.IO v4, "Packet encoding".
Result<Packet, DecodeError> DecodePacket(std::string_view text);

/// Splits one HTTP long-polling body into packets, in order, without allocating for text.
///
/// Check() first tells whether the whole body is right, so that nothing of a broken one is acted
/// upon; Next() then gives the packets. Borrows from `body`. Linear.
/// Spec: Engine.IO v4, "Packet encoding", HTTP long-polling.
class PayloadReader {
 public:
  explicit PayloadReader(std::string_view body) : rest_(body) {}

  static Result<void, DecodeError> Check(std::string_view body);
  /// False after the last packet. The body must have passed Check().
  bool Next(Packet& packet);

 private:
  std::string_view TakeText();

  std::string_view rest_;
  bool done_ = false;
};

/// Puts packets together to one long-polling body.
class PayloadWriter {
 public:
  /// A body is never longer than `max_bytes`, unless a single packet is.
  explicit PayloadWriter(size_t max_bytes) : max_bytes_(max_bytes) {}

  /// Appends unless the body would become too long.
  bool Add(const net::EncodedFrame& frame);
  bool empty() const { return body_.empty(); }
  /// Whether all that was added may be packed (EncodedFrame::Options::compress).
  bool compressible() const { return compressible_; }
  std::string Take() { return std::move(body_); }

 private:
  size_t max_bytes_;
  std::string body_;
  bool compressible_ = true;
};

/// A message packet as a frame: text gets its type digit, bytes go as they are.
std::shared_ptr<const net::EncodedFrame> EncodeMessage(
    net::FrameKind kind, std::string_view payload, const net::EncodedFrame::Options& options = {});

}  // namespace trackwire::engineio
