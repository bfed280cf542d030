#pragma once

#include <string>

namespace trackwire::test {

struct CertificateOptions {
  std::string common_name = "localhost";
  long valid_from_s = -3600;      ///< from now
  long valid_until_s = 24 * 3600;
  std::string passphrase = {};    ///< of the key; empty: none
  int rsa_bits = 0;               ///< 0: a key on the curve P-256
};

/// Writes a new key and a certificate for 127.0.0.1 and localhost that signs itself, as PEM files.
void WriteCertificate(const std::string& certificate_file, const std::string& key_file,
                      const CertificateOptions& options = {});

}  // namespace trackwire::test
