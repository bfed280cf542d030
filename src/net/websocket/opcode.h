#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace trackwire::net::websocket {

/// What a frame is. Spec: RFC 6455 section 5.2.
enum class Opcode : uint8_t {
  kContinuation = 0x0,
  kText = 0x1,
  kBinary = 0x2,
  kClose = 0x8,
  kPing = 0x9,
  kPong = 0xA,
};

/// Status codes of a close frame that we send or report. Spec: RFC 6455 section 7.4.1.
inline constexpr uint16_t kCloseProtocolError = 1002;
inline constexpr uint16_t kCloseNoStatus = 1005;
inline constexpr uint16_t kCloseAbnormal = 1006;
inline constexpr uint16_t kCloseBadData = 1007;
inline constexpr uint16_t kClosePolicy = 1008;
inline constexpr uint16_t kCloseTooLarge = 1009;
inline constexpr uint16_t kCloseTryAgainLater = 1013;

inline constexpr size_t kMaxServerHeader = 10;
inline constexpr size_t kMaxControlPayload = 125;

/// Appends the header of a final, unmasked frame.
void AppendServerHeader(std::string& out, Opcode opcode, size_t payload_size);

/// A whole control frame. The payload is at most kMaxControlPayload bytes.
std::string ControlFrame(Opcode opcode, std::string_view payload);

/// A whole close frame. Code 0 gives one without a code. The reason is cut to what fits, at the
/// end of a character.
std::string CloseFrame(uint16_t code, std::string_view reason);

/// A whole frame as a client sends it, masked with the four bytes of `key`.
std::string ClientFrame(Opcode opcode, std::string_view payload, std::string_view key);

/// Whether a peer may put this code into a close frame: 1000-1003, 1007-1014, 3000-4999.
bool IsSendableCloseCode(uint16_t code);

}  // namespace trackwire::net::websocket
