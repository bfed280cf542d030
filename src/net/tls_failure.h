#pragma once

#include <cstddef>
#include <cstdint>

namespace trackwire::net {

/// Why a client could not be served over TLS.
enum class TlsFailure : uint8_t {
  kPlainHttp,  ///< it speaks HTTP without TLS
  kNotTls,     ///< its first bytes are nothing known
  kVersion,    ///< it knows no version of TLS that we speak
  kCipher,     ///< no common ciphers, groups or signatures
  kAlpn,       ///< it speaks other protocols only
  kAlert,      ///< it refused us, most often our certificate
  kGone,       ///< it left amid the handshake, or was too slow
  kProtocol,   ///< all else against the rules
};
inline constexpr size_t kTlsFailures = 8;
/// As metrics call it.
const char* TlsFailureName(TlsFailure failure);

}  // namespace trackwire::net
