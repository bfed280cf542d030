#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace trackwire::bench {

/// Spec: RFC 6455, 5.2.
enum class Opcode : uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10
};

enum class FrameState { kComplete, kNeedMore, kBroken };

/// What stands at the front of some received bytes.
struct ParsedFrame {
  FrameState state = FrameState::kNeedMore;
  Opcode opcode = Opcode::kText;
  std::string_view payload;  ///< unmasked; borrows from the bytes that were parsed
  size_t size = 0;           ///< bytes to skip to the next frame
};

/// Reads one frame and unmasks it in place.
///
/// kBroken for reserved bits, unknown opcodes, fragments (no server measured here sends any) and
/// payloads above `max_payload`. Only a complete frame is unmasked, so call again with more bytes
/// after kNeedMore. Does not throw. Linear in the frame.
ParsedFrame ParseFrame(std::span<char> bytes, size_t max_payload);

/// Appends a frame as servers send it.
void AppendFrame(std::string& out, Opcode opcode, std::string_view payload);

/// Appends a frame as clients must send it, masked with the four bytes of `mask`.
void AppendMaskedFrame(std::string& out, Opcode opcode, std::string_view payload, uint32_t mask);

/// The value of Sec-WebSocket-Accept that answers `key`. Spec: RFC 6455, 4.2.2.
std::string AcceptKey(std::string_view key);

/// The value of a header in an HTTP head, without the spaces around it; empty when it is absent.
/// Names compare without case.
std::string_view HeaderValue(std::string_view head, std::string_view name);

}  // namespace trackwire::bench
