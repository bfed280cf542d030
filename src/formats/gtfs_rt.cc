#include "formats/gtfs_rt.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <array>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "formats/json_object.h"
#include "gtfs_realtime.pb.h"

namespace trackwire::formats {
namespace {

using google::protobuf::io::CodedInputStream;
using google::protobuf::internal::WireFormatLite;

constexpr size_t kMaxEntities = 100'000;
constexpr size_t kMaxExternalId = 256;
constexpr int kHeaderField = 1;
constexpr int kEntityField = 2;

constexpr std::array<const char*, 3> kStatus{"incoming", "stopped", "in_transit"};
constexpr std::array<const char*, 9> kOccupancy{
    "empty",          "many_seats",    "few_seats", "standing_room", "crushed_standing",
    "full",           "not_accepting", "no_data",   "not_boardable"};

/// Walks the outermost fields, calling `on_field` with the number and the bytes of those that have
/// any. One at a time: a feed of nothing but empty entities must not grow in memory.
template <typename OnField>
bool Walk(std::string_view bytes, OnField on_field) {
  CodedInputStream input(reinterpret_cast<const uint8_t*>(bytes.data()),
                         static_cast<int>(bytes.size()));
  while (const uint32_t tag = input.ReadTag()) {
    if (WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      if (!WireFormatLite::SkipField(&input, tag)) return false;
      continue;
    }
    uint32_t size = 0;
    if (!input.ReadVarint32(&size)) return false;
    const auto at = static_cast<size_t>(input.CurrentPosition());
    if (size > bytes.size() - at || !input.Skip(static_cast<int>(size))) return false;
    if (!on_field(WireFormatLite::GetTagFieldNumber(tag), bytes.substr(at, size))) return false;
  }
  return input.ConsumedEntireMessage();
}

template <typename Message>
bool Parse(Message& message, std::string_view bytes) {
  return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

/// A text that may be passed on: feeds hold what their makers put there.
bool IsLabel(const std::string& text) {
  return !text.empty() && text.size() <= Attributes::kMaxTextBytes && base::IsUtf8(text);
}

std::string ExternalId(const gtfs::Entity& entity) {
  for (const std::string* id :
       {&entity.vehicle().vehicle().id(), &entity.vehicle().vehicle().label(), &entity.id()}) {
    if (!id->empty()) return *id;
  }
  return {};
}

std::string AttributesOf(const gtfs::VehiclePosition& vehicle, bool time_estimated) {
  Attributes out;
  const auto add = [&](const char* name, const std::string& text) {
    if (IsLabel(text)) out.Add(name, std::string_view(text));
  };
  add("route_id", vehicle.trip().route_id());
  add("trip_id", vehicle.trip().trip_id());
  if (vehicle.trip().has_direction_id()) {
    out.Add("direction_id", static_cast<double>(vehicle.trip().direction_id()));
  }
  add("stop_id", vehicle.stop_id());
  const auto word = [&](const char* name, int value, const auto& words) {
    if (value >= 0 && static_cast<size_t>(value) < words.size()) {
      out.Add(name, words[static_cast<size_t>(value)]);
    }
  };
  if (vehicle.has_current_status()) word("current_status", vehicle.current_status(), kStatus);
  if (vehicle.has_occupancy_status()) word("occupancy", vehicle.occupancy_status(), kOccupancy);
  if (vehicle.has_occupancy_percentage()) {
    out.Add("occupancy_percent", static_cast<double>(vehicle.occupancy_percentage()));
  }
  if (vehicle.position().has_odometer() && vehicle.position().odometer() >= 0) {
    out.Add("odometer", vehicle.position().odometer());
  }
  if (time_estimated) out.Add("time_estimated", true);
  return out.Take();
}

/// Nothing for a vehicle of which is not said where or which it is.
std::optional<Report> ReadVehicle(const gtfs::Entity& entity, WallTime feed_time) {
  const gtfs::VehiclePosition& vehicle = entity.vehicle();
  const gtfs::Position& position = vehicle.position();
  Report report;
  report.external_id = ExternalId(entity);
  if (report.external_id.empty() || report.external_id.size() > kMaxExternalId ||
      !base::IsUtf8(report.external_id)) {
    return std::nullopt;
  }
  if (!position.has_latitude() || !position.has_longitude()) return std::nullopt;
  const double latitude = position.latitude();
  const double longitude = position.longitude();
  const bool in_range = std::abs(latitude) <= 90 && std::abs(longitude) <= 180;  // false for NaN
  if (!in_range || (latitude == 0 && longitude == 0)) return std::nullopt;
  report.fix.place = {latitude, longitude};
  const auto own_time = vehicle.has_timestamp()
                            ? EpochSeconds(static_cast<double>(vehicle.timestamp()))
                            : std::nullopt;
  report.fix.fix_time = own_time.value_or(feed_time);
  if (position.has_bearing()) report.fix.course_deg = Direction(position.bearing());
  if (position.has_speed() && position.speed() >= 0 && std::isfinite(position.speed())) {
    report.fix.speed_mps = position.speed();
  }
  report.fix.attributes_json = AttributesOf(vehicle, !own_time.has_value());
  if (IsLabel(vehicle.vehicle().label())) report.name = vehicle.vehicle().label();
  return report;
}

/// The header, wherever it stands.
Result<gtfs::Header> ReadHeader(std::string_view bytes) {
  gtfs::Header header;
  bool found = false;
  bool good = true;
  const bool whole = Walk(bytes, [&](int field, std::string_view value) {
    if (field != kHeaderField) return true;
    found = true;
    good = Parse(header, value);
    return good;
  });
  if (!whole || !good) return Err("bad_message", "it is no protobuf");
  if (!found) return Err("bad_message", "it has no header");
  return header;
}

}  // namespace

Result<GtfsFeed> ReadGtfsRealtime(std::string_view bytes, WallTime received_at) {
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    return Err("bad_message", "it is too long");
  }
  auto header = ReadHeader(bytes);
  if (!header) return Err(header.error());
  GtfsFeed feed;
  if (header->has_timestamp()) feed.time = EpochSeconds(static_cast<double>(header->timestamp()));
  feed.differential = header->incrementality() == 1;
  gtfs::Entity entity;
  size_t entities = 0;
  Walk(bytes, [&](int field, std::string_view value) {
    if (field != kEntityField) return true;
    if (++entities > kMaxEntities) return false;
    entity.Clear();
    if (!Parse(entity, value)) {
      ++feed.bad;
      return true;
    }
    if (!entity.has_vehicle() || entity.is_deleted()) return true;
    auto report = ReadVehicle(entity, feed.time.value_or(received_at));
    if (report) feed.reports.push_back(std::move(*report));
    else ++feed.bad;
    return true;
  });
  if (entities > kMaxEntities) return Err("too_many", "more vehicles than anybody has");
  return feed;
}

}  // namespace trackwire::formats
