#include "net/tls_failure.h"

namespace trackwire::net {

const char* TlsFailureName(TlsFailure failure) {
  switch (failure) {
    case TlsFailure::kPlainHttp:
      return "plain_http";
    case TlsFailure::kNotTls:
      return "not_tls";
    case TlsFailure::kVersion:
      return "version";
    case TlsFailure::kCipher:
      return "cipher";
    case TlsFailure::kAlpn:
      return "alpn";
    case TlsFailure::kAlert:
      return "alert";
    case TlsFailure::kGone:
      return "gone";
    case TlsFailure::kProtocol:
      break;
  }
  return "protocol";
}

}  // namespace trackwire::net
