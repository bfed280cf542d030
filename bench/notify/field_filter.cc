// What it costs to look through a notification for fields that somebody may not see, and to make one
// for each way of looking. `trackwire-field-filter [rounds] [trackers]`

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "notify/view.h"
#include "tracking/board.h"

namespace trackwire::notify {
namespace {

const std::vector<std::string> kHiddenFields = {
    "imei",       "imsi",         "iccid",         "msisdn",      "phone",       "phone_number",
    "password",   "passwd",       "secret",        "api_key",     "credentials", "authorization",
    "access_token", "refresh_token", "provider_key", "external_id"};

const char* const kPosition =
    R"({"tracker_id":"367123450","latitude":37.795213,"longitude":-122.393102,"speed":6.3277,)"
    R"("course":87.6,"heading":88,"accuracy":10,"fix_time":"2026-02-23T10:15:30.000Z",)"
    R"("received_at":"2026-02-23T10:15:30.412Z","valid":true,"motion":"moving","status":"n")";

std::string Position(bool sensitive) {
  std::string out = kPosition;
  if (sensitive) out += R"(,"source":"replay:ais","battery_level":80)";
  return out + "}";
}

Views ViewsOf(int count) {
  // Each role hides one more than the one before.
  static const char* const kNames[] = {"battery_level", "source", "motion"};
  FieldRules rules;
  rules.hidden_fields = kHiddenFields;
  for (int view = 0; view + 1 < count; ++view) {
    for (int name = 0; name <= view; ++name) {
      rules.hidden_from.push_back("r" + std::to_string(view) + "=" + kNames[name]);
    }
  }
  // Anonymous visitors see what the most restricted role sees.
  for (int name = 0; name + 1 < count; ++name) {
    rules.hidden_from.push_back(std::string("anonymous=") + kNames[name]);
  }
  auto views = Views::Make(rules);
  if (!views) std::abort();
  return std::move(*views);
}

template <typename Task>
double NanosecondsEach(size_t rounds, Task task) {
  const auto start = std::chrono::steady_clock::now();
  for (size_t i = 0; i < rounds; ++i) task();
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
  return took.count() / static_cast<double>(rounds);
}

void MeasureSplit(size_t rounds) {
  for (const bool sensitive : {false, true}) {
    const std::string object = Position(sensitive);
    for (const int count : {1, 2, 4}) {
      const Views views = ViewsOf(count);
      size_t variants = 0;
      const double nanoseconds =
          NanosecondsEach(rounds, [&] { variants += views.Split(object).size(); });
      std::printf("%zu bytes, %zu views, %s: %6.0f ns, %zu frames\n", object.size(), views.size(),
                  sensitive ? "with hidden fields" : "nothing to hide   ", nanoseconds,
                  variants / rounds);
    }
    const Views views = ViewsOf(2);
    uint64_t found = 0;
    const double nanoseconds = NanosecondsEach(rounds, [&] { found += views.HiddenFrom(object); });
    std::printf("%zu bytes, the look alone: %.0f ns%s\n", object.size(), nanoseconds,
                found > 0 ? "" : " (nothing found)");
  }
}

void MeasureSnapshot(size_t trackers) {
  tracking::Board board;
  const Views views = ViewsOf(2);
  const WallTime now = Clock::System().WallNow();
  for (size_t i = 0; i < trackers; ++i) {
    board.LearnLocation(tracking::Id(static_cast<int64_t>(i)), Position(true), now, now, trackers);
  }
  size_t bytes = 0;
  const auto milliseconds = [&](View view) {
    return NanosecondsEach(1, [&] {
             bytes += board.SnapshotJson("e.1-0", now, nullptr, view).size();
           }) / 1e6;
  };
  const double plain = (milliseconds(0), milliseconds(0));
  board.SetFilter(views);
  const View full = views.Of({true, "", {"admin"}, {}, {}, {}, {}, {}, false});
  const double first = milliseconds(full);
  const double open = milliseconds(full);
  const double filtered = milliseconds(0);
  std::printf("snapshot of %zu trackers: without a filter %.0f ms, the first with one %.0f ms, then "
              "%.0f ms with nothing hidden, %.0f ms with fields hidden in all\n",
              trackers, plain, first, open, filtered);
  if (bytes == 0) std::abort();
}

}  // namespace
}  // namespace trackwire::notify

int main(int argc, char** argv) {
  const auto number = [&](int index, size_t otherwise) {
    return argc > index ? static_cast<size_t>(std::strtoull(argv[index], nullptr, 10)) : otherwise;
  };
  trackwire::notify::MeasureSplit(std::max<size_t>(1, number(1, 1'000'000)));
  trackwire::notify::MeasureSnapshot(number(2, 100'000));
  return 0;
}
