#include "cli/geocode_score.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <sstream>

#include "formats/csv_scanner.h"
#include "geocoding/great_circle.h"
#include "geocoding/place_finder.h"

namespace trackwire::cli {
namespace {

// A place that is named by another language's name is the same when it is this near.
constexpr double kSamePlaceM = 5'000;

struct Columns {
  static constexpr size_t kNone = SIZE_MAX;
  size_t lat = kNone, lon = kNone, code = kNone, also = kNone, state = kNone, place = kNone;
  size_t place_lat = kNone, place_lon = kNone, category = kNone;
};

Columns FindColumns(const std::vector<std::string_view>& header) {
  Columns columns;
  const std::pair<std::string_view, size_t Columns::*> known[] = {
      {"lat", &Columns::lat},
      {"lon", &Columns::lon},
      {"country_code", &Columns::code},
      {"country_code_also_ok", &Columns::also},
      {"admin1", &Columns::state},
      {"locality", &Columns::place},
      {"locality_lat", &Columns::place_lat},
      {"locality_lon", &Columns::place_lon},
      {"category", &Columns::category},
  };
  for (size_t i = 0; i < header.size(); ++i) {
    for (const auto& [name, column] : known) {
      if (header[i] == name) columns.*column = i;
    }
  }
  return columns;
}

std::string Field(const std::vector<std::string_view>& row, size_t column) {
  return column < row.size() ? std::string(row[column]) : std::string();
}

bool Number(const std::string& text, double& value) {
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && at == end && std::isfinite(value);
}

/// False when the coordinates are none.
bool ReadPoint(const std::vector<std::string_view>& row, const Columns& columns,
               KnownPoint& point) {
  if (!Number(Field(row, columns.lat), point.latitude) ||
      !Number(Field(row, columns.lon), point.longitude)) {
    return false;
  }
  point.country_code = Field(row, columns.code);
  std::istringstream also(Field(row, columns.also));
  for (std::string code; also >> code;) point.also_good.push_back(code);
  point.state = Field(row, columns.state);
  point.place = Field(row, columns.place);
  point.place_is_located = Number(Field(row, columns.place_lat), point.place_latitude) &&
                           Number(Field(row, columns.place_lon), point.place_longitude);
  point.category = Field(row, columns.category);
  return true;
}

std::string Letters(const std::string& text) {
  std::string letters;
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') letters += static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) letters += c;
  }
  return letters;
}

/// How many letters have to be changed, put in or left out.
size_t EditDistance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t before = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = before + (a[i - 1] == b[j - 1] ? 0 : 1);
      before = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

/// Where the place lies that was answered: back along the bearing.
geocoding::SpherePoint WhereItIs(const KnownPoint& point, const geocoding::OfflinePlace& place) {
  const double back = place.bearing * std::numbers::pi / 180;
  const double degrees = place.distance_m / geocoding::kEarthRadiusM * 180 / std::numbers::pi;
  const double narrow = std::max(std::cos(point.latitude * std::numbers::pi / 180), 0.01);
  return geocoding::ToSphere(point.latitude - degrees * std::cos(back),
                             point.longitude - degrees * std::sin(back) / narrow);
}

bool IsThePlace(const KnownPoint& point, const geocoding::OfflinePlace& found) {
  if (found.name.empty()) return false;
  if (SameName(point.place, std::string(found.name))) return true;
  if (!point.place_is_located) return false;
  const auto place = geocoding::ToSphere(point.place_latitude, point.place_longitude);
  return geocoding::DistanceM(WhereItIs(point, found), place) <= kSamePlaceM;
}

std::string Mistake(const KnownPoint& point, const std::string& what, const std::string& expected,
                    const std::string& found) {
  std::ostringstream line;
  line << point.category << ' ' << point.latitude << ',' << point.longitude << ' ' << what << ": "
       << (expected.empty() ? "sea" : expected) << " expected, " << (found.empty() ? "sea" : found)
       << " found";
  return line.str();
}

}  // namespace

bool SameName(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const std::string left = Letters(a);
  const std::string right = Letters(b);
  if (left.empty() || right.empty()) return false;
  if (left.starts_with(right) || right.starts_with(left)) return true;
  return EditDistance(left, right) * 4 <= std::max(left.size(), right.size());
}

Result<std::vector<KnownPoint>> ReadKnownPoints(std::istream& in) {
  formats::CsvScanner scanner({});
  std::optional<Columns> columns;
  std::vector<KnownPoint> points;
  std::string wrong;
  const auto take = [&](formats::CsvScanner::Row row) {
    if (row == formats::CsvScanner::Row::kMore) return true;
    KnownPoint point;
    if (row == formats::CsvScanner::Row::kRow && !columns) {
      columns = FindColumns(scanner.fields());
      return true;
    }
    if (row == formats::CsvScanner::Row::kRow && ReadPoint(scanner.fields(), *columns, point)) {
      points.push_back(std::move(point));
      return true;
    }
    wrong = "line " + std::to_string(scanner.line()) + " has no point";
    return false;
  };
  for (char c = 0; in.get(c);) {
    if (!take(scanner.Take(c))) return Err("bad_points", wrong);
  }
  if (!take(scanner.End())) return Err("bad_points", wrong);
  if (points.empty()) return Err("bad_points", "there are no points");
  return points;
}

void Score::Add(const Score& other) {
  const auto add = [](Share& to, const Share& from) {
    to.right += from.right;
    to.of += from.of;
  };
  add(country, other.country);
  add(state, other.state);
  add(place, other.place);
}

void Scorer::Count(const KnownPoint& point) {
  const auto found = index_.Find(point.latitude, point.longitude);
  const std::string code(found ? found->country_code : std::string_view());
  Score score;
  const bool good =
      code == point.country_code ||
      std::find(point.also_good.begin(), point.also_good.end(), code) != point.also_good.end();
  score.country.Count(good);
  if (!good) mistakes_.push_back(Mistake(point, "country", point.country_code, code));
  if (!point.state.empty()) {
    const std::string state(found ? found->state : std::string_view());
    score.state.Count(SameName(point.state, state));
    if (score.state.right == 0) mistakes_.push_back(Mistake(point, "admin1", point.state, state));
  }
  if (!point.place.empty()) {
    score.place.Count(found && IsThePlace(point, *found));
    const std::string name(found ? found->name : std::string_view());
    if (score.place.right == 0) mistakes_.push_back(Mistake(point, "place", point.place, name));
  }
  categories_[point.category].Add(score);
  if (!point.country_code.empty()) land_.Add(score);
}

Score Scorer::total() const {
  Score sum;
  for (const auto& [name, score] : categories_) sum.Add(score);
  return sum;
}

}  // namespace trackwire::cli
