#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "geocoding/address.h"

namespace trackwire::geocoding {

class IndexFile;

/// Whose data an answer is made of, and what its licence wants said.
struct Attribution {
  std::string text;
  std::string url;
  std::string licence;
};

/// What the index knows of a point. The texts live as long as the index.
struct OfflinePlace {
  std::string_view country_code;  ///< ISO 3166-1 alpha-2; empty: land of no country
  std::string_view country;       ///< in English
  std::string_view state;         ///< the first level below the country; may be empty
  std::string_view name;  ///< of the best place of that country; empty when none is near enough
  double distance_m = 0;  ///< from that place to the point
  double bearing = 0;     ///< degrees true, from that place to the point
  bool inside = false;    ///< the point is in the built-up area of that place
};

/// Countries, states and places of the world in one file that is mapped into memory: no network, no
/// allocation, microseconds. Made when the project is built; its format is in docs/geocoding.md.
///
/// Immutable, any thread.
class OfflineIndex {
 public:
  /// Errors: `no_index` (cannot be read), `bad_index` (not a file of this format and version, or
  /// cut off; every offset in it is checked here, so that no lookup leaves the map).
  static Result<std::shared_ptr<const OfflineIndex>> Open(const std::string& path);
  /// The same out of memory that outlives the index, aligned to 8 bytes. Error: `bad_index`.
  static Result<std::shared_ptr<const OfflineIndex>> Read(std::span<const std::byte> bytes);
  ~OfflineIndex();
  OfflineIndex(const OfflineIndex&) = delete;
  OfflineIndex& operator=(const OfflineIndex&) = delete;

  /// Nothing at open sea, and for what is no point: latitude -90 to 90, longitude -180 to 180.
  std::optional<OfflinePlace> Find(double latitude, double longitude) const;
  /// The same as an address, distance and bearing in whole metres and degrees: "4 km NE of Písek,
  /// Jihočeský kraj, Czechia", or "Písek, …" where the point is in the place.
  std::optional<Address> Look(double latitude, double longitude) const;

  std::vector<Attribution> attributions() const;
  size_t bytes() const;

 private:
  explicit OfflineIndex(std::unique_ptr<const IndexFile> file);

  std::unique_ptr<const IndexFile> file_;
};

}  // namespace trackwire::geocoding
