#include "gateway/tls_config_keys.h"

#include "gateway/config_fields.h"

namespace trackwire::gateway {
namespace {

std::optional<std::string> CheckRedirect(const std::string& text) {
  if (text.empty() || ParseHostPort(text)) return std::nullopt;
  return "must be HOST:PORT with a port of 0 to 65535, such as 0.0.0.0:80";
}

}  // namespace

std::vector<ConfigKey> TlsKeys() {
  return {
      TextKey("tls.certificate", &Config::tls_certificate,
              "a PEM file with the certificate to serve https and wss with, then those that lead "
              "to a known authority; SIGHUP reads it anew; empty: plain http"),
      TextKey("tls.key", &Config::tls_key,
              "a PEM file with the certificate's private key, without a passphrase"),
      TextKey("tls.redirect", &Config::tls_redirect,
              "address and port on which plain http requests are sent on to https; empty: none",
              CheckRedirect),
  };
}

std::optional<Error> CheckTlsTogether(const Config& config) {
  if (config.tls_certificate.empty() != config.tls_key.empty()) {
    return Error{"bad_config", "tls.certificate and tls.key belong together"};
  }
  if (!config.tls_redirect.empty() && !config.speaks_tls()) {
    return Error{"bad_config", "tls.redirect does nothing without tls.certificate and tls.key"};
  }
  return std::nullopt;
}

}  // namespace trackwire::gateway
