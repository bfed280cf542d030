// What it costs to find those whose bounding box contains a position, among many boxes: the rooms
// of the grid's cells against a look at every box. `trackwire-chosen-boxes [positions]`

#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "notify/audience.h"
#include "socketio/room_index.h"

namespace trackwire::notify {
namespace {

using tracking::BoundingBox;
using tracking::LatLon;

/// Of this thread's CPU time, so that what else the machine does counts less.
double CpuNanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

struct Chooser final : socketio::RoomMember {
  tracking::Selection selection;
};

/// Views of a map as people have them: around places where many live, zoomed in and out.
class People {
 public:
  LatLon Place() {
    const LatLon& town = towns_[random_() % towns_.size()];
    std::normal_distribution<double> away(0, 0.2);
    return {std::clamp(town.latitude + away(random_), -89.0, 89.0),
            std::clamp(town.longitude + away(random_), -179.0, 179.0)};
  }
  BoundingBox View() {
    const LatLon center = Place();
    const double height = 0.01 * std::pow(500.0, Share());
    const double width = height * 1.6;
    return {std::max(-180.0, center.longitude - width / 2),
            std::max(-90.0, center.latitude - height / 2),
            std::min(180.0, center.longitude + width / 2),
            std::min(90.0, center.latitude + height / 2)};
  }

  People() {
    for (LatLon& town : towns_) town = {120 * Share() - 60, 340 * Share() - 170};
  }

 private:
  double Share() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  std::mt19937 random_{7};
  std::vector<LatLon> towns_ = std::vector<LatLon>(200);
};

void Measure(size_t boxes, size_t positions) {
  People people;
  socketio::RoomIndex rooms;
  ChoiceCounts counts;
  std::vector<std::unique_ptr<Chooser>> choosers;
  for (size_t i = 0; i < boxes; ++i) {
    choosers.push_back(std::make_unique<Chooser>());
    Chooser& chooser = *choosers.back();
    chooser.selection.box = people.View();
    ++counts.choosers;
    ++counts.boxes;
    ++counts.levels[tracking::LevelOf(*chooser.selection.box)];
    for (const std::string& room : RoomsOf({}, 0, &chooser.selection)) rooms.Join(chooser, room);
  }
  std::vector<Audience> audiences(positions);
  for (Audience& audience : audiences) {
    audience.subject.emplace();
    audience.subject->place = people.Place();
  }

  size_t candidates = 0;
  size_t found = 0;
  const std::vector<View> views{0};
  double begin = CpuNanoseconds();
  for (const Audience& audience : audiences) {
    for (const std::string& name : ChosenRoomsOf(audience, views, counts)) {
      const socketio::Room* room = rooms.Find(name);
      if (room == nullptr) continue;
      candidates += room->size();
      for (size_t i = 0; i < room->size(); ++i) {
        const auto& chooser = static_cast<const Chooser&>(room->member(i));
        found += audience.Admits({}, &chooser.selection, "") ? 1 : 0;
      }
    }
  }
  const double by_cells = (CpuNanoseconds() - begin) / static_cast<double>(positions);

  // A hundredth of the positions is enough for what takes so long.
  const size_t few = std::max<size_t>(1, positions / 100);
  size_t found_by_all = 0;
  begin = CpuNanoseconds();
  for (size_t i = 0; i < few; ++i) {
    for (const auto& chooser : choosers) {
      found_by_all += audiences[i].Admits({}, &chooser->selection, "") ? 1 : 0;
    }
  }
  const double by_all = (CpuNanoseconds() - begin) / static_cast<double>(few);
  if (found_by_all == 0 && boxes > 1'000) std::abort();

  const auto each = [&](size_t sum) {
    return static_cast<double>(sum) / static_cast<double>(positions);
  };
  const auto levels = std::count_if(counts.levels.begin(), counts.levels.end(),
                                    [](uint32_t count) { return count > 0; });
  std::printf("| %zu | %ld | %.1f | %.1f | %.2f | %.2f |\n", boxes, static_cast<long>(levels),
              each(candidates), each(found), by_cells / 1e3, by_all / 1e3);
  for (const auto& chooser : choosers) rooms.LeaveAll(*chooser);
}

}  // namespace
}  // namespace trackwire::notify

int main(int argc, char** argv) {
  const size_t positions =
      argc > 1 ? std::max<size_t>(1, std::strtoul(argv[1], nullptr, 10)) : 20'000;
  std::printf("| boxes | levels in use | candidates | of them in the box | us, cells | us, every "
              "box |\n"
              "|---:|---:|---:|---:|---:|---:|\n");
  for (const size_t boxes : {size_t{1}, size_t{10}, size_t{100}, size_t{1'000}, size_t{10'000}}) {
    trackwire::notify::Measure(boxes, positions);
  }
}
