#pragma once

#include <cstdint>

namespace trackwire::engineio {

/// Why a session ended, by the official names.
enum class CloseReason : uint8_t {
  kTransportError,
  kTransportClose,
  kForcedClose,
  kPingTimeout,
  kParseError,
  kServerShuttingDown,
};
inline constexpr int kCloseReasons = 6;

/// `transport error` and so on, as the Engine.IO documents spell them.
const char* ToString(CloseReason reason);

}  // namespace trackwire::engineio
