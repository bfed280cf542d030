#pragma once

#include <string>

namespace trackwire::test {

/// Writes a new key and a certificate for 127.0.0.1 and localhost that signs itself, as PEM files.
void WriteCertificate(const std::string& certificate_file, const std::string& key_file);

}  // namespace trackwire::test
