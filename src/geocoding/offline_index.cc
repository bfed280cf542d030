#include "geocoding/offline_index.h"

#include <array>
#include <cmath>

#include "geocoding/country_finder.h"
#include "geocoding/index_file.h"
#include "geocoding/place_finder.h"

namespace trackwire::geocoding {
namespace {

// Farther than this a place says nothing of a point: deserts, ice.
constexpr double kNamedWithinM = 200'000;
// A place's coordinates are those of its middle, or of where somebody thought that is.
constexpr double kInsideM = 1'500;
// The part of a place's reach that is built up.
constexpr double kBuiltUp = 0.6;

SpherePoint At(const PlaceRecord& place) { return {place.at[0], place.at[1], place.at[2]}; }

/// "4 km NE of ", "900 m S of ".
std::string Whereabouts(double distance_m, double bearing) {
  constexpr std::array<const char*, 8> kDirections{"N", "NE", "E", "SE", "S", "SW", "W", "NW"};
  const auto direction = static_cast<size_t>(std::lround(bearing / 45)) % kDirections.size();
  const bool in_km = distance_m >= 950;
  const long number = in_km ? std::lround(distance_m / 1000) : std::lround(distance_m / 100) * 100;
  return std::to_string(number) + (in_km ? " km " : " m ") + kDirections[direction] + " of ";
}

std::string DisplayName(const OfflinePlace& place) {
  std::string out;
  const auto add = [&](std::string_view part) {
    if (!out.empty()) out += ", ";
    out += part;
  };
  if (!place.name.empty()) {
    if (!place.inside) out = Whereabouts(place.distance_m, place.bearing);
    out += place.name;
  }
  // Of city states all names are one, or nearly.
  const bool is_city_state = place.name == place.country;
  if (!place.state.empty() && !is_city_state && place.state != place.name &&
      place.state != place.country) {
    add(place.state);
  }
  if (place.country != place.name) add(place.country);
  return out;
}

}  // namespace

OfflineIndex::OfflineIndex(std::unique_ptr<const IndexFile> file) : file_(std::move(file)) {}

OfflineIndex::~OfflineIndex() = default;

Result<std::shared_ptr<const OfflineIndex>> OfflineIndex::Open(const std::string& path) {
  auto file = IndexFile::Map(path);
  if (!file) return Err(std::move(file.error()));
  return std::shared_ptr<const OfflineIndex>(new OfflineIndex(std::move(*file)));
}

Result<std::shared_ptr<const OfflineIndex>> OfflineIndex::Read(std::span<const std::byte> bytes) {
  auto file = IndexFile::Read(bytes);
  if (!file) return Err(std::move(file.error()));
  return std::shared_ptr<const OfflineIndex>(new OfflineIndex(std::move(*file)));
}

std::optional<OfflinePlace> OfflineIndex::Find(double latitude, double longitude) const {
  // Written so that what is not a number is refused, too.
  if (!(std::fabs(latitude) <= 90 && std::fabs(longitude) <= 180)) return std::nullopt;
  const auto number = FindCountry(*file_, latitude, longitude);
  if (!number) return std::nullopt;
  const CountryRecord& country = file_->countries[*number];
  OfflinePlace found;
  if (country.code[0] != 0) found.country_code = {country.code.data(), country.code.size()};
  found.country = file_->Text(country.name);
  const SpherePoint point = ToSphere(latitude, longitude);
  const NearPlaces places = FindPlaces(*file_, country, point, kNamedWithinM);
  if (places.nearest == nullptr) return found;
  const uint32_t state = places.best->state;
  if (state != 0) found.state = file_->Text(file_->states[state - 1].name);
  found.name = file_->Text(places.best->name);
  found.distance_m = DistanceM(At(*places.best), point);
  found.bearing = BearingOf(At(*places.best), point);
  found.inside =
      found.distance_m <= std::max(kInsideM, kBuiltUp * 1000 * double{places.best->reach});
  return found;
}

std::optional<Address> OfflineIndex::Look(double latitude, double longitude) const {
  const auto place = Find(latitude, longitude);
  if (!place) return std::nullopt;
  Address address;
  address.display_name = DisplayName(*place);
  address.country_code = place->country_code;
  address.country = place->country;
  address.state = place->state;
  address.city = place->name;
  if (!place->name.empty()) {
    address.distance_m = std::round(place->distance_m);
    address.bearing = std::fmod(std::round(place->bearing), 360);
  }
  return address;
}

std::vector<Attribution> OfflineIndex::attributions() const {
  std::vector<Attribution> all;
  for (const AttributionRecord& record : file_->attributions) {
    all.push_back({std::string(file_->Text(record.text)), std::string(file_->Text(record.url)),
                   std::string(file_->Text(record.licence))});
  }
  return all;
}

size_t OfflineIndex::bytes() const { return file_->bytes(); }

}  // namespace trackwire::geocoding
