#include "ingest/report_codec.h"

#include <array>
#include <optional>

#include "base/json_scanner.h"

namespace trackwire::ingest {
namespace {

using base::JsonValue;
using std::chrono::milliseconds;
using tracking::Fix;

struct Measure {
  const char* name;
  std::optional<double> Fix::*member;
};
constexpr std::array<Measure, 6> kMeasures{{{"altitude", &Fix::altitude_m},
                                            {"accuracy", &Fix::accuracy_m},
                                            {"speed", &Fix::speed_mps},
                                            {"course", &Fix::course_deg},
                                            {"heading", &Fix::heading_deg},
                                            {"battery", &Fix::battery_percent}}};

void AppendMillis(std::string& out, const char* name, WallTime time) {
  out += std::string(",\"") + name + "\":" + std::to_string(time.time_since_epoch().count());
}

void AppendNumber(std::string& out, const char* name, double value) {
  out += std::string(",\"") + name + "\":";
  base::AppendJsonNumber(out, value);
}

void AppendReport(std::string& out, const FixReport& report) {
  const Fix& fix = report.fix;
  out += "{\"tracker\":" + report.tracker_id.ToJson();
  AppendMillis(out, "received_at", report.received_at);
  AppendMillis(out, "fix_time", fix.fix_time);
  if (report.has_place) {
    AppendNumber(out, "latitude", fix.place.latitude);
    AppendNumber(out, "longitude", fix.place.longitude);
  }
  for (const Measure& measure : kMeasures) {
    if (fix.*measure.member) AppendNumber(out, measure.name, *(fix.*measure.member));
  }
  if (fix.valid) out += std::string(",\"valid\":") + (*fix.valid ? "true" : "false");
  if (report.is_ping) out += ",\"ping\":true";
  if (report.last_will) out += ",\"last_will\":true";
  out += ",\"source\":";
  base::AppendJsonString(out, fix.source);
  if (!fix.attributes_json.empty()) out += ",\"attributes\":" + fix.attributes_json;
  out += '}';
}

std::optional<double> NumberMember(JsonValue object, std::string_view name) {
  const auto member = base::FindMember(object, name);
  if (!member || !member->is_number()) return std::nullopt;
  return base::JsonNumber(*member);
}

std::optional<WallTime> MillisMember(JsonValue object, std::string_view name) {
  const auto member = base::FindMember(object, name);
  const auto number =
      member && member->is_number() ? base::JsonInteger(*member) : std::nullopt;
  if (!number) return std::nullopt;
  return WallTime(milliseconds(*number));
}

bool IsTrue(const std::optional<JsonValue>& value) {
  return value && value->type == base::JsonType::kTrue;
}

std::optional<FixReport> ReadReport(JsonValue object) {
  const auto tracker = base::FindMember(object, "tracker");
  const auto id = tracker ? tracking::Id::FromJson(tracker->text) : std::nullopt;
  const auto received_at = MillisMember(object, "received_at");
  const auto fix_time = MillisMember(object, "fix_time");
  if (!id || !received_at || !fix_time) return std::nullopt;
  FixReport report;
  report.tracker_id = *id;
  report.received_at = *received_at;
  report.pushed = true;
  report.is_ping = IsTrue(base::FindMember(object, "ping"));
  report.last_will = IsTrue(base::FindMember(object, "last_will"));
  Fix& fix = report.fix;
  fix.fix_time = *fix_time;
  const auto latitude = NumberMember(object, "latitude");
  const auto longitude = NumberMember(object, "longitude");
  report.has_place = latitude && longitude;
  if (report.has_place) fix.place = {*latitude, *longitude};
  for (const Measure& measure : kMeasures) fix.*measure.member = NumberMember(object, measure.name);
  if (const auto valid = base::FindMember(object, "valid")) fix.valid = IsTrue(valid);
  const auto source = base::FindMember(object, "source");
  if (source && source->is_string()) fix.source = base::DecodeJsonString(source->text);
  const auto attributes = base::FindMember(object, "attributes");
  if (attributes && attributes->is_object()) fix.attributes_json = attributes->text;
  return report;
}

}  // namespace

std::string EncodeReports(const std::vector<FixReport>& reports) {
  std::string out = "[";
  for (const FixReport& report : reports) {
    if (out.size() > 1) out += ',';
    AppendReport(out, report);
  }
  return out + ']';
}

Result<std::vector<FixReport>> DecodeReports(std::string_view json) {
  const auto array = base::ScanJson(json);
  if (!array) return Err("bad_json", base::ToString(array.error()));
  if (!array->is_array()) return Err("bad_report", "not an array");
  std::vector<FixReport> reports;
  base::JsonArrayReader elements(*array);
  while (const auto element = elements.Next()) {
    auto report = element->is_object() ? ReadReport(*element) : std::nullopt;
    if (!report) return Err("bad_report", "element " + std::to_string(reports.size()));
    reports.push_back(std::move(*report));
  }
  return reports;
}

}  // namespace trackwire::ingest
