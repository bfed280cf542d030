#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace trackwire::net {

/// The PEM files that a server shows itself with.
struct TlsFiles {
  std::string certificate;  ///< the server's first, then those that lead to a known authority
  std::string key;          ///< of the first one, without a passphrase
};

/// What people may want to know of a certificate.
struct TlsCertificateInfo {
  std::string subject;      ///< as `CN=example.org`
  std::string names;        ///< that it is good for, with commas
  std::string fingerprint;  ///< SHA-256 in hexadecimal
  WallTime not_before{};
  WallTime not_after{};
};

/// What the TLS connections of a server have in common: certificate, rules, keys of tickets.
///
/// TLS 1.2 with ciphers that keep past traffic secret, and 1.3; no renegotiation, no compression,
/// no early data, no certificates of clients. A client that offers protocols by ALPN must offer
/// `http/1.1`. Any thread.
/// Spec: RFC 8446, RFC 5246, RFC 7301, RFC 9325.
class TlsContext {
 public:
  /// Reads the files; blocks. Errors as of LoadTlsCertificate(), and `tls_certificate` for one that
  /// is too weak to be used.
  static Result<std::shared_ptr<TlsContext>> Load(TlsFiles files,
                                                  const Clock& clock = Clock::System());
  ~TlsContext();

  /// Reads the files again; blocks. Connections that open from now on get what they hold, those
  /// that are open go on with what they have. With other certificates than before, tickets given
  /// out count no more, so that everybody sees the new ones. Whether they are others. On an error
  /// all stays as it was.
  Result<bool> Reload();

  TlsCertificateInfo certificate() const;
  /// What is odd about the certificate now: a sentence each.
  std::vector<std::string> Warnings() const;

  /// One state of the files, for TlsEngine.
  struct Generation;
  std::shared_ptr<const Generation> current() const;

 private:
  TlsContext(TlsFiles files, const Clock& clock);

  const TlsFiles files_;
  const Clock& clock_;
  mutable std::mutex mutex_;  // guards `current_` between a reload and shards, which take it once a
                              // connection: nothing beside a handshake
  std::shared_ptr<const Generation> current_;
};

}  // namespace trackwire::net
