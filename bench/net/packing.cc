// What packing a polling body costs at each level, and what it saves: prints a table.
#include <ctime>

#include <algorithm>
#include <cstdio>
#include <random>
#include <string>

#include "base/text.h"
#include "net/http/compression.h"

namespace {

constexpr int kRounds = 5;
constexpr size_t kBytesPerRound = 2'000'000;

/// Positions as a client of long-polling gets them, of at least `size` bytes together.
std::string Positions(size_t size) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> unit(0, 1);
  std::string body;
  for (long long offset = 1'795'408'931'879; body.size() < size; ++offset) {
    char packet[400];
    std::snprintf(packet, sizeof(packet),
                  "42[\"tracker_location_updated\",{\"tracker_id\":\"vessel-%06d\","
                  "\"latitude\":%.6f,\"longitude\":%.6f,\"speed_mps\":%.2f,\"course\":%.1f,"
                  "\"fix_time\":\"2026-11-23T23:%02d:%02d.%03dZ\",\"accuracy_m\":%d},"
                  "\"%lld-0\"]\x1e",
                  static_cast<int>(unit(random) * 5'000), unit(random) * 120 - 60,
                  unit(random) * 360 - 180, unit(random) * 20, unit(random) * 360,
                  static_cast<int>(unit(random) * 60), static_cast<int>(unit(random) * 60),
                  static_cast<int>(unit(random) * 1'000), static_cast<int>(unit(random) * 47) + 3,
                  offset);
    body += packet;
  }
  return body;
}

std::string Noise(size_t size) {
  std::mt19937 random(1);
  std::string bytes(size * 3 / 4, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return "b" + trackwire::base::Base64Encode(bytes);
}

/// The least milliseconds of this thread that one packing took.
double Cost(const std::string& body, int level) {
  const size_t times = std::max<size_t>(1, kBytesPerRound / body.size());
  double least = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const std::clock_t start = std::clock();
    for (size_t i = 0; i < times; ++i) trackwire::net::http::Gzip(body, level);
    const double spent = static_cast<double>(std::clock() - start) * 1'000 / CLOCKS_PER_SEC;
    least = std::min(least, spent / static_cast<double>(times));
  }
  return least;
}

void Measure(const char* name, const std::string& body) {
  for (const int level : {1, 3, 6, 9}) {
    const size_t packed = trackwire::net::http::Gzip(body, level).size();
    std::printf("%-10s %8zu bytes  level %d  %7.3f ms  becomes %5.1f %%\n", name, body.size(),
                level, Cost(body, level),
                100.0 * static_cast<double>(packed) / static_cast<double>(body.size()));
  }
}

}  // namespace

int main() {
  Measure("positions", Positions(1'200));
  Measure("positions", Positions(16'000));
  Measure("positions", Positions(1'000'000));
  Measure("base64", Noise(1'000'000));
}
