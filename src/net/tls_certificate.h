#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/tls_context.h"
#include "net/tls_handles.h"

namespace trackwire::net {

/// A certificate with its key, which fit together.
struct TlsCertificate {
  TlsHandle<X509> leaf;
  std::vector<TlsHandle<X509>> chain;  ///< without the leaf
  TlsHandle<EVP_PKEY> key;
  TlsCertificateInfo info;
  std::string identity;  ///< differs when any of these certificates does
};

/// Reads and checks both files; blocks. Errors, each naming its file: `tls_file` (missing,
/// unreadable, too large), `tls_certificate` (no PEM certificate), `tls_key` (no PEM key, behind a
/// passphrase, another certificate's).
Result<TlsCertificate> LoadTlsCertificate(const TlsFiles& files);

/// What is odd about a certificate that works all the same: it has expired, will soon, or is not
/// valid yet; or others may read the key. A sentence each.
std::vector<std::string> TlsWarnings(const TlsCertificateInfo& info, const TlsFiles& files,
                                     WallTime now);

}  // namespace trackwire::net
