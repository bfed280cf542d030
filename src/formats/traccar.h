#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "formats/report.h"

namespace trackwire::formats {

/// A row of Traccar's `/api/devices`.
struct TraccarDevice {
  int64_t id = 0;  ///< of the row
  std::string unique_id;
  std::string name;
  std::string category;
  bool disabled = false;
};

/// A row of `/api/positions`. `report.external_id` is empty: the row says only `device_id`.
///
/// Speeds in knots become m/s. Traccar writes 0 for what it does not know: an accuracy or altitude
/// of 0 is absent, and so are a speed and a course that are both 0. What is `outdated`, or invalid
/// at 0,0, has no place of its own and is a sign of life.
struct TraccarPosition {
  int64_t device_id = 0;
  WallTime server_time{};  ///< the epoch: not said
  Report report;
};

/// What an answer or a message of the socket held.
struct TraccarNews {
  std::vector<TraccarDevice> devices;
  std::vector<TraccarPosition> positions;
  uint64_t bad = 0;  ///< rows that could not be read, skipped
};

/// Errors of all three: `bad_json`, `bad_message`, `too_many` (rows). Any thread.
/// Spec: https://www.traccar.org/api-reference/
Result<TraccarNews> ReadTraccarDevices(std::string_view json);
Result<TraccarNews> ReadTraccarPositions(std::string_view json);
/// An object with `devices`, `positions`, both or none of them.
Result<TraccarNews> ReadTraccarMessage(std::string_view json);

}  // namespace trackwire::formats
