#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "geocoding/geocoding_desk.h"

namespace trackwire::geocoding {

/// What the providers said of a place: an address, or that nothing there has one.
struct PlaceAnswer {
  std::optional<Found> found;
  WallTime made_at{};
  bool incomplete = false;  ///< nothing was found by those who could be asked, but others failed
};

/// Whether an answer is told, and whether it is looked up anew as well.
enum class AnswerAge : uint8_t { kFresh, kStale, kOver };

/// How the task of a place ended: with an answer, else with the fault that is told. It is published
/// on kPlaceEnds, and a fault is kept for those who wait for that very task.
struct PlaceEnd {
  std::string key;   ///< of the place
  std::string task;  ///< in the queue of places; empty when the answer was found in the cache
  std::optional<PlaceAnswer> answer;
  LookupFault fault = LookupFault::kUnavailable;
  std::optional<std::chrono::milliseconds> retry_after;
};

inline constexpr const char* kPlaces = "geocoding";             ///< queue of places to look up
inline constexpr const char* kPlaceEnds = "geocoding:answers";  ///< channel

/// The index was asked in the place of servers that did not answer.
bool IsOfTheIndex(const Found& found);
AnswerAge AgeOf(const PlaceAnswer& answer, const GeocodingDesk::Options& options, WallTime now);
/// How long the cache has to keep it.
std::chrono::milliseconds LifeOf(const PlaceAnswer& answer, const GeocodingDesk::Options& options);

/// Our own forms. Nothing when it is none.
std::string ToJson(const PlaceAnswer& answer);
std::optional<PlaceAnswer> ParsePlaceAnswer(std::string_view text);
std::string ToJson(const PlaceEnd& end);
std::optional<PlaceEnd> ParsePlaceEnd(std::string_view text);
std::string ToJson(const Place& place);
std::optional<Place> ParsePlace(std::string_view text);

/// Where the cache has how a task failed.
std::string FailureKey(const std::string& task);

/// What was found for the middle of a cell, told to somebody within the cell: distance and bearing
/// are to his own point.
Found FoundFor(const Found& found, const Place& centre, const Place& asker);
/// What is told of a fault.
AddressError ErrorOf(LookupFault fault, std::optional<std::chrono::milliseconds> retry_after);

}  // namespace trackwire::geocoding
