#include <cstdio>
#include <fstream>

#include "cli/commands.h"
#include "cli/geocode_score.h"
#include "gateway/install_paths.h"
#include "geocoding/offline_index.h"

namespace trackwire::cli {
namespace {

std::string ShareText(const Share& share) {
  if (share.of == 0) return "-";
  char text[48];
  std::snprintf(text, sizeof text, "%.2f %% (%llu of %llu)", share.percent(),
                static_cast<unsigned long long>(share.right),
                static_cast<unsigned long long>(share.of));
  return text;
}

void PrintRow(const std::string& name, const Score& score) {
  std::printf("| %s | %s | %s | %s |\n", name.c_str(), ShareText(score.country).c_str(),
              ShareText(score.state).c_str(), ShareText(score.place).c_str());
}

int PrintScore(const geocoding::OfflineIndex& index, const Arguments& arguments) {
  std::ifstream in(arguments.file, std::ios::binary);
  if (!in) return Complain(arguments.file + ": cannot be opened", kFailed);
  const auto points = ReadKnownPoints(in);
  if (!points) return Complain(arguments.file + ": " + points.error().detail, kFailed);
  Scorer scorer(index);
  for (const KnownPoint& point : *points) scorer.Count(point);
  std::printf("| category | country | admin1 | place |\n|---|---|---|---|\n");
  for (const auto& [name, score] : scorer.categories()) PrintRow(name, score);
  PrintRow("all on land", scorer.land());
  PrintRow("all", scorer.total());
  if (arguments.check) {
    for (const std::string& line : scorer.mistakes()) std::printf("%s\n", line.c_str());
  }
  return kFine;
}

int PrintAddress(const geocoding::OfflineIndex& index, const Arguments& arguments) {
  const auto [latitude, longitude] = std::pair(arguments.point.front(), arguments.point.back());
  const auto address = index.Look(latitude, longitude);
  if (!address) return Complain("there is no country at this point", kFailed);
  std::printf("%s\n",
              arguments.json ? AddressJson(*address).c_str() : address->display_name.c_str());
  return kFine;
}

}  // namespace

int Geocode(const Arguments& arguments) {
  const std::string path =
      arguments.index.empty() ? gateway::FindGeocodingIndex() : arguments.index;
  if (path.empty()) return Complain("there is no geocoding.bin beside the program", kFailed);
  const auto index = geocoding::OfflineIndex::Open(path);
  if (!index) return Complain(index.error().detail, kFailed);
  return arguments.file.empty() ? PrintAddress(**index, arguments) : PrintScore(**index, arguments);
}

}  // namespace trackwire::cli
