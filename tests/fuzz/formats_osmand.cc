// Whatever a device sends in the OsmAnd protocol, the report is bounded, its attributes are a flat
// JSON object, and what is said to be known is a number.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/json_scanner.h"
#include "base/text.h"
#include "formats/attribute_list.h"
#include "formats/osmand.h"

namespace {

using trackwire::Result;
using trackwire::formats::OsmandFields;
using trackwire::formats::Report;

constexpr trackwire::WallTime kNow{std::chrono::milliseconds(1'763'880'000'000)};

OsmandFields FieldsOf(std::string_view query) {
  OsmandFields fields;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
    fields.emplace_back(pair.substr(0, equals), value);
    if (auto text = trackwire::base::PercentDecode(value, true)) fields.back().second = *text;
  }
  return fields;
}

void CheckReport(const Result<Report>& report) {
  if (!report) {
    CHECK(!report.error().code.empty());
    return;
  }
  const trackwire::tracking::Fix& fix = report->fix;
  for (const auto& value : {fix.speed_mps, fix.accuracy_m, fix.course_deg, fix.battery_percent}) {
    CHECK(!value || (std::isfinite(*value) && *value >= 0));
  }
  CHECK(!fix.course_deg || *fix.course_deg < 360);
  CHECK(report->external_id.size() <= 128);
  if (fix.attributes_json.empty()) return;
  const auto object = trackwire::base::ScanJson(fix.attributes_json, 1);
  CHECK(object && object->is_object());
  trackwire::base::JsonObjectReader members(*object);
  size_t count = 0;
  while (members.Next()) ++count;
  CHECK(count >= 1 && count <= trackwire::formats::AttributeList::kMaxCount);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckReport(trackwire::formats::ReadOsmandJson(text, kNow));
  CheckReport(trackwire::formats::ReadOsmandFields(FieldsOf(text), {kNow}));
  return 0;
}
