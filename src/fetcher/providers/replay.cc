#include "fetcher/providers/replay.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <utility>

#include "base/log.h"
#include "fetcher/providers/recording.h"

namespace trackwire::fetcher {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// Recorded time between the last row of a round and the first of the next.
constexpr milliseconds kSeam = 10s;
/// Held up for longer than this (a laptop that slept), the replay goes on where it was.
constexpr milliseconds kMaxLag = 60s;
constexpr milliseconds kLongestWait = 1s;
constexpr double kMaxSpeed = 10'000;

std::optional<double> Known(float value) {
  if (std::isnan(value)) return std::nullopt;
  return value;
}

std::string MinutesText(milliseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%02lld:%02lld:%02lld",
                static_cast<long long>(seconds / 3600),
                static_cast<long long>(seconds / 60 % 60), static_cast<long long>(seconds % 60));
  return text.data();
}

class Replay final : public Provider {
 public:
  explicit Replay(ReplayOptions options)
      : options_(std::move(options)), name_("replay:" + options_.instance) {}

  const std::string& name() const override { return name_; }
  void Cancel() override { cancelled_ = true; }
  Result<Catalogue> Load() override;
  Result<Due> Next(WallTime now, size_t max) override;
  std::string Progress() const override;

 private:
  Result<void> CheckOptions() const;
  milliseconds span() const {
    return milliseconds(recording_.fixes.back().time_ms - recording_.fixes.front().time_ms);
  }
  /// How far a fix lies from the start of the replay, in recorded time over all rounds.
  milliseconds RecordedTime(const RecordedFix& fix) const {
    return milliseconds(fix.time_ms - recording_.fixes.front().time_ms) +
           rounds_ * (span() + kSeam);
  }
  WallTime DueAt(const RecordedFix& fix) const {
    const double recorded = static_cast<double>((RecordedTime(fix) - options_.lead_in).count());
    return started_at_ + milliseconds(std::llround(recorded / options_.speed));
  }
  ingest::PositionIntake::FixReport ReportOf(const RecordedFix& fix) const;
  void CatchUp(WallTime now);

  const ReplayOptions options_;
  const std::string name_;
  std::atomic<bool> cancelled_{false};
  Recording recording_;
  WallTime started_at_{};
  size_t next_ = 0;
  int64_t rounds_ = 0;
};

Result<void> Replay::CheckOptions() const {
  // Written so that NaN fails too.
  if (!(options_.speed > 0 && options_.speed <= kMaxSpeed)) {
    return Err("bad_option", "the speed of a replay must be above 0 and at most 10000");
  }
  if (options_.lead_in < 0s || options_.window < 0s || options_.offline_after <= 0s) {
    return Err("bad_option", "a duration of the replay is negative or zero");
  }
  if (options_.step <= 0ms || options_.max_gap < 0s || options_.copy_offset < 0s) {
    return Err("bad_option", "a duration of the replay is negative or zero");
  }
  if (options_.copies == 0) return Err("bad_option", "a replay without a copy plays nothing");
  return Ok();
}

Result<Catalogue> Replay::Load() {
  if (auto checked = CheckOptions(); !checked) return Err(std::move(checked.error()));
  auto recording = LoadRecording(options_, cancelled_);
  if (!recording) return Err(std::move(recording.error()));
  recording_ = std::move(*recording);
  base::LogInfo("fetcher", "recording loaded",
                {{"file", options_.path},
                 {"fixes", recording_.fixes.size()},
                 {"trackers", recording_.trackers.size()},
                 {"bad_rows", recording_.bad_rows},
                 {"length", MinutesText(span())}});
  return Catalogue{options_.clients, recording_.trackers, recording_.bad_rows};
}

ingest::PositionIntake::FixReport Replay::ReportOf(const RecordedFix& recorded) const {
  ingest::PositionIntake::FixReport report;
  report.tracker_id = recording_.trackers[recorded.tracker].id;
  tracking::Fix& fix = report.fix;
  fix.place = {recorded.latitude, recorded.longitude};
  fix.fix_time = options_.keep_times ? WallTime(milliseconds(recorded.time_ms)) : DueAt(recorded);
  fix.speed_mps = Known(recorded.speed_mps);
  fix.course_deg = Known(recorded.course_deg);
  fix.heading_deg = Known(recorded.heading_deg);
  fix.altitude_m = Known(recorded.altitude_m);
  fix.accuracy_m = Known(recorded.accuracy_m);
  fix.valid = true;
  fix.source = name_;
  return report;
}

void Replay::CatchUp(WallTime now) {
  if (started_at_ == WallTime{}) {
    started_at_ = now;
    return;
  }
  // What belongs to the lead-in is due in the past by intention.
  const WallTime due = std::max(DueAt(recording_.fixes[next_]), started_at_);
  if (now - due > kMaxLag) started_at_ += now - due;
}

Result<Due> Replay::Next(WallTime now, size_t max) {
  Due due;
  if (next_ == recording_.fixes.size()) {
    due.finished = true;
    return due;
  }
  CatchUp(now);
  while (due.fixes.size() < max) {
    const RecordedFix& fix = recording_.fixes[next_];
    const WallTime at = DueAt(fix);
    if (at > now) {
      due.next_in = std::min<milliseconds>(at - now, kLongestWait);
      return due;
    }
    due.fixes.push_back(ReportOf(fix));
    if (++next_ < recording_.fixes.size()) continue;
    if (!options_.loop) {
      due.finished = true;
      return due;
    }
    next_ = 0;
    ++rounds_;
  }
  return due;
}

std::string Replay::Progress() const {
  if (recording_.fixes.empty()) return "loading";
  const size_t at = std::min(next_, recording_.fixes.size() - 1);
  const milliseconds into(recording_.fixes[at].time_ms - recording_.fixes.front().time_ms);
  return "round " + std::to_string(rounds_ + 1) + ", " + MinutesText(into) + " of " +
         MinutesText(span());
}

}  // namespace

std::unique_ptr<Provider> MakeReplay(ReplayOptions options) {
  return std::make_unique<Replay>(std::move(options));
}

}  // namespace trackwire::fetcher
