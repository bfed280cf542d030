#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "fetcher/fetcher.h"
#include "formats/csv_mapping.h"
#include "formats/point_reader.h"

namespace trackwire::fetcher {

using formats::Column;
using formats::SpeedUnit;
using formats::TimeFormat;
using ReplayMapping = formats::CsvMapping;
inline Result<ReplayMapping> ReplayPreset(const std::string& name) {
  return formats::CsvPreset(name);
}

struct ReplayOptions {
  std::string path;             ///< plain or gzip
  /// What the file is; nothing: as its name says, else CSV.
  std::optional<formats::FileFormat> format;
  std::string instance;         ///< names this source in positions: `replay:<instance>`
  ReplayMapping mapping;        ///< of a CSV file
  bool guess_columns = false;   ///< the columns of a CSV file are found by their names instead
  double speed = 1;             ///< recorded seconds in one second; > 0
  bool loop = true;             ///< begin again at the end, with times that go on
  std::chrono::seconds window{0};  ///< only rows this far from the first are played, though every
                                   ///< tracker in the file is registered; 0: all
  std::chrono::seconds lead_in{0};  ///< recorded time put in at once at the start, stamped as past
  std::chrono::seconds offline_after{600};
  /// Times stay as recorded instead of being moved to now.
  bool keep_times = false;
  /// Between two points of which the file does not say when and how fast.
  std::chrono::milliseconds step{1000};
  /// Recorded time in which nothing moves is cut down to this; 0: it is waited out.
  std::chrono::seconds max_gap{0};
  /// Every tracker this many times, for tests of load, each by `copy_offset` ahead of the one
  /// before (0: spread over the recording).
  size_t copies = 1;
  std::chrono::seconds copy_offset{0};
  bool is_public = false;
  std::vector<tracking::Client> clients;
  /// Which client a tracker belongs to, by its category; empty: none.
  std::function<std::optional<tracking::Id>(const tracking::Tracker&)> assign_client;
  size_t max_rows = 5'000'000;
  size_t max_trackers = 1'000'000;
};

/// Plays a recorded file as if it happened now: every fix time is moved so that it lies at the
/// moment it is due, also over the seam of a loop, so that no position is older than the one
/// before. Speeds are as recorded, whatever the speed of the replay.
///
/// CSV: a tracker for each id. GPX and GeoJSON: for each track or line, called after the instance;
/// of a file without tracks the routes, of one without these the waypoints. NMEA: one for the
/// receiver, and one for each MMSI of AIS. Points without times get some from the way between them
/// and their speed, or by `step`.
///
/// Load() reads the whole file; a bad row is counted, and the first few are logged. Errors of
/// Load(): `cannot_open`, those of formats::PointReader, `too_many_rows`, `too_many_trackers`,
/// `no_rows`, `bad_option`, `cancelled`.
std::unique_ptr<Provider> MakeReplay(ReplayOptions options);

}  // namespace trackwire::fetcher
