// How long it takes to read the latest positions of all trackers, in one query:
// trackwire-latest URL [TRACKERS] [REPEATS]. Fills an empty database first. Prints JSON.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/store.h"

namespace trackwire {
namespace {

constexpr size_t kBatch = 10'000;
constexpr int kFixesEach = 3;

tracking::Id IdOf(size_t number) { return tracking::Id("vehicle-" + std::to_string(number)); }

tracking::Position PositionOf(size_t number, int fix, WallTime first) {
  tracking::Position position;
  position.tracker_id = IdOf(number);
  position.fix.place = {std::fmod(static_cast<double>(number) * 0.0017, 80.0),
                        std::fmod(static_cast<double>(number) * 0.0031, 170.0)};
  position.fix.fix_time = first + std::chrono::seconds(30 * fix);
  position.fix.speed_mps = 13.4;
  position.fix.course_deg = 271.5;
  position.fix.accuracy_m = 4.5;
  position.fix.source = "bench";
  position.fix.attributes_json = R"({"ignition":true})";
  position.received_at = position.fix.fix_time + std::chrono::seconds(1);
  return position;
}

Result<void> FillTrackers(store::Store& store, size_t begin, size_t end) {
  std::vector<tracking::Tracker> trackers;
  for (size_t number = begin; number < end; ++number) {
    tracking::Tracker tracker;
    tracker.id = IdOf(number);
    tracker.name = "Vehicle " + std::to_string(number);
    tracker.category = "bus";
    tracker.provider = "bench";
    trackers.push_back(std::move(tracker));
  }
  return store.UpsertTrackers(trackers);
}

Result<void> Fill(store::Store& store, size_t count) {
  const WallTime first = Clock::System().WallNow() - std::chrono::hours(1);
  for (size_t begin = 0; begin < count; begin += kBatch) {
    const size_t end = std::min(begin + kBatch, count);
    if (auto done = FillTrackers(store, begin, end); !done) return done;
    for (int fix = 0; fix < kFixesEach; ++fix) {
      store::WriteBatch batch;
      batch.producer = "bench";
      for (size_t number = begin; number < end; ++number) {
        batch.positions.push_back(PositionOf(number, fix, first));
      }
      if (auto written = store.Write(batch); !written) return Err(std::move(written.error()));
    }
  }
  return Ok();
}

int Fail(const Error& error) {
  std::fprintf(stderr, "%s: %s\n", error.code.c_str(), error.detail.c_str());
  return 1;
}

int Main(const std::string& url, size_t count, int repeats) {
  auto opened = store::OpenStore(url);
  if (!opened) return Fail(opened.error());
  store::Store& store = **opened;
  if (auto filled = Fill(store, count); !filled) return Fail(filled.error());
  std::string times;
  for (int i = 0; i < repeats; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const auto states = store.TrackerStates();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    if (!states) return Fail(states.error());
    const auto placed = std::count_if(states->begin(), states->end(),
                                      [](const auto& state) { return state.latest.has_value(); });
    if (states->size() != count || static_cast<size_t>(placed) != count) {
      return Fail({"wrong", std::to_string(placed) + " of " + std::to_string(count)});
    }
    times += (i > 0 ? "," : "") + std::to_string(took.count());
  }
  std::printf("{\"trackers\":%zu,\"ms\":[%s]}\n", count, times.c_str());
  return 0;
}

}  // namespace
}  // namespace trackwire

int main(int argc, char** argv) {
  const size_t trackers = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 100'000;
  const int repeats = argc > 3 ? std::atoi(argv[3]) : 5;
  if (argc < 2 || trackers == 0 || repeats < 1) {
    std::fprintf(stderr, "usage: trackwire-latest URL [TRACKERS] [REPEATS]\n");
    return 2;
  }
  return trackwire::Main(argv[1], trackers, repeats);
}
