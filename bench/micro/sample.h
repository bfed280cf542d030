#pragma once

#include <string>

namespace trackwire::bench {

/// A position as a fleet publishes it, about 250 bytes of JSON. `n` changes the tracker and the
/// place, not the size by more than some digits.
inline std::string SamplePosition(int n = 0) {
  return R"({"tracker_id":"vehicle-)" + std::to_string(1000 + n % 1000) +
         R"(","latitude":48.85)" + std::to_string(10000 + n % 80000) + R"(,"longitude":2.29)" +
         std::to_string(10000 + n % 80000) +
         R"(,"altitude":35.5,"accuracy":4.2,"speed":13.4,"course":271.5,)"
         R"("fix_time":"2026-01-01T12:00:00.000Z","valid":true,"battery_level":81,)"
         R"("source":"osmand","attributes":{"ignition":true,"odometer":124031}})";
}

/// The same as a publisher hands it in.
inline std::string SampleEnvelope(int n = 0) {
  return R"({"message_type":"tracker_location_updated","notification":)" + SamplePosition(n) + "}";
}

}  // namespace trackwire::bench
