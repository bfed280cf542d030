#include "geocoding/photon.h"

#include <algorithm>
#include <cmath>

#include "outbound/url.h"

namespace trackwire::geocoding {
namespace {

using base::JsonValue;

constexpr double kMaxRadiusKm = 5'000;
constexpr double kMinRadiusKm = 0.001;

/// Up to which size objects are asked for, so that where there is no house there is a street.
const char* LayersOf(Detail detail) {
  switch (detail) {
    case Detail::kBuilding:
      return "&layer=house&layer=street&layer=locality&layer=district&layer=city";
    case Detail::kStreet: return "&layer=street&layer=locality&layer=district&layer=city";
    case Detail::kCity: return "&layer=city";
  }
  return "";
}

std::optional<ObjectPlace> PlaceOf(JsonValue feature, JsonValue properties) {
  const auto geometry = base::FindMember(feature, "geometry");
  if (!geometry || !geometry->is_object()) return std::nullopt;
  const auto coordinates = base::FindMember(*geometry, "coordinates");
  if (!coordinates || !coordinates->is_array()) return std::nullopt;
  base::JsonArrayReader reader(*coordinates);
  const auto longitude = AnswerNumber(reader.Next());
  const auto latitude = AnswerNumber(reader.Next());
  const bool known = latitude && longitude && std::fabs(*latitude) <= 90 &&
                     std::fabs(*longitude) <= 180;
  if (!known) return std::nullopt;
  ObjectPlace place{*latitude, *longitude, {}};
  if (const auto box = FourNumbers(base::FindMember(properties, "extent"))) {
    place.extent = {.south = (*box)[3], .north = (*box)[1], .west = (*box)[0], .east = (*box)[2]};
  }
  return place;
}

/// What an object is, it does not say of itself once more: a street has no `street`.
Address AddressOf(JsonValue properties) {
  const std::string type = FirstText(properties, {"type"});
  const std::string name = FirstText(properties, {"name"});
  Address address;
  address.house_number = FirstText(properties, {"housenumber"});
  address.road = FirstText(properties, {"street"});
  if (address.road.empty() && type == "street") address.road = name;
  address.city = FirstText(properties, {"city"});
  const bool settlement = type == "city" || type == "district" || type == "locality";
  if (address.city.empty() && settlement) address.city = name;
  if (address.city.empty()) address.city = FirstText(properties, {"district", "locality"});
  address.state = FirstText(properties, {"state"});
  address.postcode = FirstText(properties, {"postcode"});
  address.country = FirstText(properties, {"country"});
  address.country_code = CountryCode(properties, "countrycode");
  address.display_name = DisplayName(address, name);
  return address;
}

Result<Address, AnswerError> ReadFeature(JsonValue feature, const Place& asked,
                                         double max_distance_m) {
  if (!feature.is_object()) return Err(AnswerError{AnswerFault::kBad, "a feature is no object"});
  const auto properties = base::FindMember(feature, "properties");
  if (!properties || !properties->is_object()) {
    return Err(AnswerError{AnswerFault::kBad, "a feature has no properties"});
  }
  const auto place = PlaceOf(feature, *properties);
  if (!place) return Err(AnswerError{AnswerFault::kBad, "it does not say where the object is"});
  Address address = AddressOf(*properties);
  if (address.display_name.empty()) {
    return Err(AnswerError{AnswerFault::kBad, "there is no address in it"});
  }
  if (!IsNearEnough(*place, asked, max_distance_m, address)) {
    return Err(AnswerError{AnswerFault::kNotFound, "the nearest object is too far away"});
  }
  return address;
}

}  // namespace

std::string PhotonLanguage(std::string_view tag) {
  std::string language;
  for (const char c : tag.substr(0, tag.find_first_of("-_"))) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (!upper && (c < 'a' || c > 'z')) return {};
    language += upper ? static_cast<char>(c + 32) : c;
  }
  return language.size() <= 8 ? language : std::string();
}

std::string PhotonUrl(const std::string& url, const Place& place, Detail detail,
                      double max_distance_m, std::string_view language) {
  const double radius_km = std::max(kMinRadiusKm, std::min(kMaxRadiusKm, max_distance_m / 1'000));
  std::string query = "lat=" + CoordinateText(place.latitude);
  query += "&lon=" + CoordinateText(place.longitude) + "&radius=";
  base::AppendJsonNumber(query, radius_km);
  query += std::string("&limit=1") + LayersOf(detail);
  if (!language.empty()) query += "&lang=" + outbound::PercentEncode(language);
  return ExtendUrl(url, "/reverse", query);
}

Result<Address, AnswerError> ReadPhoton(std::string_view body, const Place& asked,
                                        double max_distance_m) {
  const auto scanned = ScanAnswer(body);
  if (!scanned) return Err(scanned.error());
  const auto features = base::FindMember(*scanned, "features");
  if (!features || !features->is_array()) {
    return Err(AnswerError{AnswerFault::kBad, "it has no list of features"});
  }
  const auto first = base::JsonArrayReader(*features).Next();
  if (!first) return Err(AnswerError{AnswerFault::kNotFound, "nothing is there"});
  return ReadFeature(*first, asked, max_distance_m);
}

bool IsPhotonLanguageError(std::string_view body) {
  const auto scanned = ScanAnswer(body);
  if (!scanned) return false;
  const std::string message = FirstText(*scanned, {"message"});
  return message.find("anguage") != std::string::npos || message.find("lang") != std::string::npos;
}

}  // namespace trackwire::geocoding
