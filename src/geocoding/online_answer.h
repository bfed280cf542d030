// What the answers of all servers in the network have in common, read without I/O.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/json_scanner.h"
#include "base/result.h"
#include "geocoding/address.h"
#include "geocoding/geocoder.h"

namespace trackwire::geocoding {

/// Of an answer's body; an address has a few hundred.
inline constexpr size_t kMaxAnswerBytes = 256 * 1'024;
/// Of one name, and of the whole in one line. What is longer is cut.
inline constexpr size_t kMaxNameBytes = 256;
inline constexpr size_t kMaxLineBytes = 1'024;

/// Why an answer is no address.
enum class AnswerFault : uint8_t {
  kNotFound,  ///< the server knows of nothing there, or of nothing near enough
  kCut,       ///< it ends too early: asking again may help
  kBad,       ///< not what the API says
};
struct AnswerError {
  AnswerFault fault = AnswerFault::kBad;
  std::string detail;  ///< for the operator; nothing of it is the server's own words
};

/// Scans a body as one JSON object of bounded size and depth. Errors: kCut, kBad.
Result<base::JsonValue, AnswerError> ScanAnswer(std::string_view body);

/// A text for people: without control characters and marks that turn the writing direction, with
/// single spaces, cut at a character. `text` is UTF-8.
std::string CleanText(std::string_view text, size_t max_bytes);
/// The first of these members that is a text or an integer and not empty, made clean.
std::string FirstText(base::JsonValue object, std::initializer_list<std::string_view> names);
/// A member that is an ISO 3166-1 alpha-2 code in either case, in upper case; else empty.
std::string CountryCode(base::JsonValue object, std::string_view name);
/// A finite number, also one that is written as a text.
std::optional<double> AnswerNumber(std::optional<base::JsonValue> value);
/// The first four numbers of an array; nothing when it is no array of four.
std::optional<std::array<double, 4>> FourNumbers(std::optional<base::JsonValue> value);

/// Where an object is.
struct ObjectPlace {
  double latitude = 0;
  double longitude = 0;
  struct Extent {
    double south, north, west, east;
  };
  std::optional<Extent> extent;
};
/// Sets the distance and bearing of `address` from the object to the point asked for, in whole
/// metres and degrees. False: the object is farther than `max_distance_m`, and is not a street or a
/// settlement whose extent holds the point either.
bool IsNearEnough(const ObjectPlace& object, const Place& asked, double max_distance_m,
                  Address& address);

/// "Town Hall, 12 Main Street, 90210 Town, State, Country": what is absent, or the same as a part
/// before it, is left out. `name`: of the object, may be empty.
std::string DisplayName(const Address& address, std::string_view name);

/// A coordinate as it stands in a URL, whatever the locale: 7 decimals (about a centimetre).
std::string CoordinateText(double degrees);
/// `url` with `path` behind its own path and `query` (a=b&c=d) behind its own query.
std::string ExtendUrl(const std::string& url, std::string_view path, std::string_view query);

}  // namespace trackwire::geocoding
