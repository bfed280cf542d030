#pragma once

#include <cstdint>

namespace trackwire::engineio {

/// Why a request is refused. The numbers are the protocol's `code`.
enum class RequestError : uint8_t {
  kUnknownTransport = 0,
  kUnknownSid = 1,
  kBadHandshakeMethod = 2,
  kBadRequest = 3,
  kForbidden = 4,
  kUnsupportedProtocol = 5,
};
inline constexpr int kRequestErrors = 6;

}  // namespace trackwire::engineio
