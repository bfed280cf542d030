#include "geocoding/place_answer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "geocoding/json_text.h"

namespace trackwire::geocoding {
namespace {

constexpr double kEarthRadiusM = 6'371'008.8;
constexpr std::array<LookupFault, 3> kFaults = {LookupFault::kNotFound, LookupFault::kRateLimited,
                                                LookupFault::kUnavailable};

double Radians(double degrees) { return degrees * std::numbers::pi / 180; }

double DistanceM(double latitude_a, double longitude_a, double latitude_b, double longitude_b) {
  const double a = Radians(latitude_a);
  const double b = Radians(latitude_b);
  const double sin_latitude = std::sin((b - a) / 2);
  const double sin_longitude = std::sin(Radians(longitude_b - longitude_a) / 2);
  const double h = sin_latitude * sin_latitude +
                   std::cos(a) * std::cos(b) * sin_longitude * sin_longitude;
  return 2 * kEarthRadiusM * std::asin(std::min(1.0, std::sqrt(h)));
}

/// From the first to the second, in degrees true.
double BearingOf(double latitude_a, double longitude_a, double latitude_b, double longitude_b) {
  const double a = Radians(latitude_a);
  const double b = Radians(latitude_b);
  const double turn = Radians(longitude_b - longitude_a);
  const double y = std::sin(turn) * std::cos(b);
  const double x = std::cos(a) * std::sin(b) - std::sin(a) * std::cos(b) * std::cos(turn);
  const double degrees = std::atan2(y, x) * 180 / std::numbers::pi;
  return degrees < 0 ? degrees + 360 : degrees;
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
  const auto address = ObjectIn(object, "address");
  if (!address) return answer;
  auto read = ParseAddress(address->text);
  if (!read) return std::nullopt;
  Found found{std::move(*read), TextIn(object, "provider").value_or("")};
  found.latitude = NumberIn(object, "latitude");
  found.longitude = NumberIn(object, "longitude");
  answer.found = std::move(found);
  return answer;
}

}  // namespace

AnswerAge AgeOf(const PlaceAnswer& answer, const GeocodingDesk::Options& options, WallTime now) {
  // A clock that was set back makes nothing younger than new.
  const auto age = std::max(now - answer.made_at, std::chrono::milliseconds(0));
  if (age < (answer.found ? options.ttl : options.negative_ttl)) return AnswerAge::kFresh;
  return age < LifeOf(answer, options) ? AnswerAge::kStale : AnswerAge::kOver;
}

std::chrono::milliseconds LifeOf(const PlaceAnswer& answer,
                                 const GeocodingDesk::Options& options) {
  // That there was nothing is not repeated for longer than it is believed.
  return answer.found ? options.ttl + options.stale_for : options.negative_ttl;
}

std::string ToJson(const PlaceAnswer& answer) {
  JsonObjectText out;
  out.Integer("made_at", answer.made_at.time_since_epoch().count());
  if (answer.found) {
    const Found& found = *answer.found;
    out.Text("provider", found.provider).Raw("address", AddressJson(found.address));
    if (found.latitude && found.longitude) {
      out.Number("latitude", *found.latitude).Number("longitude", *found.longitude);
    }
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

Found FoundFor(const Found& found, const Place& asker) {
  Found own = found;
  if (!found.latitude || !found.longitude) return own;
  own.address.distance_m =
      DistanceM(*found.latitude, *found.longitude, asker.latitude, asker.longitude);
  if (found.address.bearing) {
    own.address.bearing =
        BearingOf(*found.latitude, *found.longitude, asker.latitude, asker.longitude);
  }
  return own;
}

AddressError ErrorOf(LookupFault fault, std::optional<std::chrono::milliseconds> retry_after) {
  const char* message = "the providers of addresses cannot be reached";
  if (fault == LookupFault::kNotFound) message = "nothing there has an address";
  if (fault == LookupFault::kRateLimited) message = "the provider of addresses is asked too often";
  return {ToString(fault), message, retry_after};
}

}  // namespace trackwire::geocoding
