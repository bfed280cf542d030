#include "api/positions_text.h"

#include <algorithm>

#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::api {
namespace {

using Past = std::vector<TrackerReader::PastPosition>;
using tracking::Motion;
using tracking::Position;

constexpr size_t kMaxNameBytes = 60;

WallTime TimeOf(const base::JsonValue& value) {
  if (!value.is_string()) return {};
  return base::ParseTime(base::DecodeJsonString(value.text)).value_or(WallTime{});
}

Motion MotionOf(const base::JsonValue& value) {
  for (const Motion motion : {Motion::kMoving, Motion::kStopped}) {
    if (value.text == "\"" + std::string(ToString(motion)) + "\"") return motion;
  }
  return Motion::kUnknown;
}

/// Takes a member that is no number; false when it is none of these.
bool TakeOther(const base::JsonMember& member, Position& position) {
  tracking::Fix& fix = position.fix;
  const base::JsonValue& value = member.value;
  if (member.KeyIs("fix_time")) {
    fix.fix_time = TimeOf(value);
  } else if (member.KeyIs("received_at")) {
    position.received_at = TimeOf(value);
  } else if (member.KeyIs("valid")) {
    fix.valid = value.type == base::JsonType::kTrue;
  } else if (member.KeyIs("motion")) {
    position.motion = MotionOf(value);
  } else if (member.KeyIs("source") && value.is_string()) {
    fix.source = base::DecodeJsonString(value.text);
  } else if (member.KeyIs("attributes")) {
    fix.attributes_json = value.text;
  } else {
    return false;
  }
  return true;
}

void TakeNumber(const base::JsonMember& member, tracking::Fix& fix) {
  const struct {
    const char* name;
    std::optional<double>* into;
  } kNumbers[] = {{"altitude", &fix.altitude_m},
                  {"accuracy", &fix.accuracy_m},
                  {"speed", &fix.speed_mps},
                  {"course", &fix.course_deg},
                  {"heading", &fix.heading_deg},
                  {"battery_level", &fix.battery_percent}};
  for (const auto& number : kNumbers) {
    if (member.KeyIs(number.name)) *number.into = base::JsonNumber(member.value);
  }
}

}  // namespace

std::string PositionsJson(const Past& past, std::string_view next) {
  std::string out = R"({"positions":[)";
  size_t size = out.size() + 64;
  for (const auto& position : past) size += position.json.size() + 1;
  out.reserve(size);
  for (const auto& position : past) {
    if (out.back() != '[') out += ',';
    out += position.json;
  }
  out += R"(],"next":)";
  if (next.empty()) return out + "null}";
  base::AppendJsonString(out, next);
  return out + "}";
}

std::optional<Position> ReadPosition(std::string_view json) {
  const auto object = base::ScanJson(json);
  if (!object || !object->is_object()) return std::nullopt;
  Position position;
  std::optional<double> latitude;
  std::optional<double> longitude;
  base::JsonObjectReader members(*object);
  while (const auto member = members.Next()) {
    if (TakeOther(*member, position) || !member->value.is_number()) continue;
    if (member->KeyIs("latitude")) latitude = base::JsonNumber(member->value);
    if (member->KeyIs("longitude")) longitude = base::JsonNumber(member->value);
    TakeNumber(*member, position.fix);
  }
  if (!latitude || !longitude || position.fix.fix_time == WallTime{}) return std::nullopt;
  position.fix.place = {*latitude, *longitude};
  return position;
}

std::string PositionsFile(const Past& past, const tracking::Tracker& tracker,
                          formats::TrackFormat format) {
  const auto writer = formats::MakeTrackWriter(format, {});
  std::string out;
  writer->Begin(out);
  writer->StartTrack(out, tracker.id, tracker.name);
  for (const auto& one : past) {
    if (const auto position = ReadPosition(one.json)) writer->Add(out, *position);
  }
  writer->End(out);
  return out;
}

std::string FileName(const tracking::Id& tracker, formats::TrackFormat format) {
  std::string name = tracker.ToText().substr(0, kMaxNameBytes);
  std::replace_if(
      name.begin(), name.end(),
      [](char c) {
        return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '-' || c == '_');
      },
      '_');
  return name + "." + formats::FileExtensionOf(format);
}

}  // namespace trackwire::api
