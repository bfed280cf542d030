// What it costs to look through a notification for fields that somebody may not see, and to make
// one for each way of looking. `trackwire-field-filter [rounds] [trackers]`

#include <time.h>

#include <algorithm>
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
  if (sensitive) out += R"(,"source":"replay:ais","battery_level":80,"driver":"Ann")";
  return out + "}";
}

Views ViewsOf(int count) {
  // Each role hides one more than the one before.
  static const char* const kNames[] = {"battery_level", "source", "driver"};
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

/// Of this thread's CPU time, so that what else the machine does counts less.
double CpuNanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// The least of five times.
template <typename Task>
double NanosecondsEach(size_t rounds, Task task) {
  double least = 0;
  for (int repeat = 0; repeat < 5; ++repeat) {
    const double start = CpuNanoseconds();
    for (size_t i = 0; i < rounds; ++i) task();
    const double took = (CpuNanoseconds() - start) / static_cast<double>(rounds);
    if (repeat == 0 || took < least) least = took;
  }
  return least;
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
                  variants / rounds / 5);
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
  auth::Identity admin;
  admin.authenticated = true;
  admin.roles = {"admin"};
  const View full = views.Of(admin);
  const double plain = milliseconds(full);
  const double first = NanosecondsEach(1, [&] {
                         board.SetFilter(views);  // forgets what it knows
                         bytes += board.SnapshotJson("e.1-0", now, nullptr, full).size();
                       }) / 1e6;
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
  trackwire::notify::MeasureSplit(std::max<size_t>(1, number(1, 200'000)));
  trackwire::notify::MeasureSnapshot(number(2, 100'000));
  return 0;
}
