#include "geocoding/place_answer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "geocoding/great_circle.h"
#include "geocoding/json_text.h"

namespace trackwire::geocoding {
namespace {

constexpr std::array<LookupFault, 3> kFaults = {LookupFault::kNotFound, LookupFault::kRateLimited,
                                                LookupFault::kUnavailable};

/// What is said because servers do not answer: once they do, they are asked again.
constexpr std::chrono::minutes kInsteadTtl{10};

bool IsOfTheIndex(const PlaceAnswer& answer) {
  return answer.found && geocoding::IsOfTheIndex(*answer.found);
}

std::chrono::milliseconds TtlOf(const PlaceAnswer& answer, const GeocodingDesk::Options& options) {
  const auto ttl = answer.found ? options.ttl : options.negative_ttl;
  const bool instead = answer.incomplete || IsOfTheIndex(answer);
  return instead ? std::min<std::chrono::milliseconds>(ttl, kInsteadTtl) : ttl;
}

double Radians(double degrees) { return degrees * std::numbers::pi / 180; }
double Degrees(double radians) { return radians * 180 / std::numbers::pi; }

/// Latitude and longitude of the end of a great circle.
std::pair<double, double> PointFrom(const Place& start, double bearing, double distance_m) {
  const double way = distance_m / kEarthRadiusM;
  const double from = Radians(start.latitude);
  const double sine =
      std::sin(from) * std::cos(way) + std::cos(from) * std::sin(way) * std::cos(Radians(bearing));
  const double to = std::asin(std::clamp(sine, -1.0, 1.0));
  const double turn = std::atan2(std::sin(Radians(bearing)) * std::sin(way) * std::cos(from),
                                 std::cos(way) - std::sin(from) * std::sin(to));
  return {Degrees(to), start.longitude + Degrees(turn)};
}

std::optional<LookupFault> ParseFault(std::string_view text) {
  for (const LookupFault fault : kFaults) {
    if (text == ToString(fault)) return fault;
  }
  return std::nullopt;
}

std::optional<PlaceAnswer> AnswerIn(base::JsonValue object) {
  const auto made_at = TimeIn(object, "made_at");
  if (!made_at) return std::nullopt;
  PlaceAnswer answer;
  answer.made_at = *made_at;
  const auto incomplete = base::FindMember(object, "incomplete");
  answer.incomplete = incomplete && incomplete->type == base::JsonType::kTrue;
  const auto address = ObjectIn(object, "address");
  if (!address) return answer;
  auto read = ParseAddress(address->text);
  if (!read) return std::nullopt;
  answer.found = Found{std::move(*read), TextIn(object, "provider").value_or("")};
  return answer;
}

}  // namespace

bool IsOfTheIndex(const Found& found) { return found.provider == "offline"; }

AnswerAge AgeOf(const PlaceAnswer& answer, const GeocodingDesk::Options& options, WallTime now) {
  // A clock that was set back makes nothing younger than new.
  const auto age = std::max(now - answer.made_at, std::chrono::milliseconds(0));
  if (age < TtlOf(answer, options)) return AnswerAge::kFresh;
  return age < LifeOf(answer, options) ? AnswerAge::kStale : AnswerAge::kOver;
}

std::chrono::milliseconds LifeOf(const PlaceAnswer& answer, const GeocodingDesk::Options& options) {
  // That there was nothing is not repeated for longer than it is believed.
  const bool may_grow_old = answer.found && !IsOfTheIndex(answer);
  return TtlOf(answer, options) + (may_grow_old ? options.stale_for : std::chrono::milliseconds(0));
}

std::string ToJson(const PlaceAnswer& answer) {
  JsonObjectText out;
  out.Integer("made_at", answer.made_at.time_since_epoch().count());
  if (answer.incomplete) out.Bool("incomplete", true);
  if (answer.found) {
    out.Text("provider", answer.found->provider).Raw("address", AddressJson(answer.found->address));
  }
  return out.Take();
}

std::optional<PlaceAnswer> ParsePlaceAnswer(std::string_view text) {
  const auto object = ObjectOf(text);
  return object ? AnswerIn(*object) : std::nullopt;
}

std::string ToJson(const PlaceEnd& end) {
  JsonObjectText out;
  out.Text("key", end.key).Text("task", end.task);
  if (end.answer) return out.Raw("answer", ToJson(*end.answer)).Take();
  out.Text("fault", ToString(end.fault));
  if (end.retry_after) out.Integer("retry_after_ms", end.retry_after->count());
  return out.Take();
}

std::optional<PlaceEnd> ParsePlaceEnd(std::string_view text) {
  const auto object = ObjectOf(text);
  if (!object) return std::nullopt;
  auto key = TextIn(*object, "key");
  auto task = TextIn(*object, "task");
  if (!key || !task) return std::nullopt;
  PlaceEnd end;
  end.key = std::move(*key);
  end.task = std::move(*task);
  if (const auto answer = ObjectIn(*object, "answer")) {
    end.answer = AnswerIn(*answer);
    return end.answer ? std::optional(std::move(end)) : std::nullopt;
  }
  const auto fault = ParseFault(TextIn(*object, "fault").value_or(""));
  if (!fault) return std::nullopt;
  end.fault = *fault;
  if (const auto ms = IntegerIn(*object, "retry_after_ms")) {
    end.retry_after = std::chrono::milliseconds(*ms);
  }
  return end;
}

std::string ToJson(const Place& place) {
  return JsonObjectText()
      .Number("latitude", place.latitude)
      .Number("longitude", place.longitude)
      .Text("language", place.language)
      .Take();
}

std::optional<Place> ParsePlace(std::string_view text) {
  const auto object = ObjectOf(text);
  if (!object) return std::nullopt;
  const auto latitude = NumberIn(*object, "latitude");
  const auto longitude = NumberIn(*object, "longitude");
  auto language = TextIn(*object, "language");
  if (!latitude || !longitude || !language) return std::nullopt;
  return Place{*latitude, *longitude, std::move(*language)};
}

std::string FailureKey(const std::string& task) { return "geo:failed:" + task; }

Found FoundFor(const Found& found, const Place& centre, const Place& asker) {
  Found own = found;
  Address& address = own.address;
  const bool is_centre = centre.latitude == asker.latitude && centre.longitude == asker.longitude;
  if (is_centre || !address.distance_m || !address.bearing) return own;
  // Back from the centre to what was found; that the bearing is of the other end of the way matters
  // less than a cell is wide.
  const auto [latitude, longitude] = PointFrom(centre, *address.bearing + 180, *address.distance_m);
  const GreatCircle way = GreatCircleOf(latitude, longitude, asker.latitude, asker.longitude);
  // As exact as the providers' own.
  address.distance_m = std::round(way.distance_m);
  address.bearing = std::fmod(std::round(way.bearing), 360);
  return own;
}

AddressError ErrorOf(LookupFault fault, std::optional<std::chrono::milliseconds> retry_after) {
  const char* message = "the providers of addresses cannot be reached";
  if (fault == LookupFault::kNotFound) message = "nothing there has an address";
  if (fault == LookupFault::kRateLimited) message = "the provider of addresses is asked too often";
  return {ToString(fault), message, retry_after};
}

}  // namespace trackwire::geocoding
