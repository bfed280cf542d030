#pragma once

#include <cmath>

#include "base/check.h"
#include "base/json_scanner.h"
#include "formats/json_object.h"
#include "formats/report.h"

namespace trackwire::formats {

/// What every decoder promises of what it reads, whatever it was given.
inline void CheckReport(const Report& report) {
  const tracking::Fix& fix = report.fix;
  if (report.has_place) {
    CHECK(std::abs(fix.place.latitude) <= 90 && std::abs(fix.place.longitude) <= 180);
    CHECK(fix.fix_time.time_since_epoch().count() > 0);
  }
  CHECK(!fix.accuracy_m || *fix.accuracy_m >= 0);
  CHECK(!fix.speed_mps || (*fix.speed_mps >= 0 && std::isfinite(*fix.speed_mps)));
  CHECK(!fix.altitude_m || std::isfinite(*fix.altitude_m));
  CHECK(!fix.course_deg || (*fix.course_deg >= 0 && *fix.course_deg < 360));
  CHECK(!fix.heading_deg || (*fix.heading_deg >= 0 && *fix.heading_deg < 360));
  CHECK(!fix.battery_percent || (*fix.battery_percent >= 0 && *fix.battery_percent <= 100));
  CHECK(report.external_id.size() <= 256 && report.name.size() <= Attributes::kMaxTextBytes);
  if (fix.attributes_json.empty()) return;
  CHECK(fix.attributes_json.size() <= Attributes::kMaxBytes);
  const auto attributes = base::ScanJson(fix.attributes_json, 1);
  CHECK(attributes && attributes->is_object());
}

}  // namespace trackwire::formats
