#include "api/update_metrics.h"

#include "base/metrics.h"

namespace trackwire::api {
namespace {

using Samples = std::vector<ProviderSample>;

/// A text as it may stand between quotes as the value of a label.
std::string Escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string LabelOf(const ProviderSample& sample) {
  return "provider=\"" + Escaped(sample.name) + "\"";
}

void Each(base::MetricsText& out, const Samples& providers, const char* name, const char* type,
          const char* help, uint64_t ProviderSample::*value) {
  out.Family(name, type, help);
  for (const ProviderSample& sample : providers) {
    out.Sample(name, LabelOf(sample), static_cast<double>(sample.*value));
  }
}

void WriteBreakers(base::MetricsText& out, const Samples& providers) {
  constexpr const char* kName = "trackwire_provider_breaker";
  out.Family(kName, "gauge", "Whether a provider's circuit breaker is in that state.");
  for (const ProviderSample& sample : providers) {
    for (const char* state : {"closed", "open", "half_open"}) {
      out.Sample(kName, LabelOf(sample) + ",state=\"" + state + "\"",
                 sample.state == state ? 1 : 0);
    }
  }
}

}  // namespace

std::string UpdateMetricsText(const ingest::UpdateCounters& updates) {
  base::MetricsText out;
  constexpr const char* kRequests = "trackwire_update_requests_total";
  out.Family(kRequests, "counter",
             "Requests for an immediate position that reached a status, by status.");
  for (size_t i = 0; i < updates.by_status.size(); ++i) {
    const auto status = static_cast<ingest::UpdateStatus>(i);
    out.Sample(kRequests, std::string("status=\"") + ingest::ToString(status) + "\"",
               static_cast<double>(updates.by_status[i]));
  }
  constexpr const char* kFailures = "trackwire_update_failures_total";
  out.Family(kFailures, "counter", "Of these, those that failed, by reason.");
  for (const auto& [reason, count] : updates.failed) {
    out.Sample(kFailures, "reason=\"" + Escaped(reason) + "\"", static_cast<double>(count));
  }
  out.Family("trackwire_update_announcements_refused_total", "counter",
             "Requests that others announced and that could not be taken.");
  out.Sample("trackwire_update_announcements_refused_total", "",
             static_cast<double>(updates.refused));
  out.Family("trackwire_update_open", "gauge", "Requests that this process watches now.");
  out.Sample("trackwire_update_open", "", static_cast<double>(updates.open));
  out.Family("trackwire_update_latency_seconds", "histogram",
             "From a request to its position, without what the provider took.");
  out.Histogram("trackwire_update_latency_seconds", updates.latency);
  return out.text();
}

std::string ProviderMetricsText(const Samples& providers) {
  if (providers.empty()) return {};
  base::MetricsText out;
  constexpr const char* kFetches = "trackwire_provider_fetches_total";
  out.Family(kFetches, "counter", "Requests to providers that were answered, by outcome.");
  for (const ProviderSample& sample : providers) {
    out.Sample(kFetches, LabelOf(sample) + ",outcome=\"fetched\"",
               static_cast<double>(sample.fetched));
    out.Sample(kFetches, LabelOf(sample) + ",outcome=\"unchanged\"",
               static_cast<double>(sample.unchanged));
  }
  constexpr const char* kErrors = "trackwire_provider_errors_total";
  out.Family(kErrors, "counter", "Requests to providers that failed, by code.");
  for (const ProviderSample& sample : providers) {
    for (const auto& [code, count] : sample.errors) {
      out.Sample(kErrors, LabelOf(sample) + ",code=\"" + Escaped(code) + "\"",
                 static_cast<double>(count));
    }
  }
  WriteBreakers(out, providers);
  Each(out, providers, "trackwire_provider_breaker_opened_total", "counter",
       "Times that a provider's circuit breaker opened.", &ProviderSample::opened);
  Each(out, providers, "trackwire_provider_retries_total", "counter",
       "Requests to providers that were tried again.", &ProviderSample::retries);
  Each(out, providers, "trackwire_provider_limited_total", "counter",
       "Times that a provider's limits made a request wait.", &ProviderSample::limited);
  Each(out, providers, "trackwire_provider_fixes_total", "counter",
       "Fixes that providers brought.", &ProviderSample::fixes);
  Each(out, providers, "trackwire_provider_unknown_total", "counter",
       "Reports of trackers that are not known, refused.", &ProviderSample::unknown);
  Each(out, providers, "trackwire_provider_bad_entries_total", "counter",
       "Entries of answers that could not be read.", &ProviderSample::bad);
  Each(out, providers, "trackwire_provider_trackers", "gauge", "Trackers of a provider.",
       &ProviderSample::trackers);
  out.Family("trackwire_provider_listening", "gauge", "Whether a provider's line stands.");
  for (const ProviderSample& sample : providers) {
    out.Sample("trackwire_provider_listening", LabelOf(sample), sample.listening ? 1 : 0);
  }
  return out.text();
}

}  // namespace trackwire::api
