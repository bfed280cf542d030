#include "fetcher/providers/recording_times.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace trackwire::fetcher {
namespace {

/// Slower than this, the speed says nothing of how long the way took.
constexpr float kLeastSpeedMps = 0.5;
constexpr int64_t kLongestStepMs = 3'600'000;

int64_t StepMs(const RecordedFix& from, const RecordedFix& to, std::chrono::milliseconds step) {
  const float speed = std::isnan(to.speed_mps) ? from.speed_mps : to.speed_mps;
  if (!(speed >= kLeastSpeedMps)) return step.count();
  const double way =
      tracking::DistanceM({from.latitude, from.longitude}, {to.latitude, to.longitude});
  const double ms = std::min<double>(way / speed * 1000, kLongestStepMs);
  return std::max<int64_t>(std::llround(ms), 1);
}

/// Walks over the fixes, each after the last of its tracker, and fills times in from that.
template <typename Iterator>
void Fill(Iterator begin, Iterator end, size_t trackers, std::chrono::milliseconds step,
          int64_t direction) {
  std::vector<const RecordedFix*> last(trackers, nullptr);
  for (auto fix = begin; fix != end; ++fix) {
    const RecordedFix* before = last[fix->tracker];
    if (fix->time_ms == kNoTime && before != nullptr) {
      const int64_t ms = direction > 0 ? StepMs(*before, *fix, step) : StepMs(*fix, *before, step);
      fix->time_ms = before->time_ms + direction * ms;
    }
    if (fix->time_ms != kNoTime) last[fix->tracker] = &*fix;
  }
}

/// Lets trackers without any time begin with the others.
void StartTimeless(std::vector<RecordedFix>& fixes, size_t trackers) {
  std::optional<int64_t> earliest;
  for (const RecordedFix& fix : fixes) {
    if (fix.time_ms == kNoTime) continue;
    earliest = std::min(earliest.value_or(fix.time_ms), fix.time_ms);
  }
  std::vector<bool> started(trackers, false);
  for (RecordedFix& fix : fixes) {
    if (fix.time_ms == kNoTime && !started[fix.tracker]) fix.time_ms = earliest.value_or(0);
    started[fix.tracker] = true;
  }
}

}  // namespace

void FillTimes(std::vector<RecordedFix>& fixes, size_t trackers, std::chrono::milliseconds step) {
  const bool any = std::any_of(fixes.begin(), fixes.end(),
                               [](const RecordedFix& fix) { return fix.time_ms == kNoTime; });
  if (!any) return;
  Fill(fixes.begin(), fixes.end(), trackers, step, 1);
  Fill(fixes.rbegin(), fixes.rend(), trackers, step, -1);
  StartTimeless(fixes, trackers);
  Fill(fixes.begin(), fixes.end(), trackers, step, 1);
}

void CutGaps(std::vector<RecordedFix>& fixes, std::chrono::milliseconds max_gap) {
  int64_t cut = 0;
  int64_t before = fixes.empty() ? 0 : fixes.front().time_ms;
  for (RecordedFix& fix : fixes) {
    const int64_t gap = fix.time_ms - before;
    before = fix.time_ms;
    if (gap > max_gap.count()) cut += gap - max_gap.count();
    fix.time_ms -= cut;
  }
}

void AddCopies(Recording& recording, size_t copies, std::chrono::milliseconds offset) {
  const size_t fixes = recording.fixes.size();
  const size_t trackers = recording.trackers.size();
  const auto [first, last] = std::minmax_element(
      recording.fixes.begin(), recording.fixes.end(),
      [](const RecordedFix& a, const RecordedFix& b) { return a.time_ms < b.time_ms; });
  const int64_t begin = first->time_ms;
  const int64_t span = last->time_ms - begin + 1;
  const int64_t shift = offset.count() > 0
                            ? offset.count()
                            : std::max<int64_t>(span / static_cast<int64_t>(copies), 1);
  recording.fixes.reserve(fixes * copies);
  recording.trackers.reserve(trackers * copies);
  for (size_t copy = 1; copy < copies; ++copy) {
    const std::string mark = "#" + std::to_string(copy + 1);
    for (size_t i = 0; i < trackers; ++i) {
      tracking::Tracker tracker = recording.trackers[i];
      tracker.id = tracking::Id(tracker.id.ToText() + mark);
      tracker.external_id += mark;
      tracker.name += " " + mark;
      recording.trackers.push_back(std::move(tracker));
    }
    for (size_t i = 0; i < fixes; ++i) {
      RecordedFix fix = recording.fixes[i];
      fix.tracker += static_cast<uint32_t>(copy * trackers);
      fix.time_ms = begin + (fix.time_ms - begin + static_cast<int64_t>(copy) * shift) % span;
      recording.fixes.push_back(fix);
    }
  }
}

}  // namespace trackwire::fetcher
