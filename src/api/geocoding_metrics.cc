#include "api/geocoding_metrics.h"

#include <initializer_list>
#include <string_view>
#include <utility>

namespace trackwire::api {
namespace {

using Labelled = std::initializer_list<std::pair<std::string_view, uint64_t>>;

void One(base::MetricsText& out, std::string_view name, std::string_view type,
         std::string_view help, uint64_t value) {
  out.Family(name, type, help);
  out.Sample(name, "", static_cast<double>(value));
}

void Each(base::MetricsText& out, std::string_view name, std::string_view help,
          std::string_view label, Labelled values) {
  out.Family(name, "counter", help);
  for (const auto& [word, value] : values) {
    out.Sample(name, std::string(label) + "=\"" + std::string(word) + "\"",
               static_cast<double>(value));
  }
}

void WriteProviders(base::MetricsText& out, const std::vector<GeocoderSample>& providers) {
  if (providers.empty()) return;
  // Their names hold nothing that would have to be escaped: the configuration sees to it.
  const auto label = [](const GeocoderSample& sample) {
    return "provider=\"" + sample.name + "\"";
  };
  const auto counter = [&](const char* name, const char* help, uint64_t GeocoderSample::*value) {
    out.Family(name, "counter", help);
    for (const auto& one : providers) out.Sample(name, label(one), static_cast<double>(one.*value));
  };
  counter("trackwire_geocoding_provider_requests_total",
          "Requests sent to providers of addresses, repeated ones too.", &GeocoderSample::requests);
  constexpr const char* kOutcomes = "trackwire_geocoding_provider_outcomes_total";
  out.Family(kOutcomes, "counter", "What providers of addresses were asked, by what became of it.");
  constexpr std::pair<const char*, uint64_t GeocoderSample::*> kWords[] = {
      {"found", &GeocoderSample::found},
      {"not_found", &GeocoderSample::not_found},
      {"rate_limited", &GeocoderSample::rate_limited},
      {"unavailable", &GeocoderSample::unavailable}};
  for (const auto& one : providers) {
    for (const auto& [word, value] : kWords) {
      out.Sample(kOutcomes, label(one) + ",outcome=\"" + word + "\"",
                 static_cast<double>(one.*value));
    }
  }
  counter("trackwire_geocoding_provider_retries_total",
          "Requests to providers of addresses that were tried again.", &GeocoderSample::retries);
  counter("trackwire_geocoding_provider_breaker_opened_total",
          "Times that the circuit breaker of a provider of addresses opened.",
          &GeocoderSample::opened);
  constexpr const char* kBreaker = "trackwire_geocoding_provider_breaker";
  out.Family(kBreaker, "gauge",
             "Whether the circuit breaker of a provider of addresses is in that state.");
  for (const auto& one : providers) {
    for (const char* state : {"closed", "open", "half_open"}) {
      out.Sample(kBreaker, label(one) + ",state=\"" + state + "\"", one.state == state ? 1 : 0);
    }
  }
}

}  // namespace

std::string GeocodingMetricsText(const GeocodingSample& s) {
  base::MetricsText out;
  One(out, "trackwire_geocoding_requests_total", "counter",
      "Requests for addresses that were taken, by event, REST and GraphQL.", s.requests);
  Each(out, "trackwire_geocoding_events_total", "Events request_geocoding, by what became of them.",
       "outcome",
       {{"answered", s.event_answered},
        {"queued", s.event_queued},
        {"invalid", s.event_invalid},
        {"rate_limited", s.event_rate_limited},
        {"refused", s.event_refused}});
  Each(out, "trackwire_geocoding_offline_answers_total",
       "Answers of the offline index: the last word, or until a better one comes.", "kind",
       {{"final", s.offline}, {"provisional", s.provisional}});
  Each(out, "trackwire_geocoding_cache_total",
       "Places looked for in the cache; the hit ratio is hit / (hit + miss).", "result",
       {{"hit", s.hits}, {"miss", s.misses}});
  One(out, "trackwire_geocoding_cache_stale_total", "counter",
      "Hits that were old and are looked up anew.", s.stale);
  One(out, "trackwire_geocoding_joined_total", "counter",
      "Misses for a place that somebody had asked for already.", s.joined);
  One(out, "trackwire_geocoding_queue_full_total", "counter",
      "Requests refused because too much waits.", s.queue_full);
  One(out, "trackwire_geocoding_waiting", "gauge",
      "Places that wait to be looked up, of all gateways.", s.waiting);
  Each(out, "trackwire_geocoding_lookups_total", "Places that this process looked up, by outcome.",
       "outcome", {{"found", s.found}, {"not_found", s.not_found}, {"failed", s.failed}});
  One(out, "trackwire_geocoding_lookups_begun_total", "counter",
      "Places that this process began to look up.", s.lookups);
  out.Family("trackwire_geocoding_lookup_seconds", "histogram",
             "What looking up a place took, the turns at its providers included.");
  out.Histogram("trackwire_geocoding_lookup_seconds", s.lookup);
  One(out, "trackwire_geocoding_answers_dropped_total", "counter",
      "Answers whose asker had left for good.", s.dropped);
  One(out, "trackwire_geocoding_automatic_total", "counter",
      "Places looked for because a tracker stopped there.", s.automatic);
  One(out, "trackwire_geocoding_automatic_dropped_total", "counter",
      "Such places that were left out, because too many came at once.", s.stops_dropped);
  One(out, "trackwire_geocoding_index_bytes", "gauge",
      "Size of the offline index; 0: it is not there.", s.index_bytes);
  WriteProviders(out, s.providers);
  return out.text();
}

}  // namespace trackwire::api
