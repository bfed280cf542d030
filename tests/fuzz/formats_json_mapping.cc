// Two parts divided by the first line end: the first chooses and changes a mapping, the second is a
// document. What is read of it is in range.
#include "formats/json_mapping.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/fuzz/formats_reports.h"

using namespace trackwire;           // NOLINT
using namespace trackwire::formats;  // NOLINT

namespace {

/// `preset;field=value;field=value`
JsonMapping MappingOf(std::string_view text) {
  const auto next = [&text] {
    const size_t end = std::min(text.find(';'), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), end + 1));
    return part;
  };
  JsonMapping mapping = JsonMappingPreset(next()).value_or(JsonMapping());
  while (!text.empty()) {
    const std::string_view part = next();
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view field = part.substr(0, equals);
    const std::string value(part.substr(equals + 1));
    if (field == "items") mapping.items = value;
    if (field == "id") mapping.id = value;
    if (field == "lat") mapping.latitude = value;
    if (field == "lon") mapping.longitude = value;
    if (field == "point") mapping.point = value;
    if (field == "form") mapping.point_form = PointFormOf(value).value_or(PointForm::kLatLon);
    if (field == "time") mapping.time = value;
    if (field == "times") mapping.time_form = TimeFormOf(value).value_or(TimeForm::kAuto);
    if (field == "pattern") mapping.time_pattern = value;
    if (field == "now") mapping.now = value;
    if (field == "speed") mapping.speed = value;
    if (field == "battery") mapping.battery = value;
    if (field == "unknown") mapping.unknown.push_back(value);
    if (field == "filter") mapping.filter.push_back(value);
    if (field == "attribute") mapping.attributes.emplace_back("attribute", value);
  }
  return mapping;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t line = std::min(text.find('\n'), text.size());
  const auto mapper = JsonMapper::Make(MappingOf(text.substr(0, line)));
  if (!mapper) {
    CHECK(mapper.error().code == "bad_mapping" && !mapper.error().detail.empty());
    return 0;
  }
  const auto items = mapper->Read(text.substr(std::min(size, line + 1)),
                                  WallTime(std::chrono::seconds(1'800'000'000)));
  if (!items) return 0;
  CHECK((items->bad == 0) == items->first_error.empty());
  for (const Report& report : items->reports) {
    CheckReport(report);
    CHECK(!report.external_id.empty());
  }
  return 0;
}
