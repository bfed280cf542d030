#include "gateway/geocoder_keys.h"

#include "gateway/key_values.h"

namespace trackwire::gateway {
namespace {

GeocoderKey Text(const char* name, std::string GeocoderConfig::*member, const char* help) {
  return {name, "text", help,
          [member](GeocoderConfig& geocoder, const RawValue& raw) {
            return TakeText(raw, geocoder.*member);
          },
          [member](const GeocoderConfig& geocoder) { return geocoder.*member; }};
}

GeocoderKey Flag(const char* name, bool GeocoderConfig::*member, const char* help) {
  return {name, "true or false", help,
          [member](GeocoderConfig& geocoder, const RawValue& raw) {
            return TakeFlag(raw, geocoder.*member);
          },
          [member](const GeocoderConfig& geocoder) { return ShowFlag(geocoder.*member); }};
}

GeocoderKey Integer(const char* name, int64_t GeocoderConfig::*member, int64_t min, int64_t max,
                    const char* help) {
  return {name, "whole number " + IntegerRange(min, max), help,
          [member, min, max](GeocoderConfig& geocoder, const RawValue& raw) {
            return TakeInteger(raw, min, max, geocoder.*member);
          },
          [member](const GeocoderConfig& geocoder) { return std::to_string(geocoder.*member); }};
}

GeocoderKey Number(const char* name, double GeocoderConfig::*member, double min, double max,
                   const char* help) {
  return {name, "number " + NumberRange(min, max), help,
          [member, min, max](GeocoderConfig& geocoder, const RawValue& raw) {
            return TakeNumber(raw, min, max, geocoder.*member);
          },
          [member](const GeocoderConfig& geocoder) { return ShowNumber(geocoder.*member); }};
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
