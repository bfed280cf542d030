#include "load/notification.h"

#include <array>
#include <cstdio>
#include <ctime>

#include "base/check.h"
#include "load/places.h"

namespace trackwire::bench {
namespace {

constexpr std::string_view kTail = "\"}";

std::string NowRfc3339() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  gmtime_r(&now.tv_sec, &parts);
  std::array<char, 32> text{};
  const size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ",
                static_cast<int>(now.tv_nsec / 1'000'000));
  return std::string(text.data(), size) + fraction.data();
}

}  // namespace

NotificationWriter::NotificationWriter(std::string_view event, size_t payload_bytes,
                                       size_t trackers, bool spread)
    : event_(event), payload_bytes_(payload_bytes), trackers_(trackers), spread_(spread) {
  CHECK(payload_bytes >= kMinBytes && trackers > 0);
}

void NotificationWriter::Append(std::string& out, const Stamp& stamp) const {
  const size_t start = out.size();
  out += "{\"stamp\":\"";
  AppendStamp(out, stamp);
  out += "\",\"tracker_id\":\"load-" + std::to_string(stamp.sequence % trackers_);
  AppendPlace(out, stamp.sequence);
  out += ",\"speed\":6.2,\"course\":273.5,\"fix_time\":\"" + NowRfc3339();
  out += "\",\"source\":\"load\",\"note\":\"";
  const size_t used = out.size() - start + kTail.size();
  CHECK(used <= payload_bytes_);
  out.append(payload_bytes_ - used, '-');
  out += kTail;
}

void NotificationWriter::AppendPlace(std::string& out, uint64_t sequence) const {
  if (spread_) {
    const Place place = PlaceOfTracker(sequence % trackers_);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "\",\"latitude\":%.4f,\"longitude\":%.4f",
                  static_cast<double>(place.latitude) / kUnitsPerDegree,
                  static_cast<double>(place.longitude) / kUnitsPerDegree);
    out += text.data();
    return;
  }
  // Somewhere off the Golden Gate, moving a little with every message.
  const std::string moved = std::to_string(1000 + sequence % 9000);
  out += "\",\"latitude\":37.8" + moved + ",\"longitude\":-122.5" + moved;
}

void NotificationWriter::AppendBroadcast(std::string& out, const Stamp& stamp) const {
  out += "42[\"broadcast\",\"" + event_ + "\",";
  Append(out, stamp);
  out += ']';
}

void NotificationWriter::AppendEnvelope(std::string& out, const Stamp& stamp) const {
  out += "{\"message_type\":\"" + event_ + "\",\"notification\":";
  Append(out, stamp);
  out += '}';
}

}  // namespace trackwire::bench
