#include "formats/osmand.h"

#include <array>
#include <charconv>
#include <optional>

#include "base/json_scanner.h"
#include "base/text.h"
#include "formats/attribute_list.h"

namespace trackwire::formats {
namespace {

using base::JsonValue;
using std::chrono::milliseconds;

constexpr size_t kMaxIdBytes = 128;

Error Bad(std::string_view field) { return {"bad_message", std::string(field)}; }

std::optional<double> AtLeastZero(std::optional<double> value) {
  if (!value || *value < 0) return std::nullopt;
  return value;
}

std::optional<double> Course(std::optional<double> degrees) {
  if (!degrees || *degrees < 0 || *degrees > 360) return std::nullopt;
  return *degrees == 360 ? 0 : *degrees;
}

std::optional<double> Percent(std::optional<double> value) {
  if (!value || *value < 0 || *value > 100) return std::nullopt;
  return value;
}

/// Below 2^31-1 seconds, above milliseconds, as the apps use them.
std::optional<WallTime> EpochTime(double number) {
  constexpr double kSecondsBelow = 2147483647;
  constexpr double kLatest = 253402300799999;  // the year 9999
  if (!(number >= 0) || number > kLatest) return std::nullopt;
  const double millis = number < kSecondsBelow ? number * 1000 : number;
  return WallTime(milliseconds(static_cast<int64_t>(millis)));
}

/// ISO 8601 with or without a zone, or "date time"; what has no zone is UTC.
std::optional<WallTime> TextTime(std::string_view text) {
  if (const auto time = base::ParseTime(text)) return time;
  std::string zoned(text);
  const size_t space = zoned.find(' ');
  if (space != std::string::npos) zoned[space] = 'T';
  return base::ParseTime(zoned + "Z");
}

std::optional<WallTime> TimeFrom(std::string_view text) {
  text = base::Trim(text);
  if (const auto number = ReadNumber(text)) return EpochTime(*number);
  return TextTime(text);
}

/// What stands for "unknown" besides nothing at all.
bool IsBlank(std::string_view text) {
  return text.empty() || base::EqualsIgnoreCase(text, "nan") ||
         base::EqualsIgnoreCase(text, "null");
}

/// What all zeros mean is only seen with the others: apps write 0 for a course or an accuracy that
/// they do not know.
void DropZeros(tracking::Fix& fix) {
  if (fix.accuracy_m == 0) fix.accuracy_m.reset();
  if (fix.course_deg == 0 && fix.speed_mps.value_or(0) == 0) fix.course_deg.reset();
}

/// One message as parameters on its way into a report.
class FieldReader {
 public:
  explicit FieldReader(const OsmandOptions& options) : options_(options) {}

  Result<void> Take(const std::string& key, std::string_view value);
  Result<Report> Finish();

 private:
  using Setter = Result<void> (FieldReader::*)(std::string_view key, std::string_view value);
  static Setter SetterOf(std::string_view key);

  Result<void> Id(std::string_view, std::string_view value) {
    if (value.size() > kMaxIdBytes || !base::IsUtf8(value)) return Err(Bad("id"));
    report_.external_id = value;
    return Ok();
  }
  Result<void> Place(std::string_view key, std::string_view value);
  Result<void> Location(std::string_view key, std::string_view value);
  Result<void> Time(std::string_view key, std::string_view value);
  Result<void> Number(std::string_view key, std::string_view value);
  Result<void> Truth(std::string_view key, std::string_view value);
  Result<void> Driver(std::string_view, std::string_view value) {
    attributes_.AddText("driver", value);
    return Ok();
  }
  Result<void> Drop(std::string_view, std::string_view) { return Ok(); }

  const OsmandOptions& options_;
  Report report_;
  AttributeList attributes_;
  std::optional<double> latitude_;
  std::optional<double> longitude_;
};

FieldReader::Setter FieldReader::SetterOf(std::string_view key) {
  struct Row {
    std::string_view key;
    Setter setter;
  };
  static constexpr std::array<Row, 20> kRows{{{"id", &FieldReader::Id},
                                              {"deviceid", &FieldReader::Id},
                                              {"lat", &FieldReader::Place},
                                              {"lon", &FieldReader::Place},
                                              {"location", &FieldReader::Location},
                                              {"timestamp", &FieldReader::Time},
                                              {"speed", &FieldReader::Number},
                                              {"bearing", &FieldReader::Number},
                                              {"heading", &FieldReader::Number},
                                              {"altitude", &FieldReader::Number},
                                              {"accuracy", &FieldReader::Number},
                                              {"hdop", &FieldReader::Number},
                                              {"batt", &FieldReader::Number},
                                              {"charge", &FieldReader::Truth},
                                              {"valid", &FieldReader::Truth},
                                              {"driverUniqueId", &FieldReader::Driver},
                                              {"cell", &FieldReader::Drop},
                                              {"wifi", &FieldReader::Drop},
                                              {"notificationToken", &FieldReader::Drop},
                                              {"token", &FieldReader::Drop}}};
  for (const Row& row : kRows) {
    if (row.key == key) return row.setter;
  }
  return nullptr;
}

Result<void> FieldReader::Take(const std::string& key, std::string_view value) {
  const Setter setter = SetterOf(key);
  if (setter != nullptr) return (this->*setter)(key, value);
  attributes_.AddGuessed(key, value);
  return Ok();
}

Result<void> FieldReader::Place(std::string_view key, std::string_view value) {
  if (IsBlank(value)) return Ok();
  const auto number = ReadNumber(value);
  if (!number) return Err(Bad(key));
  (key == "lat" ? latitude_ : longitude_) = number;
  return Ok();
}

Result<void> FieldReader::Location(std::string_view, std::string_view value) {
  if (IsBlank(value)) return Ok();
  const size_t comma = value.find(',');
  if (comma == std::string_view::npos) return Err(Bad("location"));
  latitude_ = ReadNumber(value.substr(0, comma));
  longitude_ = ReadNumber(value.substr(comma + 1));
  if (!latitude_ || !longitude_) return Err(Bad("location"));
  return Ok();
}

Result<void> FieldReader::Time(std::string_view, std::string_view value) {
  if (IsBlank(value)) return Ok();
  const auto time = TimeFrom(value);
  if (!time) return Err(Bad("timestamp"));
  report_.fix.fix_time = *time;
  return Ok();
}

Result<void> FieldReader::Number(std::string_view key, std::string_view value) {
  if (IsBlank(value)) return Ok();
  const auto number = ReadNumber(value);
  if (!number) return Err(Bad(key));
  tracking::Fix& fix = report_.fix;
  if (key == "speed") {
    fix.speed_mps = AtLeastZero(*number * options_.speed_unit_mps);
  } else if (key == "bearing" || key == "heading") {
    // Both mean where it goes; the one that is known counts.
    if (const auto course = Course(number)) fix.course_deg = course;
  } else if (key == "altitude") {
    fix.altitude_m = number;
  } else if (key == "accuracy") {
    fix.accuracy_m = AtLeastZero(number);
  } else if (key == "batt") {
    fix.battery_percent = Percent(number);
  } else if (*number > 0) {
    attributes_.AddNumber(key, *number);  // hdop
  }
  return Ok();
}

Result<void> FieldReader::Truth(std::string_view key, std::string_view value) {
  if (IsBlank(value)) return Ok();
  const bool holds = value == "1" || base::EqualsIgnoreCase(value, "true");
  if (key == "valid") {
    report_.fix.valid = holds;
  } else {
    attributes_.AddBool("charging", holds);
  }
  return Ok();
}

Result<Report> FieldReader::Finish() {
  if (latitude_.has_value() != longitude_.has_value()) {
    return Err(Bad(latitude_ ? "lon" : "lat"));
  }
  tracking::Fix& fix = report_.fix;
  report_.has_place = latitude_.has_value();
  if (report_.has_place) fix.place = {*latitude_, *longitude_};
  if (fix.fix_time == WallTime{}) fix.fix_time = options_.now;
  DropZeros(fix);
  fix.attributes_json = attributes_.ToJson();
  return std::move(report_);
}

// As JSON.

std::optional<JsonValue> Given(JsonValue object, std::string_view name) {
  auto member = base::FindMember(object, name);
  if (member && member->is_null()) member.reset();
  return member;
}

std::optional<JsonValue> ObjectOf(JsonValue object, std::string_view name) {
  auto member = Given(object, name);
  if (member && !member->is_object()) member.reset();
  return member;
}

std::optional<double> NumberOf(JsonValue object, std::string_view name) {
  const auto member = Given(object, name);
  if (!member || !member->is_number()) return std::nullopt;
  return base::JsonNumber(*member);
}

/// A device's name for itself, also as a number.
Result<std::string> DeviceId(JsonValue message) {
  auto member = Given(message, "device_id");
  if (!member) member = Given(message, "id");
  if (!member) return std::string();
  std::string id = member->is_string() ? base::DecodeJsonString(member->text)
                                       : std::string(member->text);
  const bool scalar = member->is_string() || member->is_number();
  if (!scalar || id.size() > kMaxIdBytes) return Err(Bad("device_id"));
  return id;
}

Result<WallTime> JsonTime(JsonValue location, WallTime now) {
  const auto member = Given(location, "timestamp");
  if (!member) return now;
  std::optional<WallTime> time;
  if (member->is_string()) time = TimeFrom(base::DecodeJsonString(member->text));
  if (member->is_number()) time = EpochTime(base::JsonNumber(*member).value_or(-1));
  if (!time) return Err(Bad("location.timestamp"));
  return *time;
}

Result<void> ReadCoords(JsonValue coords, Report& report) {
  tracking::Fix& fix = report.fix;
  const auto latitude = Given(coords, "latitude");
  const auto longitude = Given(coords, "longitude");
  report.has_place = latitude || longitude;
  if (report.has_place) {
    const auto north = NumberOf(coords, "latitude");
    const auto east = NumberOf(coords, "longitude");
    if (!north) return Err(Bad("location.coords.latitude"));
    if (!east) return Err(Bad("location.coords.longitude"));
    fix.place = {*north, *east};
  }
  fix.accuracy_m = AtLeastZero(NumberOf(coords, "accuracy"));
  fix.speed_mps = AtLeastZero(NumberOf(coords, "speed"));
  fix.course_deg = Course(NumberOf(coords, "heading"));
  fix.altitude_m = NumberOf(coords, "altitude");
  return Ok();
}

void AddMember(JsonValue object, std::string_view name, std::string_view as,
               AttributeList& attributes) {
  if (const auto member = Given(object, name)) attributes.AddScalar(as, *member);
}

void ReadRest(JsonValue message, JsonValue location, Report& report, AttributeList& attributes) {
  // Free ones first: what the format itself says is not overruled by one of the same name.
  for (const JsonValue& object : {message, location}) {
    const auto extras = ObjectOf(object, "extras");
    if (!extras) continue;
    base::JsonObjectReader reader(*extras);
    while (const auto member = reader.Next()) {
      attributes.AddScalar(base::DecodeJsonString(member->raw_key), member->value);
    }
  }
  for (const char* name : {"is_moving", "odometer", "event", "mock", "alarm"}) {
    AddMember(message, name, name, attributes);
    AddMember(location, name, name, attributes);
  }
  for (const JsonValue& object : {message, location}) {
    if (const auto activity = ObjectOf(object, "activity")) {
      AddMember(*activity, "type", "activity", attributes);
    }
    const auto battery = ObjectOf(object, "battery");
    if (!battery) continue;
    const auto level = AtLeastZero(NumberOf(*battery, "level"));
    if (level) report.fix.battery_percent = Percent(*level * 100);
    AddMember(*battery, "is_charging", "charging", attributes);
  }
}

}  // namespace

Result<Report> ReadOsmandFields(const OsmandFields& fields, const OsmandOptions& options) {
  FieldReader reader(options);
  for (const auto& [key, value] : fields) {
    if (auto taken = reader.Take(key, base::Trim(value)); !taken) {
      return Err(std::move(taken.error()));
    }
  }
  return reader.Finish();
}

Result<Report> ReadOsmandJson(std::string_view json, WallTime now) {
  const auto message = base::ScanJson(json);
  if (!message) return Err("bad_json", base::ToString(message.error()));
  if (!message->is_object()) return Err("bad_message", "the body is not an object");
  Report report;
  auto id = DeviceId(*message);
  if (!id) return Err(std::move(id.error()));
  report.external_id = std::move(*id);
  const auto location = ObjectOf(*message, "location");
  if (!location) return Err(Bad("location"));
  auto time = JsonTime(*location, now);
  if (!time) return Err(std::move(time.error()));
  report.fix.fix_time = *time;
  const auto coords = ObjectOf(*location, "coords");
  if (auto read = ReadCoords(coords.value_or(*location), report); !read) {
    return Err(std::move(read.error()));
  }
  AttributeList attributes;
  ReadRest(*message, *location, report, attributes);
  DropZeros(report.fix);
  report.fix.attributes_json = attributes.ToJson();
  return report;
}

}  // namespace trackwire::formats
