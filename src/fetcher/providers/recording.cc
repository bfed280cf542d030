#include "fetcher/providers/recording.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/json_scanner.h"
#include "base/log.h"
#include "base/text.h"
#include "fetcher/ais.h"

namespace trackwire::fetcher {
namespace {

constexpr size_t kLoggedBadRows = 5;
constexpr size_t kCheckCancelEvery = 4096;
constexpr size_t kMaxTextBytes = 128;

double MetresPerSecond(double value, SpeedUnit unit) {
  switch (unit) {
    case SpeedUnit::kKnots: return value * 1852.0 / 3600.0;
    case SpeedUnit::kKilometresPerHour: return value / 3.6;
    case SpeedUnit::kMilesPerHour: return value * 0.44704;
    case SpeedUnit::kMetresPerSecond: break;
  }
  return value;
}

/// All of `text` as a finite number.
std::optional<double> Number(std::string_view text) {
  text = base::Trim(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

/// A float may not hold all that a double does; what it cannot is unknown.
float Float(double value) {
  const bool fits = std::fabs(value) <= std::numeric_limits<float>::max();
  return fits ? static_cast<float>(value) : std::numeric_limits<float>::quiet_NaN();
}

/// 0, which is no type, for what cannot be one.
int ShipType(std::string_view text) {
  const double number = Number(text).value_or(0);
  return number >= 0 && number <= 9'999 ? static_cast<int>(number) : 0;
}

std::optional<int64_t> TimeMs(std::string_view text, TimeFormat format) {
  text = base::Trim(text);
  if (format != TimeFormat::kIso) {
    const auto number = Number(text);
    const double ms = number ? *number * (format == TimeFormat::kEpochSeconds ? 1000 : 1) : 0;
    if (ms <= 0 || ms > 4e13) return std::nullopt;
    return std::llround(ms);
  }
  std::string iso(text);
  if (iso.size() < 19) return std::nullopt;
  if (iso[10] == ' ') iso[10] = 'T';
  const bool has_zone = iso.find_first_of("Zz+-", 19) != std::string::npos;
  const auto time = base::ParseTime(has_zone ? iso : iso + "Z");
  if (!time) return std::nullopt;
  return time->time_since_epoch().count();
}

/// Reads the rows of one file into a Recording.
class Loader {
 public:
  Loader(const ReplayOptions& options, Recording& recording)
      : options_(options), recording_(recording) {}

  Result<void> ReadHeader(const std::vector<std::string_view>& header);
  /// Why the row is not good, or nothing.
  const char* ReadRow(const std::vector<std::string_view>& row);
  void FinishTrackers();
  size_t tracker_count() const { return ids_.size(); }

 private:
  enum Index {
    kId, kTime, kLatitude, kLongitude, kSpeed, kCourse, kHeading, kAltitude, kAccuracy, kName,
    kCategory, kCallSign, kImo, kLength, kCount
  };
  struct Described {
    std::string name, category, call_sign, imo;
    double length_m = 0;
  };

  const Column& ColumnOf(size_t index) const;
  std::string_view Field(const std::vector<std::string_view>& row, size_t index) const;
  /// A number of the row, NaN when absent, a sentinel or nonsense.
  double Value(const std::vector<std::string_view>& row, size_t index) const;
  void Describe(Described& described, const std::vector<std::string_view>& row) const;
  void Keep(std::string& kept, const std::vector<std::string_view>& row, size_t index) const;
  std::string AttributesOf(const Described& described) const;
  uint32_t TrackerOf(const std::string& id);

  const ReplayOptions& options_;
  Recording& recording_;
  std::array<int, kCount> at_{};
  std::map<std::string, uint32_t, std::less<>> by_id_;
  std::vector<std::string> ids_;
  std::vector<Described> described_;
};

const Column& Loader::ColumnOf(size_t index) const {
  const ReplayMapping& m = options_.mapping;
  const std::array<const Column*, kCount> columns{
      &m.id,      &m.time,     &m.latitude, &m.longitude, &m.speed,     &m.course, &m.heading,
      &m.altitude, &m.accuracy, &m.name,     &m.category,  &m.call_sign, &m.imo,    &m.length_m};
  return *columns[index];
}

Result<void> Loader::ReadHeader(const std::vector<std::string_view>& header) {
  for (size_t index = 0; index < kCount; ++index) {
    const std::string& name = ColumnOf(index).name;
    at_[index] = -1;
    if (name.empty()) {
      if (index <= kLongitude) {
        return Err("bad_option", "the mapping names no column for id, time, latitude or longitude");
      }
      continue;
    }
    for (size_t i = 0; i < header.size(); ++i) {
      if (base::Trim(header[i]) == name) at_[index] = static_cast<int>(i);
    }
    if (at_[index] < 0) return Err("missing_column", options_.path + " has no column " + name);
  }
  return Ok();
}

std::string_view Loader::Field(const std::vector<std::string_view>& row, size_t index) const {
  const int at = at_[index];
  if (at < 0 || static_cast<size_t>(at) >= row.size()) return {};
  return base::Trim(row[static_cast<size_t>(at)]);
}

double Loader::Value(const std::vector<std::string_view>& row, size_t index) const {
  const auto value = Number(Field(row, index));
  const auto& missing = ColumnOf(index).missing;
  if (!value || std::find(missing.begin(), missing.end(), *value) != missing.end()) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return *value;
}

void Loader::Keep(std::string& kept, const std::vector<std::string_view>& row,
                  size_t index) const {
  const std::string_view text = Field(row, index);
  if (!text.empty() && text.size() <= kMaxTextBytes && text != kept && base::IsUtf8(text)) {
    kept = text;
  }
}

void Loader::Describe(Described& described, const std::vector<std::string_view>& row) const {
  Keep(described.name, row, kName);
  Keep(described.category, row, kCategory);
  Keep(described.call_sign, row, kCallSign);
  Keep(described.imo, row, kImo);
  if (const double length = Value(row, kLength); length > 0) described.length_m = length;
}

uint32_t Loader::TrackerOf(const std::string& id) {
  const auto [found, is_new] = by_id_.emplace(id, static_cast<uint32_t>(ids_.size()));
  if (is_new) {
    ids_.push_back(id);
    described_.emplace_back();
  }
  return found->second;
}

const char* Loader::ReadRow(const std::vector<std::string_view>& row) {
  const std::string_view id = Field(row, kId);
  if (id.empty() || id.size() > kMaxTextBytes || !base::IsUtf8(id)) return "bad id";
  const auto time_ms = TimeMs(Field(row, kTime), options_.mapping.time_format);
  if (!time_ms) return "bad time";
  RecordedFix fix;
  fix.time_ms = *time_ms;
  fix.latitude = Value(row, kLatitude);
  fix.longitude = Value(row, kLongitude);
  if (!(std::fabs(fix.latitude) <= 90) || !(std::fabs(fix.longitude) <= 180)) {
    return "bad coordinates";
  }
  const double speed = MetresPerSecond(Value(row, kSpeed), options_.mapping.speed_unit);
  if (speed >= 0 && speed <= 100'000) fix.speed_mps = static_cast<float>(speed);
  const auto angle = [](double degrees) {
    return static_cast<float>(degrees >= 0 && degrees < 360
                                  ? degrees
                                  : std::numeric_limits<double>::quiet_NaN());
  };
  fix.course_deg = angle(Value(row, kCourse));
  fix.heading_deg = angle(Value(row, kHeading));
  fix.altitude_m = Float(Value(row, kAltitude));
  if (const double accuracy = Value(row, kAccuracy); accuracy >= 0) {
    fix.accuracy_m = Float(accuracy);
  }
  fix.tracker = TrackerOf(std::string(id));
  Describe(described_[fix.tracker], row);
  recording_.fixes.push_back(fix);
  return nullptr;
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

void Loader::FinishTrackers() {
  const std::string provider = "replay:" + options_.instance;
  recording_.trackers.resize(ids_.size());
  for (size_t i = 0; i < ids_.size(); ++i) {
    const Described& described = described_[i];
    tracking::Tracker& tracker = recording_.trackers[i];
    tracker.id = tracking::Id(ids_[i]);
    tracker.name = options_.mapping.ais_ship_types ? VesselName(described.name) : described.name;
    if (tracker.name.empty()) tracker.name = options_.mapping.id_prefix_for_names + ids_[i];
    tracker.category = described.category;
    if (options_.mapping.ais_ship_types) {
      tracker.category = AisCategory(ShipType(described.category));
    }
    if (tracker.category.empty()) tracker.category = "other";
    tracker.is_public = options_.is_public;
    tracker.provider = provider;
    tracker.external_id = ids_[i];
    tracker.offline_after = options_.offline_after;
    tracker.attributes_json = AttributesOf(described);
    if (options_.assign_client) tracker.client_id = options_.assign_client(tracker);
  }
}

void CountBadRow(const ReplayOptions& options, Recording& recording, size_t line,
                 const char* reason) {
  if (++recording.bad_rows > kLoggedBadRows) return;
  base::LogWarn("fetcher", "bad row skipped",
                {{"file", options.path}, {"line", line}, {"reason", reason}});
}

Result<void> ReadRows(CsvReader& reader, Loader& loader, const ReplayOptions& options,
                      const std::atomic<bool>& cancelled, Recording& recording) {
  for (size_t count = 1;; ++count) {
    if (count % kCheckCancelEvery == 0 && cancelled) return Err("cancelled", "stopped");
    auto row = reader.Next();
    if (!row) return Err(row.error().code, options.path + ": " + row.error().detail);
    if (*row == CsvReader::Row::kEnd) return Ok();
    const char* wrong = *row == CsvReader::Row::kBad ? "bad quotes or too long"
                                                     : loader.ReadRow(reader.fields());
    if (wrong != nullptr) CountBadRow(options, recording, reader.line(), wrong);
    if (recording.fixes.size() > options.max_rows) {
      return Err("too_many_rows", options.path + " has more than " +
                                      std::to_string(options.max_rows) + " rows");
    }
    if (loader.tracker_count() > options.max_trackers) {
      return Err("too_many_trackers", options.path + " has more than " +
                                          std::to_string(options.max_trackers) + " trackers");
    }
  }
}

}  // namespace

Result<Recording> LoadRecording(const ReplayOptions& options, const std::atomic<bool>& cancelled) {
  auto reader = CsvReader::Open(options.path, {});
  if (!reader) return Err(std::move(reader.error()));
  auto header = (*reader)->Next();
  if (!header) return Err(header.error().code, options.path + ": " + header.error().detail);
  if (*header != CsvReader::Row::kRow) return Err("no_rows", options.path + " has no header line");
  Recording recording;
  Loader loader(options, recording);
  if (auto done = loader.ReadHeader((*reader)->fields()); !done) {
    return Err(std::move(done.error()));
  }
  auto read = ReadRows(**reader, loader, options, cancelled, recording);
  if (!read) return Err(std::move(read.error()));
  if (recording.fixes.empty()) return Err("no_rows", options.path + " has no good row");
  loader.FinishTrackers();
  std::stable_sort(recording.fixes.begin(), recording.fixes.end(),
                   [](const RecordedFix& a, const RecordedFix& b) {
                     return a.time_ms < b.time_ms;
                   });
  if (options.window.count() > 0) {
    const int64_t end =
        recording.fixes.front().time_ms + std::chrono::milliseconds(options.window).count();
    std::erase_if(recording.fixes, [end](const RecordedFix& fix) { return fix.time_ms > end; });
  }
  return recording;
}

}  // namespace trackwire::fetcher
