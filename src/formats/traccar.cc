#include "formats/traccar.h"

#include <array>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "formats/json_object.h"

namespace trackwire::formats {
namespace {

constexpr double kMpsPerKnot = 1852.0 / 3600;
constexpr size_t kMaxRows = 100'000;
constexpr size_t kMaxUniqueId = 256;

/// What is passed on, and under which name.
constexpr std::array<std::pair<const char*, const char*>, 22> kAttributes{{
    {"motion", "motion"},         {"ignition", "ignition"},
    {"odometer", "odometer"},     {"totalDistance", "total_distance"},
    {"charge", "charging"},       {"battery", "battery_voltage"},
    {"power", "power_voltage"},   {"sat", "satellites"},
    {"hdop", "hdop"},             {"rssi", "rssi"},
    {"event", "event"},           {"alarm", "alarm"},
    {"activity", "activity"},     {"fuel", "fuel"},
    {"rpm", "rpm"},               {"throttle", "throttle"},
    {"door", "door"},             {"blocked", "blocked"},
    {"armed", "armed"},           {"temp1", "temperature"},
    {"humidity", "humidity"},     {"archive", "archive"},
}};

std::optional<int64_t> Row(const JsonObject& object, std::string_view name) {
  const auto value = object.Find(name);
  return value && value->is_number() ? base::JsonInteger(*value) : std::nullopt;
}

/// Older servers write the offset without a colon: +0000.
std::optional<WallTime> Time(const JsonObject& object, std::string_view name) {
  auto text = object.Text(name);
  if (!text || text->size() > 40) return std::nullopt;
  const size_t size = text->size();
  if (size > 5 && ((*text)[size - 5] == '+' || (*text)[size - 5] == '-')) text->insert(size - 2, ":");
  return base::ParseTime(*text);
}

std::optional<TraccarDevice> ReadDevice(const JsonObject& object) {
  TraccarDevice device;
  const auto id = Row(object, "id");
  const auto unique_id = object.Text("uniqueId");
  if (!id || !unique_id || unique_id->empty() || unique_id->size() > kMaxUniqueId) {
    return std::nullopt;
  }
  device.id = *id;
  device.unique_id = *unique_id;
  device.name = object.Label("name");
  device.category = object.Label("category");
  device.disabled = object.Bool("disabled").value_or(false);
  return device;
}

void ReadMovement(const JsonObject& object, tracking::Fix& fix) {
  const auto above_zero = [&](std::string_view name) {
    const auto number = object.Number(name);
    return number && *number > 0 ? number : std::nullopt;
  };
  fix.accuracy_m = above_zero("accuracy");
  const auto altitude = object.Number("altitude");
  if (altitude && *altitude != 0) fix.altitude_m = altitude;
  const auto knots = object.Known("speed");
  const auto course = Direction(object.Number("course"));
  // A device that tells a course knows its speed as well.
  if (knots && (*knots != 0 || course.value_or(0) != 0)) fix.speed_mps = *knots * kMpsPerKnot;
  if (course && (*course != 0 || knots.value_or(0) != 0)) fix.course_deg = course;
}

void ReadAttributes(const JsonObject& object, tracking::Fix& fix) {
  Attributes out;
  const auto device_time = Time(object, "deviceTime");
  if (device_time && *device_time != fix.fix_time) {
    out.Add("device_time", base::FormatTime(*device_time));
  }
  if (const auto attributes = object.Object("attributes")) {
    const auto battery = attributes->Known("batteryLevel");
    if (battery && *battery <= 100) fix.battery_percent = battery;
    for (const auto& [theirs, ours] : kAttributes) {
      if (const auto value = attributes->Find(theirs)) out.AddScalar(ours, *value);
    }
  }
  fix.attributes_json = out.Take();
}

std::optional<TraccarPosition> ReadPosition(const JsonObject& object) {
  TraccarPosition position;
  tracking::Fix& fix = position.report.fix;
  const auto device_id = Row(object, "deviceId");
  const auto fix_time = Time(object, "fixTime");
  const auto latitude = object.Number("latitude");
  const auto longitude = object.Number("longitude");
  if (!device_id || !latitude || !longitude || std::abs(*latitude) > 90 ||
      std::abs(*longitude) > 180) {
    return std::nullopt;
  }
  position.device_id = *device_id;
  position.server_time = Time(object, "serverTime").value_or(WallTime());
  fix.place = {*latitude, *longitude};
  fix.valid = object.Bool("valid");
  const bool nowhere = *latitude == 0 && *longitude == 0 && fix.valid == false;
  position.report.has_place = !object.Bool("outdated").value_or(false) && !nowhere;
  if (!fix_time || fix_time->time_since_epoch().count() <= 0) {
    if (position.report.has_place) return std::nullopt;
  } else {
    fix.fix_time = *fix_time;
  }
  ReadMovement(object, fix);
  ReadAttributes(object, fix);
  return position;
}

/// Reads the rows of an array with `read`.
template <typename Read, typename Row>
Result<void> ReadRows(base::JsonValue rows, Read read, std::vector<Row>& out, uint64_t& bad) {
  if (!rows.is_array()) return Err("bad_message", "it is not an array");
  size_t count = 0;
  for (base::JsonArrayReader reader(rows); auto row = reader.Next();) {
    if (++count > kMaxRows) return Err("too_many", "more rows than anybody has");
    auto value = row->is_object() ? read(JsonObject(*row)) : std::nullopt;
    if (value) out.push_back(std::move(*value));
    else ++bad;
  }
  return Ok();
}

Result<base::JsonValue> Scanned(std::string_view json) {
  auto scanned = base::ScanJson(json);
  if (!scanned) return Err("bad_json", base::ToString(scanned.error()));
  return *scanned;
}

}  // namespace

Result<TraccarNews> ReadTraccarDevices(std::string_view json) {
  TraccarNews news;
  auto rows = Scanned(json);
  if (!rows) return Err(rows.error());
  if (auto read = ReadRows(*rows, &ReadDevice, news.devices, news.bad); !read) {
    return Err(read.error());
  }
  return news;
}

Result<TraccarNews> ReadTraccarPositions(std::string_view json) {
  TraccarNews news;
  auto rows = Scanned(json);
  if (!rows) return Err(rows.error());
  if (auto read = ReadRows(*rows, &ReadPosition, news.positions, news.bad); !read) {
    return Err(read.error());
  }
  return news;
}

Result<TraccarNews> ReadTraccarMessage(std::string_view json) {
  TraccarNews news;
  auto message = Scanned(json);
  if (!message) return Err(message.error());
  if (!message->is_object()) return Err("bad_message", "it is not an object");
  const JsonObject object(*message);
  if (const auto rows = object.Find("devices")) {
    if (auto read = ReadRows(*rows, &ReadDevice, news.devices, news.bad); !read) {
      return Err(read.error());
    }
  }
  if (const auto rows = object.Find("positions")) {
    if (auto read = ReadRows(*rows, &ReadPosition, news.positions, news.bad); !read) {
      return Err(read.error());
    }
  }
  return news;
}

}  // namespace trackwire::formats
