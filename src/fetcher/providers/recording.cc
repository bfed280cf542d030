#include "fetcher/providers/recording.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "base/json_scanner.h"
#include "base/log.h"
#include "fetcher/input_file.h"
#include "fetcher/providers/recording_times.h"
#include "formats/point_reader.h"

namespace trackwire::fetcher {
namespace {

using formats::FileFormat;
using formats::FilePoint;
using formats::PointKind;

constexpr size_t kLoggedBadRows = 5;

float Float(const std::optional<double>& value) {
  return value ? static_cast<float>(*value) : std::numeric_limits<float>::quiet_NaN();
}

FileFormat FormatOf(const ReplayOptions& options) {
  if (options.format) return *options.format;
  return formats::FileFormatOfPath(options.path).value_or(FileFormat::kCsv);
}

/// Puts the points of one file into a Recording.
class Loader {
 public:
  Loader(const ReplayOptions& options, FileFormat format, Recording& recording)
      : options_(options), format_(format), recording_(recording) {}

  void Take(FilePoint point);
  /// Names the trackers, and leaves out those of a lesser kind than there are.
  void FinishTrackers();
  size_t tracker_count() const { return described_.size(); }

 private:
  struct Described {
    tracking::Id id;
    std::string external_id;
    PointKind kind = PointKind::kTrack;
    std::string name, category, call_sign, imo;
    double length_m = 0;
  };

  uint32_t TrackerOf(const FilePoint& point);
  void Describe(Described& described, FilePoint& point) const;
  std::string AttributesOf(const Described& described) const;
  tracking::Tracker MakeTracker(const Described& described) const;
  void KeepBestKind();

  const ReplayOptions& options_;
  const FileFormat format_;
  Recording& recording_;
  std::map<std::string, uint32_t, std::less<>> by_key_;
  std::vector<Described> described_;
};

uint32_t Loader::TrackerOf(const FilePoint& point) {
  const bool named = !point.report.external_id.empty();
  // What another file calls 7 has been the text all along; our own say which it is.
  const bool own_id = point.id && format_ != FileFormat::kCsv;
  const std::string key =
      named ? point.report.external_id : std::string(1, '\0') + std::to_string(point.track);
  const auto [found, is_new] = by_key_.emplace(key, static_cast<uint32_t>(described_.size()));
  if (!is_new) return found->second;
  Described described;
  described.kind = point.kind;
  described.external_id = named ? point.report.external_id : options_.instance;
  if (!named && point.track > 0) described.external_id += "-" + std::to_string(point.track + 1);
  described.id = own_id ? *point.id : tracking::Id(described.external_id);
  described_.push_back(std::move(described));
  return found->second;
}

void Loader::Describe(Described& described, FilePoint& point) const {
  const auto keep = [](std::string& kept, std::string& said) {
    if (!said.empty()) kept = std::move(said);
  };
  keep(described.name, point.report.name);
  keep(described.category, point.report.category);
  keep(described.call_sign, point.call_sign);
  keep(described.imo, point.imo);
  if (point.length_m > 0) described.length_m = point.length_m;
}

void Loader::Take(FilePoint point) {
  const uint32_t tracker = TrackerOf(point);
  Describe(described_[tracker], point);
  if (!point.report.has_place) return;
  const tracking::Fix& said = point.report.fix;
  RecordedFix fix;
  fix.time_ms = point.has_time ? said.fix_time.time_since_epoch().count() : kNoTime;
  fix.latitude = said.place.latitude;
  fix.longitude = said.place.longitude;
  fix.tracker = tracker;
  fix.speed_mps = Float(said.speed_mps);
  fix.course_deg = Float(said.course_deg);
  fix.heading_deg = Float(said.heading_deg);
  fix.altitude_m = Float(said.altitude_m);
  fix.accuracy_m = Float(said.accuracy_m);
  recording_.fixes.push_back(fix);
}

std::string Loader::AttributesOf(const Described& described) const {
  std::string out = "{";
  const auto add = [&out](std::string_view key, std::string_view json) {
    if (out.size() > 1) out += ',';
    out += '"';
    out += key;
    out += "\":";
    out += json;
  };
  const auto quoted = [](std::string_view text) {
    std::string json;
    base::AppendJsonString(json, text);
    return json;
  };
  if (!described.call_sign.empty()) add("call_sign", quoted(described.call_sign));
  std::string_view imo = described.imo;
  if (imo.starts_with("IMO")) imo.remove_prefix(3);
  if (imo.find_first_not_of('0') != std::string_view::npos) add("imo", quoted(imo));
  if (described.length_m > 0) {
    std::string number;
    base::AppendJsonNumber(number, described.length_m);
    add("length_m", number);
  }
  return out.size() > 1 ? out + "}" : std::string();
}

tracking::Tracker Loader::MakeTracker(const Described& described) const {
  tracking::Tracker tracker;
  tracker.id = described.id;
  tracker.name = described.name;
  if (tracker.name.empty()) {
    const bool ship = format_ == FileFormat::kNmea && described.external_id != options_.instance;
    const std::string prefix = format_ == FileFormat::kCsv ? options_.mapping.id_prefix_for_names
                               : ship                      ? "MMSI "
                                                           : "";
    tracker.name = prefix + described.external_id;
  }
  tracker.category = described.category.empty() ? "other" : described.category;
  tracker.is_public = options_.is_public;
  tracker.provider = "replay:" + options_.instance;
  tracker.external_id = described.external_id;
  tracker.offline_after = options_.offline_after;
  tracker.attributes_json = AttributesOf(described);
  if (options_.assign_client) tracker.client_id = options_.assign_client(tracker);
  return tracker;
}

void Loader::KeepBestKind() {
  PointKind best = PointKind::kWaypoint;
  for (const Described& described : described_) best = std::min(best, described.kind);
  constexpr uint32_t kLeftOut = std::numeric_limits<uint32_t>::max();
  std::vector<uint32_t> numbers(described_.size(), kLeftOut);
  std::vector<Described> kept;
  for (size_t i = 0; i < described_.size(); ++i) {
    if (described_[i].kind != best) continue;
    numbers[i] = static_cast<uint32_t>(kept.size());
    kept.push_back(std::move(described_[i]));
  }
  described_ = std::move(kept);
  for (RecordedFix& fix : recording_.fixes) fix.tracker = numbers[fix.tracker];
  std::erase_if(recording_.fixes, [](const RecordedFix& fix) { return fix.tracker == kLeftOut; });
}

void Loader::FinishTrackers() {
  KeepBestKind();
  recording_.trackers.reserve(described_.size());
  for (const Described& described : described_) {
    recording_.trackers.push_back(MakeTracker(described));
  }
}

void CountBadRow(const ReplayOptions& options, Recording& recording, uint64_t line,
                 const char* reason) {
  if (++recording.bad_rows > kLoggedBadRows) return;
  base::LogWarn("fetcher", "bad row skipped",
                {{"file", options.path}, {"line", line}, {"reason", reason}});
}

Result<void> CheckMapping(const ReplayOptions& options) {
  if (FormatOf(options) != FileFormat::kCsv || options.guess_columns) return Ok();
  const ReplayMapping& mapping = options.mapping;
  for (const Column* needed : {&mapping.id, &mapping.time, &mapping.latitude, &mapping.longitude}) {
    if (needed->name.empty()) {
      return Err("bad_option", "the mapping names no column for id, time, latitude or longitude");
    }
  }
  return Ok();
}

Result<void> CheckSize(const ReplayOptions& options, size_t fixes, size_t trackers) {
  if (fixes > options.max_rows / options.copies) {
    return Err("too_many_rows",
               options.path + " has more than " + std::to_string(options.max_rows) + " rows");
  }
  if (trackers > options.max_trackers / options.copies) {
    return Err("too_many_trackers", options.path + " has more than " +
                                        std::to_string(options.max_trackers) + " trackers");
  }
  return Ok();
}

Result<void> ReadPoints(InputFile& file, Loader& loader, const ReplayOptions& options,
                        const std::atomic<bool>& cancelled, Recording& recording) {
  formats::ReaderOptions reading;
  if (!options.guess_columns) reading.csv = options.mapping;
  auto reader = formats::MakePointReader(FormatOf(options), reading);
  for (bool ended = false; !ended;) {
    if (cancelled) return Err("cancelled", "stopped");
    auto piece = file.Read();
    if (!piece) return Err(std::move(piece.error()));
    ended = piece->empty();
    formats::ReadPoints read;
    auto done = ended ? reader->Finish(read) : reader->Feed(*piece, read);
    if (!done) return Err(done.error().code, options.path + ": " + done.error().detail);
    for (const formats::BadEntry& bad : read.bad) {
      CountBadRow(options, recording, bad.line, bad.reason);
    }
    for (FilePoint& point : read.points) loader.Take(std::move(point));
    auto fits = CheckSize(options, recording.fixes.size(), loader.tracker_count());
    if (!fits) return fits;
  }
  return Ok();
}

void SortByTime(Recording& recording) {
  std::stable_sort(
      recording.fixes.begin(), recording.fixes.end(),
      [](const RecordedFix& a, const RecordedFix& b) { return a.time_ms < b.time_ms; });
}

}  // namespace

Result<Recording> LoadRecording(const ReplayOptions& options, const std::atomic<bool>& cancelled) {
  if (auto checked = CheckMapping(options); !checked) return Err(std::move(checked.error()));
  auto file = InputFile::Open(options.path);
  if (!file) return Err(std::move(file.error()));
  Recording recording;
  Loader loader(options, FormatOf(options), recording);
  auto read = ReadPoints(**file, loader, options, cancelled, recording);
  if (!read) return Err(std::move(read.error()));
  loader.FinishTrackers();
  if (recording.fixes.empty()) return Err("no_rows", options.path + " has no good row");
  FillTimes(recording.fixes, recording.trackers.size(), options.step);
  SortByTime(recording);
  if (options.window.count() > 0) {
    const int64_t end =
        recording.fixes.front().time_ms + std::chrono::milliseconds(options.window).count();
    std::erase_if(recording.fixes, [end](const RecordedFix& fix) { return fix.time_ms > end; });
  }
  if (options.max_gap.count() > 0) CutGaps(recording.fixes, options.max_gap);
  if (options.copies > 1) {
    AddCopies(recording, options.copies, options.copy_offset);
    SortByTime(recording);
  }
  return recording;
}

}  // namespace trackwire::fetcher
