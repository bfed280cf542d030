#include "formats/json_mapping.h"

#include <array>
#include <cmath>

#include "base/text.h"
#include "formats/json_filter.h"
#include "formats/json_object.h"
#include "formats/json_pointer.h"
#include "formats/json_values.h"
#include "formats/time_pattern.h"

namespace trackwire::formats {
namespace {

constexpr size_t kMaxItems = 100'000;
constexpr size_t kMaxExternalId = 256;
constexpr int kMaxZoneMinutes = 14 * 60;

/// Pointers of which the first that leads to something counts.
using Pointers = std::vector<JsonPointer>;

Error BadMapping(std::string_view field, const std::string& why) {
  return {"bad_mapping", std::string(field) + ": " + why};
}

Result<Pointers> ParsePointers(std::string_view field, std::string_view text) {
  Pointers pointers;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) {
      auto pointer = JsonPointer::Parse(text.substr(at, end - at));
      if (!pointer) return Err(BadMapping(field, pointer.error().detail));
      pointers.push_back(std::move(*pointer));
    }
    at = end + 1;
  }
  return pointers;
}

std::string Label(base::JsonValue value) {
  if (!value.is_string()) return value.is_number() ? std::string(value.text) : std::string();
  const std::string text = base::DecodeJsonString(value.text);
  const std::string_view trimmed = base::Trim(text);
  return trimmed.size() <= Attributes::kMaxTextBytes ? std::string(trimmed) : std::string();
}

/// A string or an integer; empty when it is neither.
std::string IdText(base::JsonValue value) {
  if (value.is_number()) {
    const auto number = base::JsonInteger(value);
    return number ? std::to_string(*number) : std::string();
  }
  if (!value.is_string()) return {};
  std::string text = base::DecodeJsonString(value.text);
  return text.size() <= kMaxExternalId ? text : std::string();
}

}  // namespace

struct JsonMapper::Plan {
  JsonMapping mapping;
  JsonPointer items;
  JsonPointer now;
  bool id_is_name = false;
  Pointers id, name, category, latitude, longitude, point, time, altitude, accuracy, speed, course,
      heading, battery, valid;
  std::vector<std::pair<std::string, Pointers>> attributes;
  std::vector<base::JsonValue> unknown;  // borrow from `mapping`
  std::vector<JsonCondition> filter;
  TimeReader times;

  Result<void> CompilePointers();
  Result<void> CompileValues();
  Result<void> Check() const;
  bool IsUnknown(base::JsonValue value) const;
  std::optional<base::JsonValue> Find(const Pointers& pointers, const JsonItem& item) const;
  /// Not null and none of the values that mean "unknown".
  std::optional<base::JsonValue> Known(const Pointers& pointers, const JsonItem& item) const;
  std::optional<double> Number(const Pointers& pointers, const JsonItem& item) const;
  bool IsItem(base::JsonValue object) const;
  bool ReadPlace(const JsonItem& item, tracking::LatLon& place, const char*& field) const;
  void ReadRest(const JsonItem& item, Report& report) const;
  /// Nothing when `field` is missing or wrong.
  std::optional<Report> ReadItem(const JsonItem& item, std::string id_if_none, WallTime now_time,
                                 const char*& field) const;
};

Result<void> JsonMapper::Plan::CompilePointers() {
  struct Field {
    const char* name;
    const std::string& text;
    Pointers& target;
  };
  const std::array<Field, 13> fields{{{"name", mapping.name, name},
                                      {"category", mapping.category, category},
                                      {"latitude", mapping.latitude, latitude},
                                      {"longitude", mapping.longitude, longitude},
                                      {"point", mapping.point, point},
                                      {"time", mapping.time, time},
                                      {"altitude", mapping.altitude, altitude},
                                      {"accuracy", mapping.accuracy, accuracy},
                                      {"speed", mapping.speed, speed},
                                      {"course", mapping.course, course},
                                      {"heading", mapping.heading, heading},
                                      {"battery", mapping.battery, battery},
                                      {"valid", mapping.valid, valid}}};
  for (const Field& field : fields) {
    auto pointers = ParsePointers(field.name, field.text);
    if (!pointers) return Err(pointers.error());
    field.target = std::move(*pointers);
  }
  id_is_name = mapping.id == "#";
  auto id_pointers = ParsePointers("id", id_is_name ? "" : mapping.id);
  if (!id_pointers) return Err(id_pointers.error());
  id = std::move(*id_pointers);
  for (const auto& [attribute, text] : mapping.attributes) {
    auto pointers = ParsePointers("attributes." + attribute, text);
    if (!pointers) return Err(pointers.error());
    attributes.emplace_back(attribute, std::move(*pointers));
  }
  return Ok();
}

bool JsonMapper::Plan::IsUnknown(base::JsonValue value) const {
  if (value.is_null()) return true;
  return std::any_of(unknown.begin(), unknown.end(),
                     [&](base::JsonValue other) { return SameScalar(value, other); });
}

std::optional<base::JsonValue> JsonMapper::Plan::Find(const Pointers& pointers,
                                                      const JsonItem& item) const {
  for (const JsonPointer& pointer : pointers) {
    const auto value = pointer.Find(item);
    if (value && !value->is_null()) return value;
  }
  return std::nullopt;
}

std::optional<base::JsonValue> JsonMapper::Plan::Known(const Pointers& pointers,
                                                       const JsonItem& item) const {
  for (const JsonPointer& pointer : pointers) {
    const auto value = pointer.Find(item);
    if (value && !IsUnknown(*value)) return value;
  }
  return std::nullopt;
}

std::optional<double> JsonMapper::Plan::Number(const Pointers& pointers,
                                               const JsonItem& item) const {
  for (const JsonPointer& pointer : pointers) {
    const auto value = pointer.Find(item);
    const auto number = value && !IsUnknown(*value) ? NumberOf(*value) : std::nullopt;
    if (number) return number;
  }
  return std::nullopt;
}

bool JsonMapper::Plan::IsItem(base::JsonValue object) const {
  for (const Pointers* pointers : {&id, &latitude, &point}) {
    for (const JsonPointer& pointer : *pointers) {
      const auto value = pointer.Find(object);
      if (value && !value->is_null()) return true;
    }
  }
  return false;
}

bool JsonMapper::Plan::ReadPlace(const JsonItem& item, tracking::LatLon& place,
                                 const char*& field) const {
  if (!point.empty()) {
    field = "point";
    const auto value = Find(point, item);
    const auto found = value ? PlaceOf(*value, mapping.point_form) : std::nullopt;
    if (found) place = *found;
    return found.has_value();
  }
  const auto coordinate = [&](const char* name_of, const Pointers& pointers, double limit,
                              double& target) {
    field = name_of;
    const auto value = Find(pointers, item);
    const auto number = value ? NumberOf(*value) : std::nullopt;
    target = number.value_or(0);
    return number && std::abs(*number) <= limit;
  };
  return coordinate("latitude", latitude, 90, place.latitude) &&
         coordinate("longitude", longitude, 180, place.longitude);
}

void JsonMapper::Plan::ReadRest(const JsonItem& item, Report& report) const {
  tracking::Fix& fix = report.fix;
  if (const auto value = Known(name, item)) report.name = Label(*value);
  if (const auto value = Known(category, item)) report.category = Label(*value);
  const auto height = Number(altitude, item);
  if (height) fix.altitude_m = Meters(*height, mapping.altitude_unit);
  const auto radius = Number(accuracy, item);
  if (radius && *radius > 0) fix.accuracy_m = Meters(*radius, mapping.accuracy_unit);
  const auto velocity = Number(speed, item);
  if (velocity && *velocity >= 0) fix.speed_mps = MetersPerSecond(*velocity, mapping.speed_unit);
  fix.course_deg = Direction(Number(course, item));
  fix.heading_deg = Direction(Number(heading, item));
  const auto charge = Number(battery, item);
  if (charge && *charge >= 0 && *charge * mapping.battery_scale <= 100) {
    fix.battery_percent = *charge * mapping.battery_scale;
  }
  if (const auto value = Known(valid, item)) fix.valid = BoolOf(*value);
  Attributes out;
  for (const auto& [attribute, pointers] : attributes) {
    if (const auto value = Known(pointers, item)) out.AddScalar(attribute, *value);
  }
  fix.attributes_json = out.Take();
}

std::optional<Report> JsonMapper::Plan::ReadItem(const JsonItem& item, std::string id_if_none,
                                                 WallTime now_time, const char*& field) const {
  Report report;
  field = "id";
  report.external_id = std::move(id_if_none);
  if (const auto value = Find(id, item)) report.external_id = IdText(*value);
  if (report.external_id.empty()) return std::nullopt;
  if (!ReadPlace(item, report.fix.place, field)) return std::nullopt;
  report.fix.fix_time = now_time;
  if (!time.empty()) {
    field = "time";
    const auto value = Find(time, item);
    const auto said = value ? times.Read(*value, now_time) : std::nullopt;
    if (!said) return std::nullopt;
    report.fix.fix_time = *said;
  }
  ReadRest(item, report);
  return report;
}

Result<void> JsonMapper::Plan::CompileValues() {
  const std::pair<const char*, std::pair<const std::string*, JsonPointer*>> roots[] = {
      {"items", {&mapping.items, &items}}, {"now", {&mapping.now, &now}}};
  for (const auto& [field, root] : roots) {
    auto pointer = JsonPointer::Parse(*root.first);
    if (!pointer) return Err(BadMapping(field, pointer.error().detail));
    *root.second = std::move(*pointer);
  }
  for (const std::string& text : mapping.unknown) {
    const auto value = base::ScanJson(text);
    if (!value || value->is_array() || value->is_object()) {
      return Err(BadMapping("unknown", "\"" + text + "\" is not a number or text in JSON"));
    }
    unknown.push_back(*value);
  }
  for (const std::string& text : mapping.filter) {
    auto condition = JsonCondition::Parse(text);
    if (!condition) return Err(BadMapping("filter", condition.error().detail));
    filter.push_back(std::move(*condition));
  }
  times = {mapping.time_form, mapping.time_pattern, mapping.time_zone_minutes};
  return Ok();
}

Result<void> JsonMapper::Plan::Check() const {
  if (mapping.id.empty()) return Err(BadMapping("id", "it must be said where an item has its id"));
  if (point.empty() && (latitude.empty() || longitude.empty())) {
    return Err(BadMapping("latitude", "latitude and longitude, or a point, must be there"));
  }
  if (mapping.time_form == TimeForm::kPattern && !IsTimePattern(mapping.time_pattern)) {
    return Err(BadMapping("time_pattern", "it needs %Y, %m and %d, and knows %H %M %S %z %% besides"));
  }
  if (std::abs(mapping.time_zone_minutes) > kMaxZoneMinutes) {
    return Err(BadMapping("time_zone", "no zone is more than 14 hours from UTC"));
  }
  if (!std::isfinite(mapping.battery_scale) || mapping.battery_scale <= 0) {
    return Err(BadMapping("battery_scale", "it must be above zero"));
  }
  return Ok();
}

Result<JsonMapper> JsonMapper::Make(const JsonMapping& mapping) {
  auto plan = std::make_shared<Plan>();
  plan->mapping = mapping;
  if (auto done = plan->CompilePointers(); !done) return Err(done.error());
  if (auto done = plan->CompileValues(); !done) return Err(done.error());
  if (auto done = plan->Check(); !done) return Err(done.error());
  return JsonMapper(std::move(plan));
}

/// Takes the items of one document.
class JsonMapper::Reading {
 public:
  Reading(const Plan& plan, WallTime now, std::string_view own_id)
      : plan_(plan), now_(now), own_id_(own_id) {}

  /// False when there are more than allowed.
  bool ReadAll(base::JsonValue list) {
    bool within = true;
    if (list.is_array()) {
      base::JsonArrayReader reader(list);
      for (auto item = reader.Next(); item && within; item = reader.Next()) within = Take(*item, {});
    } else if (plan_.IsItem(list)) {
      within = Take(list, {});
    } else {
      base::JsonObjectReader reader(list);
      for (auto member = reader.Next(); member && within; member = reader.Next()) {
        within = Take(member->value, member->raw_key);
      }
    }
    return within;
  }
  JsonItems&& items() { return std::move(out_); }

 private:
  bool Take(base::JsonValue value, std::string_view member) {
    JsonItem& item = item_;
    item.Set(value);
    const size_t number = count_++;
    if (count_ > kMaxItems) return false;
    const auto holds = [&](const JsonCondition& condition) { return condition.Holds(item); };
    if (!std::all_of(plan_.filter.begin(), plan_.filter.end(), holds)) {
      ++out_.filtered;
      return true;
    }
    std::string name(own_id_);
    if (plan_.id_is_name && !member.empty()) name = IdText({base::JsonType::kString, member});
    const char* field = "";
    auto report = plan_.ReadItem(item, std::move(name), now_, field);
    if (report) {
      out_.reports.push_back(std::move(*report));
    } else if (++out_.bad == 1) {
      out_.first_error = "item " + std::to_string(number) + ": " + field;
    }
    return true;
  }

  const Plan& plan_;
  const WallTime now_;
  const std::string_view own_id_;
  JsonItem item_;
  JsonItems out_;
  size_t count_ = 0;
};

Result<JsonItems> JsonMapper::Read(std::string_view document, WallTime received_at,
                                   std::string_view own_id) const {
  const Plan& plan = *plan_;
  const auto root = base::ScanJson(document);
  if (!root) return Err("bad_json", base::ToString(root.error()));
  const auto list = plan.items.Find(*root);
  if (!list || (!list->is_array() && !list->is_object())) {
    return Err("no_items", "there is no list at items \"" + plan.items.text() + "\"");
  }
  WallTime now = received_at;
  if (!plan.now.whole()) {
    const auto value = plan.now.Find(*root);
    const auto said = value ? TimeReader().Read(*value, received_at) : std::nullopt;
    now = said.value_or(received_at);
  }
  Reading reading(plan, now, own_id);
  if (!reading.ReadAll(*list)) return Err("too_many", "more items than anybody has");
  return reading.items();
}

}  // namespace trackwire::formats
