#include "fetcher/demo.h"

#include <array>
#include <utility>

namespace trackwire::fetcher {
namespace {

struct Fleet {
  const char* id;
  const char* name;
  std::array<const char*, 3> categories;
};

constexpr std::array<Fleet, 4> kFleets{{
    {"harbour-line", "Harbour Line", {"cargo", "", ""}},
    {"bay-ferries", "Bay Ferries", {"passenger", "high_speed", ""}},
    {"marina-network", "Marina Network", {"pleasure", "sailing", ""}},
    {"pacific-tankers", "Pacific Tankers", {"tanker", "", ""}},
}};
constexpr const char* kOthersId = "port-services";
constexpr const char* kOthersName = "Port Services";

std::optional<tracking::Id> FleetOf(const tracking::Tracker& vessel) {
  for (const Fleet& fleet : kFleets) {
    for (const char* category : fleet.categories) {
      if (vessel.category == category) return tracking::Id(std::string(fleet.id));
    }
  }
  return tracking::Id(std::string(kOthersId));
}

}  // namespace

ReplayOptions DemoOptions(std::string path) {
  ReplayOptions options;
  options.path = std::move(path);
  options.instance = "ais-us-west";
  options.mapping = *ReplayPreset("ais-us");
  options.speed = 2;
  options.loop = true;
  // The file ends with one row each of vessels that were not heard in its 25 minutes.
  options.window = std::chrono::minutes(26);
  options.lead_in = std::chrono::minutes(12);
  options.offline_after = std::chrono::minutes(10);
  options.is_public = true;
  for (const Fleet& fleet : kFleets) {
    options.clients.push_back({tracking::Id(std::string(fleet.id)), fleet.name});
  }
  options.clients.push_back({tracking::Id(std::string(kOthersId)), kOthersName});
  options.assign_client = FleetOf;
  return options;
}

}  // namespace trackwire::fetcher
