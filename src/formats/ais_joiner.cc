#include "formats/ais_joiner.h"

#include <array>
#include <cstdio>

#include "formats/ais_names.h"

namespace trackwire::formats {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kPatience = 30s;
constexpr uint64_t kPatienceSentences = 500;

/// One digit from `least` to 9.
std::optional<int> Digit(std::string_view text, int least) {
  if (text.size() != 1 || text[0] < '0' + least || text[0] > '9') return std::nullopt;
  return text[0] - '0';
}

std::string MmsiText(uint32_t mmsi) {
  std::array<char, 16> text;
  std::snprintf(text.data(), text.size(), "%09u", mmsi);
  return text.data();
}

FilePoint PointOf(const AisMessage& message) {
  FilePoint point;
  Report& report = point.report;
  report.external_id = MmsiText(message.mmsi);
  report.name = VesselName(message.name);
  if (message.ship_type) report.category = AisCategory(*message.ship_type);
  if (message.type == 9) report.category = "aircraft";
  report.has_place = message.latitude.has_value() && message.longitude.has_value();
  tracking::Fix& fix = report.fix;
  if (report.has_place) fix.place = {*message.latitude, *message.longitude};
  fix.speed_mps = message.speed_mps;
  fix.course_deg = message.course_deg;
  fix.heading_deg = message.heading_deg;
  fix.altitude_m = message.altitude_m;
  fix.accuracy_m = message.accuracy_m;
  point.call_sign = message.call_sign;
  if (message.imo != 0) point.imo = std::to_string(message.imo);
  point.length_m = message.length_m;
  return point;
}

}  // namespace

bool AisJoiner::Take(const NmeaSentence& sentence, uint64_t line,
                     std::optional<WallTime> received_at, ReadPoints& out) {
  const std::string_view type = sentence.type();
  if (type != "VDM" && type != "VDO") return false;
  ++sentences_;
  Expire(received_at, out);
  const auto total = Digit(sentence.field(0), 1);
  const auto part = Digit(sentence.field(1), 1);
  if (!total || !part || *part > *total) {
    out.bad.push_back({"ais_bad_parts", line});
  } else if (*total == 1) {
    Decode(sentence.field(4), sentence.field(5), line, received_at, out);
  } else {
    TakePart(sentence, *total, *part, line, received_at, out);
  }
  return true;
}

void AisJoiner::TakePart(const NmeaSentence& sentence, int total, int part, uint64_t line,
                         std::optional<WallTime> received_at, ReadPoints& out) {
  const std::string_view channel = sentence.field(3);
  const auto sequence = Digit(sentence.field(2), 0);
  const bool known = channel == "A" || channel == "B" || channel == "1" || channel == "2";
  const Key key{static_cast<char>(sequence.value_or(-1)), known ? channel[0] : ' '};
  auto found = waiting_.find(key);
  if (part == 1) {
    if (found != waiting_.end()) out.bad.push_back({"ais_incomplete", found->second.line});
    waiting_[key] = {total, 2, std::string(sentence.field(4)), line, sentences_, received_at};
    return;
  }
  if (found == waiting_.end() || found->second.next != part || found->second.total != total) {
    if (found != waiting_.end()) waiting_.erase(found);
    out.bad.push_back({"ais_bad_parts", line});
    return;
  }
  Parts& parts = found->second;
  parts.payload += sentence.field(4);
  if (parts.next++ < total) return;
  const Parts whole = std::move(parts);
  waiting_.erase(found);
  Decode(whole.payload, sentence.field(5), whole.line,
         received_at ? received_at : whole.received_at, out);
}

void AisJoiner::Expire(std::optional<WallTime> now, ReadPoints& out) {
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    const Parts& parts = it->second;
    const bool late = now && parts.received_at && *now - *parts.received_at > kPatience;
    if (late || sentences_ - parts.sentence > kPatienceSentences) {
      out.bad.push_back({"ais_incomplete", parts.line});
      it = waiting_.erase(it);
    } else {
      ++it;
    }
  }
}

void AisJoiner::Finish(ReadPoints& out) {
  for (const auto& [key, parts] : waiting_) out.bad.push_back({"ais_incomplete", parts.line});
  waiting_.clear();
}

std::optional<WallTime> AisJoiner::TimeOf(const AisMessage& message,
                                          std::optional<WallTime> received_at) {
  const auto minute = [](WallTime time) { return std::chrono::floor<std::chrono::minutes>(time); };
  if (received_at) {
    if (!message.second) return received_at;
    const WallTime time = minute(*received_at) + std::chrono::seconds(*message.second);
    return time > *received_at ? time - 1min : time;
  }
  if (!counted_ || !message.second) return counted_;
  WallTime time = minute(*counted_) + std::chrono::seconds(*message.second);
  // Whichever minute is nearer: messages come a few seconds late, too.
  if (time < *counted_ - 30s) time += 1min;
  if (time > *counted_ + 30s) time -= 1min;
  counted_ = std::max(*counted_, time);
  return time;
}

void AisJoiner::Decode(std::string_view payload, std::string_view fill, uint64_t line,
                       std::optional<WallTime> received_at, ReadPoints& out) {
  const auto fill_bits = fill.empty() ? std::optional<int>(0) : Digit(fill, 0);
  const auto message = DecodeAis(payload, fill_bits.value_or(-1));
  if (!message) {
    out.bad.push_back({ToString(message.error()), line});
    return;
  }
  FilePoint point = PointOf(*message);
  const auto time = TimeOf(*message, received_at);
  point.has_time = time.has_value();
  if (time) point.report.fix.fix_time = *time;
  out.points.push_back(std::move(point));
}

}  // namespace trackwire::formats
