#include "geocoding/nominatim.h"

#include <cmath>

#include "outbound/url.h"

namespace trackwire::geocoding {
namespace {

using base::JsonValue;

/// Levels of Nominatim's `zoom`.
const char* ZoomOf(Detail detail) {
  switch (detail) {
    case Detail::kBuilding: return "18";
    case Detail::kStreet: return "17";
    case Detail::kCity: return "10";
  }
  return "18";
}

bool Contains(const std::string& text, std::string_view lower_part) {
  std::string lower;
  for (const char c : text) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return lower.find(lower_part) != std::string::npos;
}

/// An error is a sentence, or an object with a code and a sentence.
AnswerError ErrorOf(JsonValue error) {
  std::string message;
  double code = 0;
  if (error.is_string()) message = CleanText(base::DecodeJsonString(error.text), kMaxNameBytes);
  if (error.is_object()) {
    message = FirstText(error, {"message"});
    code = AnswerNumber(base::FindMember(error, "code")).value_or(0);
  }
  if (code == 404 || Contains(message, "unable to geocode")) {
    return {AnswerFault::kNotFound, "nothing is there"};
  }
  return {AnswerFault::kBad, "it tells of an error"};
}

std::optional<ObjectPlace> PlaceOf(JsonValue object) {
  const auto latitude = AnswerNumber(base::FindMember(object, "lat"));
  const auto longitude = AnswerNumber(base::FindMember(object, "lon"));
  const bool known = latitude && longitude && std::fabs(*latitude) <= 90 &&
                     std::fabs(*longitude) <= 180;
  if (!known) return std::nullopt;
  ObjectPlace place{*latitude, *longitude, {}};
  if (const auto box = FourNumbers(base::FindMember(object, "boundingbox"))) {
    place.extent = {.south = (*box)[0], .north = (*box)[1], .west = (*box)[2], .east = (*box)[3]};
  }
  return place;
}

Address AddressOf(JsonValue parts) {
  Address address;
  address.house_number = FirstText(parts, {"house_number", "house_name"});
  address.road = FirstText(parts, {"road", "pedestrian", "footway", "path", "cycleway", "square",
                                   "street", "residential"});
  address.city = FirstText(parts, {"city", "town", "village", "municipality", "hamlet",
                                   "isolated_dwelling", "croft", "borough", "city_district"});
  address.state = FirstText(parts, {"state", "province", "region", "state_district"});
  address.postcode = FirstText(parts, {"postcode"});
  address.country = FirstText(parts, {"country"});
  address.country_code = CountryCode(parts, "country_code");
  return address;
}

}  // namespace

std::string NominatimUrl(const std::string& url, const Place& place, Detail detail,
                         std::string_view email) {
  std::string query = "format=jsonv2&addressdetails=1&layer=address&lat=";
  query += CoordinateText(place.latitude) + "&lon=" + CoordinateText(place.longitude);
  query += std::string("&zoom=") + ZoomOf(detail);
  query += "&accept-language=" + outbound::PercentEncode(place.language);
  if (!email.empty()) query += "&email=" + outbound::PercentEncode(email);
  return ExtendUrl(url, "/reverse", query);
}

Result<Address, AnswerError> ReadNominatim(std::string_view body, const Place& asked,
                                           double max_distance_m) {
  const auto scanned = ScanAnswer(body);
  if (!scanned) return Err(scanned.error());
  const auto error = base::FindMember(*scanned, "error");
  if (error && !error->is_null()) return Err(ErrorOf(*error));
  const auto place = PlaceOf(*scanned);
  if (!place) return Err(AnswerError{AnswerFault::kBad, "it does not say where the object is"});
  const auto parts = base::FindMember(*scanned, "address");
  Address address;
  if (parts && parts->is_object()) address = AddressOf(*parts);
  if (const auto line = base::FindMember(*scanned, "display_name"); line && line->is_string()) {
    address.display_name = CleanText(base::DecodeJsonString(line->text), kMaxLineBytes);
  }
  if (address.display_name.empty()) {
    address.display_name = DisplayName(address, FirstText(*scanned, {"name"}));
  }
  if (address.display_name.empty()) {
    return Err(AnswerError{AnswerFault::kBad, "there is no address in it"});
  }
  if (!IsNearEnough(*place, asked, max_distance_m, address)) {
    return Err(AnswerError{AnswerFault::kNotFound, "the nearest object is too far away"});
  }
  return address;
}

}  // namespace trackwire::geocoding
