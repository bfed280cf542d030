// What one lookup in the offline index costs: trackwire-offline-index INDEX [LOOKUPS]. Each is
// timed by itself, less what reading the clock takes. Prints a Markdown table.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "geocoding/index_file.h"
#include "geocoding/offline_index.h"

namespace trackwire::geocoding {
namespace {

using Point = std::pair<double, double>;
using Time = std::chrono::steady_clock;

constexpr double kDegrees = 180 / std::numbers::pi;

double NanosecondsSince(Time::time_point begin) {
  return std::chrono::duration<double, std::nano>(Time::now() - begin).count();
}

double Percentile(std::vector<double>& sorted, double share) {
  return sorted[static_cast<size_t>(share * static_cast<double>(sorted.size() - 1))];
}

double ClockCost() {
  std::vector<double> costs(10'000);
  for (double& cost : costs) cost = NanosecondsSince(Time::now());
  std::sort(costs.begin(), costs.end());
  return Percentile(costs, 0.5);
}

void Measure(const OfflineIndex& index, const char* name, size_t count,
             const std::function<Point()>& draw) {
  std::vector<Point> points(count);
  for (Point& point : points) point = draw();
  size_t found = 0;
  for (const auto& [latitude, longitude] : points) {  // warms the map
    found += index.Find(latitude, longitude).has_value() ? 1 : 0;
  }
  const double clock = ClockCost();
  std::vector<double> costs;
  costs.reserve(count);
  for (const auto& [latitude, longitude] : points) {
    const auto begin = Time::now();
    const auto place = index.Find(latitude, longitude);
    costs.push_back(NanosecondsSince(begin) - clock);
    if (place && place->country.empty()) std::abort();
  }
  std::sort(costs.begin(), costs.end());
  std::printf("| %s | %.0f %% | %.0f | %.0f | %.0f |\n", name,
              100.0 * static_cast<double>(found) / static_cast<double>(count),
              Percentile(costs, 0.5), Percentile(costs, 0.99), Percentile(costs, 0.999));
}

int Run(const std::string& path, size_t count) {
  const auto file = IndexFile::Map(path);
  const auto opening = Time::now();
  const auto index = OfflineIndex::Open(path);
  const double opened_ms = NanosecondsSince(opening) / 1e6;
  if (!file || !index) {
    std::fprintf(stderr, "%s\n", index ? "" : index.error().detail.c_str());
    return 1;
  }
  std::mt19937 random(1);
  std::uniform_real_distribution<double> unit(-1, 1);
  const auto anywhere = [&] {
    return Point{std::asin(unit(random)) * kDegrees, unit(random) * 180};
  };
  const auto on_land = [&] {
    Point point = anywhere();
    while (!(*index)->Find(point.first, point.second)) point = anywhere();
    return point;
  };
  const auto near_place = [&] {
    const auto& places = (*file)->places;
    const PlaceRecord& place = places[random() % places.size()];
    const double latitude = std::asin(double{place.at[2]}) * kDegrees + unit(random) * 0.05;
    const double longitude =
        std::atan2(double{place.at[1]}, double{place.at[0]}) * kDegrees + unit(random) * 0.05;
    return Point{std::clamp(latitude, -90.0, 90.0), std::clamp(longitude, -180.0, 180.0)};
  };
  std::printf("%zu bytes mapped, opened in %.0f ms\n\n", (*index)->bytes(), opened_ms);
  std::printf("| points | found | median ns | p99 ns | p99.9 ns |\n|---|---:|---:|---:|---:|\n");
  Measure(**index, "within 5 km of places", count, near_place);
  Measure(**index, "anywhere on land", count, on_land);
  Measure(**index, "anywhere on earth", count, anywhere);
  return 0;
}

}  // namespace
}  // namespace trackwire::geocoding

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: trackwire-offline-index INDEX [LOOKUPS]\n");
    return 2;
  }
  const size_t count = argc > 2 ? std::max<size_t>(1, std::strtoul(argv[2], nullptr, 10)) : 200'000;
  return trackwire::geocoding::Run(argv[1], count);
}
