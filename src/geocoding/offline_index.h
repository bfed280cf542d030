#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "geocoding/address.h"

namespace trackwire::geocoding {

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
  std::string_view name;          ///< of the best place of that country; empty when none is near enough
  double distance_m = 0;          ///< from that place to the point
  double bearing = 0;             ///< degrees true, from that place to the point
};

/// Countries, states and places of the world in one file that is mapped into memory: no network, no
/// allocation, microseconds. Made when the project is built; its format is in docs/geocoding.md.
///
/// Immutable, any thread.
class OfflineIndex {
 public:
  /// Errors: `no_index` (cannot be read), `bad_index` (not a file of this format and version, or cut
  /// off; every offset in it is checked here, so that no lookup leaves the map).
  static Result<std::shared_ptr<const OfflineIndex>> Open(const std::string& path);
  ~OfflineIndex();
  OfflineIndex(const OfflineIndex&) = delete;
  OfflineIndex& operator=(const OfflineIndex&) = delete;

  /// Nothing at open sea. Latitude -90 to 90, longitude -180 to 180.
  std::optional<OfflinePlace> Find(double latitude, double longitude) const;
  /// The same as an address: "4 km NE of Pisek, Jihocesky, Czechia".
  std::optional<Address> Look(double latitude, double longitude) const;

  std::vector<Attribution> attributions() const;
  size_t bytes() const;

 private:
  struct Map;
  explicit OfflineIndex(std::unique_ptr<Map> map);

  std::unique_ptr<Map> map_;
};

}  // namespace trackwire::geocoding
