#include "api/tls_metrics.h"

#include "base/metrics.h"

namespace trackwire::api {

std::string TlsMetricsText(const TlsSample& sample, const net::ShardCounters& net) {
  base::MetricsText out;
  const auto labelled = [&out](const char* name, const char* label, const std::string& of,
                               uint64_t value) {
    out.Sample(name, std::string(label) + "=\"" + of + "\"", static_cast<double>(value));
  };
  out.Family("trackwire_tls_connections", "gauge", "TCP connections over TLS open now.");
  out.Sample("trackwire_tls_connections", "", static_cast<double>(net.tls_connections));
  constexpr const char* kHandshakes = "trackwire_tls_handshakes_total";
  out.Family(kHandshakes, "counter", "Handshakes that came to their end, by kind.");
  labelled(kHandshakes, "kind", "full", net.tls_handshakes - net.tls_resumed);
  labelled(kHandshakes, "kind", "resumed", net.tls_resumed);
  constexpr const char* kFailures = "trackwire_tls_failures_total";
  out.Family(kFailures, "counter", "Connections that TLS ended, by reason.");
  for (size_t i = 0; i < net::kTlsFailures; ++i) {
    labelled(kFailures, "reason", net::TlsFailureName(static_cast<net::TlsFailure>(i)),
             net.tls_failures[i]);
  }
  constexpr const char* kReloads = "trackwire_tls_reloads_total";
  out.Family(kReloads, "counter", "Times that the certificate was read anew, by outcome.");
  labelled(kReloads, "outcome", "changed", sample.reloads_changed);
  labelled(kReloads, "outcome", "unchanged", sample.reloads_unchanged);
  labelled(kReloads, "outcome", "failed", sample.reloads_failed);
  constexpr const char* kNotAfter = "trackwire_tls_certificate_not_after_seconds";
  out.Family(kNotAfter, "gauge", "When the certificate expires, in seconds since 1970.");
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(sample.not_after.time_since_epoch());
  out.Sample(kNotAfter, "", static_cast<double>(seconds.count()));
  return out.text();
}

}  // namespace trackwire::api
