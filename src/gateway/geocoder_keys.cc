#include "gateway/geocoder_keys.h"

#include <cmath>

#include "base/json_scanner.h"

namespace trackwire::gateway {
namespace {

using Failure = std::optional<std::string>;

std::string Shortest(double value) {
  std::string out;
  base::AppendJsonNumber(out, value);
  return out;
}

GeocoderKey Text(const char* name, std::string GeocoderConfig::*member, const char* help) {
  return {name, "text", help,
          [member](GeocoderConfig& geocoder, const RawValue& raw) -> Failure {
            const auto* text = std::get_if<std::string>(&raw.value);
            if (text == nullptr) return "must be a text in quotes";
            geocoder.*member = *text;
            return std::nullopt;
          },
          [member](const GeocoderConfig& geocoder) { return geocoder.*member; }};
}

GeocoderKey Flag(const char* name, bool GeocoderConfig::*member, const char* help) {
  return {name, "true or false", help,
          [member](GeocoderConfig& geocoder, const RawValue& raw) -> Failure {
            const auto* flag = std::get_if<bool>(&raw.value);
            if (flag == nullptr) return "must be true or false";
            geocoder.*member = *flag;
            return std::nullopt;
          },
          [member](const GeocoderConfig& geocoder) {
            return std::string(geocoder.*member ? "true" : "false");
          }};
}

GeocoderKey Integer(const char* name, int64_t GeocoderConfig::*member, int64_t min, int64_t max,
                    const char* help) {
  const std::string range = std::to_string(min) + " to " + std::to_string(max);
  return {name, "whole number " + range, help,
          [member, min, max, range](GeocoderConfig& geocoder, const RawValue& raw) -> Failure {
            const auto* number = std::get_if<int64_t>(&raw.value);
            if (number == nullptr || *number < min || *number > max) {
              return "must be a whole number of " + range;
            }
            geocoder.*member = *number;
            return std::nullopt;
          },
          [member](const GeocoderConfig& geocoder) { return std::to_string(geocoder.*member); }};
}

GeocoderKey Number(const char* name, double GeocoderConfig::*member, double min, double max,
                   const char* help) {
  const std::string range = Shortest(min) + " to " + Shortest(max);
  return {name, "number " + range, help,
          [member, min, max, range](GeocoderConfig& geocoder, const RawValue& raw) -> Failure {
            const auto* number = std::get_if<double>(&raw.value);
            const auto* whole = std::get_if<int64_t>(&raw.value);
            const double value = number != nullptr  ? *number
                                 : whole != nullptr ? static_cast<double>(*whole)
                                                    : std::nan("");
            if (!(value >= min && value <= max)) return "must be a number of " + range;
            geocoder.*member = value;
            return std::nullopt;
          },
          [member](const GeocoderConfig& geocoder) { return Shortest(geocoder.*member); }};
}

}  // namespace

const std::vector<GeocoderKey>& GeocoderKeys() {
  using G = GeocoderConfig;
  static const std::vector<GeocoderKey> keys = {
      Text("name", &G::name,
           "what it is called in `geocoding.providers` and in its answers, such as photon:office: "
           "letters, digits, - . _ and :, but not offline"),
      Text("kind", &G::kind, "what it speaks: nominatim or photon"),
      Text("url", &G::url, "of its API, without /reverse"),
      Text("email", &G::email,
           "sent along to a Nominatim server, whose operator may write there; never logged"),
      Number("requests_per_second", &G::requests_per_second, 0, 1'000,
             "requests a second on average, of all gateways together; 0: no limit"),
      Integer("concurrency", &G::concurrency, 1, 64, "requests of one gateway at a time"),
      Number("timeout_s", &G::timeout_s, 0.05, 60, "seconds that a request may take"),
      Integer("retries", &G::retries, 0, 10, "times that a request is tried again"),
      Integer("breaker_failures", &G::breaker_failures, 1, 1'000,
              "failures in a row after which it is left alone"),
      Number("breaker_open_s", &G::breaker_open_s, 0.1, 3'600,
             "seconds for which it is left alone"),
      Number("max_distance_m", &G::max_distance_m, 1, 100'000,
             "metres from the point to what it finds, above which that is not its address"),
      Flag("allow_private", &G::allow_private,
           "let it have an address of this machine or of a private network"),
  };
  return keys;
}

}  // namespace trackwire::gateway
