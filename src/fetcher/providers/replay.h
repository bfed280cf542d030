#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "fetcher/fetcher.h"

namespace trackwire::fetcher {

enum class SpeedUnit { kMetresPerSecond, kKnots, kKilometresPerHour, kMilesPerHour };
enum class TimeFormat {
  kIso,           ///< 2022-01-03T00:00:00, `T` or a space, fraction and zone optional; no zone: UTC
  kEpochSeconds,
  kEpochMillis,
};

/// A column and the values that mean "missing" in it (numbers compared as numbers).
struct Column {
  std::string name;                 ///< as in the header line; empty: there is none
  std::vector<double> missing;
};

/// Which columns of a CSV file mean what.
struct ReplayMapping {
  Column id, time, latitude, longitude, speed, course, heading, altitude, accuracy;
  Column name, category, call_sign, imo, length_m;
  TimeFormat time_format = TimeFormat::kIso;
  SpeedUnit speed_unit = SpeedUnit::kKnots;
  std::string id_prefix_for_names;  ///< a tracker without a name is called so, and its id
  bool ais_ship_types = false;      ///< `category` holds AIS ship type numbers
};

/// The mapping called `name`: `ais-us` (MarineCadastre daily files). Errors: `unknown_preset`.
Result<ReplayMapping> ReplayPreset(const std::string& name);

struct ReplayOptions {
  std::string path;             ///< CSV, plain or gzip
  std::string instance;         ///< names this source in positions: `replay:<instance>`
  ReplayMapping mapping;
  double speed = 1;             ///< recorded seconds in one second; > 0
  bool loop = true;             ///< begin again at the end, with times that go on
  std::chrono::seconds window{0};  ///< only rows this far from the first are played, though every
                                   ///< tracker in the file is registered; 0: all
  std::chrono::seconds lead_in{0};  ///< recorded time put in at once at the start, stamped as past
  std::chrono::seconds offline_after{600};
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
/// Load() reads the whole file; a bad row is counted, and the first few are logged. Errors of
/// Load(): `cannot_open`, `unreadable`, `missing_column`, `too_many_rows`, `too_many_trackers`,
/// `no_rows`, `bad_option`, `cancelled`.
std::unique_ptr<Provider> MakeReplay(ReplayOptions options);

}  // namespace trackwire::fetcher
