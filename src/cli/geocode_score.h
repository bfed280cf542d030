#pragma once

#include <cstdint>
#include <istream>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "geocoding/offline_index.h"

namespace trackwire::cli {

/// A point whose country, and maybe state and place, are known.
struct KnownPoint {
  double latitude = 0;
  double longitude = 0;
  std::string country_code;            ///< empty: at sea
  std::vector<std::string> also_good;  ///< codes that are no mistake
  std::string state;                   ///< empty: not known
  std::string place;                   ///< empty: not known
  bool place_is_located = false;
  double place_latitude = 0;
  double place_longitude = 0;
  std::string category;
};

/// Reads a CSV file with the columns lat, lon, country_code, country_code_also_ok (codes with
/// spaces between them), admin1, locality, locality_lat, locality_lon and category; others are
/// passed over. Error: `bad_points`, with the line.
Result<std::vector<KnownPoint>> ReadKnownPoints(std::istream& in);

/// How many answers were right, of how many that could be.
struct Share {
  uint64_t right = 0;
  uint64_t of = 0;

  void Count(bool is_right) { right += is_right ? 1 : 0, ++of; }
  double percent() const {
    return of == 0 ? 100.0 : 100.0 * static_cast<double>(right) / static_cast<double>(of);
  }
};

struct Score {
  Share country;
  Share state;
  Share place;

  void Add(const Score& other);
};

/// What an index knows of points, by category.
class Scorer {
 public:
  explicit Scorer(const geocoding::OfflineIndex& index) : index_(index) {}

  void Count(const KnownPoint& point);

  Score total() const;
  /// Of the points with a country.
  const Score& land() const { return land_; }
  const std::map<std::string, Score>& categories() const { return categories_; }
  /// A line for each answer that was wrong.
  const std::vector<std::string>& mistakes() const { return mistakes_; }

 private:
  const geocoding::OfflineIndex& index_;
  Score land_;
  std::map<std::string, Score> categories_;
  std::vector<std::string> mistakes_;
};

/// Whether two spellings can be of one name: letters beyond ASCII, case and signs aside, one begins
/// with the other or a letter in four differs.
bool SameName(const std::string& a, const std::string& b);

}  // namespace trackwire::cli
