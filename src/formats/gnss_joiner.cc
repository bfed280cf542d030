#include "formats/gnss_joiner.h"

#include <utility>

#include "base/json_scanner.h"
#include "formats/fields.h"

namespace trackwire::formats {
namespace {

using namespace std::chrono_literals;

/// The week number of GPS has ten bits.
constexpr std::chrono::milliseconds kTurn = std::chrono::weeks(1024);
/// A step back by nearly that much within a file is a turn.
constexpr std::chrono::milliseconds kNearlyATurn = std::chrono::weeks(1016);

std::string AttributesOf(const std::optional<double>& hdop,
                         const std::optional<double>& satellites) {
  std::string out;
  const auto add = [&out](const char* key, const std::optional<double>& value) {
    if (!value || *value < 0) return;
    out += out.empty() ? "{\"" : ",\"";
    out += std::string(key) + "\":";
    base::AppendJsonNumber(out, *value);
  };
  add("hdop", hdop);
  add("satellites", satellites);
  return out.empty() ? out : out + "}";
}

}  // namespace

GnssJoiner::GnssJoiner(std::optional<WallTime> start, WallTime not_before)
    : not_before_(not_before) {
  if (!start) return;
  date_ = std::chrono::floor<std::chrono::days>(*start);
  last_time_of_day_ = *start - *date_;
}

bool GnssJoiner::Take(const NmeaSentence& sentence, uint64_t line, ReadPoints& out) {
  const std::string_view type = sentence.type();
  const bool rmc = type == "RMC";
  const bool gga = type == "GGA";
  if (!rmc && !gga && type != "ZDA") return false;
  const auto time = NmeaTimeOfDay(sentence.field(0));
  if (!time) {
    // Receivers that have not heard a satellite yet know no time.
    out.bad.push_back({sentence.field(0).empty() ? "no_fix" : "bad_time", line});
    return true;
  }
  const bool again = moment_ && ((rmc && moment_->has_rmc) || (gga && moment_->has_gga));
  if (moment_ && (moment_->time_of_day != *time || again)) Flush(out);
  if (!rmc && !gga) {
    TakeZda(sentence);
    return true;
  }
  if (!moment_) {
    moment_.emplace();
    moment_->time_of_day = *time;
    moment_->line = line;
  }
  if (rmc) {
    TakeRmc(sentence);
  } else {
    TakeGga(sentence);
  }
  return true;
}

void GnssJoiner::Locate(const NmeaSentence& sentence, size_t first_field) {
  const std::string_view north = sentence.field(first_field + 1);
  const std::string_view east = sentence.field(first_field + 3);
  // The other way round they would be read as degrees as well, and put it somewhere else.
  if ((north != "N" && north != "S") || (east != "E" && east != "W")) return;
  const auto latitude = NmeaDegrees(sentence.field(first_field), north);
  const auto longitude = NmeaDegrees(sentence.field(first_field + 2), east);
  if (!latitude || !longitude) return;
  moment_->latitude = latitude;
  moment_->longitude = longitude;
}

void GnssJoiner::TakeRmc(const NmeaSentence& sentence) {
  Moment& moment = *moment_;
  moment.has_rmc = true;
  const std::string_view mode = sentence.field(11);
  moment.received = moment.received && sentence.field(1) == "A" && mode != "N";
  moment.measured = moment.measured && mode != "E" && mode != "M" && mode != "S";
  Locate(sentence, 2);
  if (const auto knots = ParseNumber(sentence.field(6))) {
    moment.speed_mps = Speed(MetresPerSecond(*knots, SpeedUnit::kKnots));
  }
  moment.course_deg = Angle(ParseNumber(sentence.field(7)));
  moment.date = NmeaDate(sentence.field(8));
}

void GnssJoiner::TakeGga(const NmeaSentence& sentence) {
  Moment& moment = *moment_;
  moment.has_gga = true;
  const std::string_view quality = sentence.field(5);
  moment.received = moment.received && !quality.empty() && quality != "0";
  moment.measured = moment.measured && quality != "6" && quality != "7" && quality != "8";
  // Where both say the place, that of RMC belongs to the speed.
  if (!moment.has_rmc || !moment.latitude) Locate(sentence, 1);
  moment.satellites = ParseNumber(sentence.field(6));
  moment.hdop = ParseNumber(sentence.field(7));
  if (sentence.field(9) == "M") moment.altitude_m = Altitude(ParseNumber(sentence.field(8)));
}

void GnssJoiner::TakeZda(const NmeaSentence& sentence) {
  const std::string_view year = sentence.field(3);
  if (year.size() != 4) return;
  const auto date = NmeaDate(std::string(sentence.field(1)) + std::string(sentence.field(2)) +
                             std::string(year.substr(2)));
  if (!date) return;
  date_ = date;
  last_time_of_day_ = NmeaTimeOfDay(sentence.field(0)).value_or(0ms);
}

WallTime GnssJoiner::Unturned(WallTime time) {
  const WallTime said = time;
  while (time < not_before_) time += kTurn;
  while (now_ && *now_ - time > kNearlyATurn) time += kTurn;
  if (time != said) ++moved_;
  return time;
}

std::optional<WallTime> GnssJoiner::TimeOf(const Moment& moment) {
  if (moment.date) {
    date_ = moment.date;
  } else if (date_ && last_time_of_day_ - moment.time_of_day > 12h) {
    *date_ += std::chrono::days(1);
  } else if (now_ && date_ && moment.time_of_day - last_time_of_day_ > 12h) {
    *date_ -= std::chrono::days(1);
  }
  last_time_of_day_ = moment.time_of_day;
  if (!date_) return std::nullopt;
  const WallTime time = Unturned(*date_ + moment.time_of_day);
  now_ = time;
  return time;
}

void GnssJoiner::Flush(ReadPoints& out) {
  if (!moment_) return;
  const Moment moment = std::move(*moment_);
  moment_.reset();
  const auto time = TimeOf(moment);
  if (!moment.received) {
    lost_ = true;
    out.bad.push_back({"no_fix", moment.line});
    return;
  }
  if (!moment.latitude || !moment.longitude) {
    out.bad.push_back({"bad_coordinates", moment.line});
    return;
  }
  if (std::exchange(lost_, false)) ++segment_;
  FilePoint point;
  point.segment = segment_;
  point.has_time = time.has_value();
  tracking::Fix& fix = point.report.fix;
  if (time) fix.fix_time = *time;
  fix.place = {*moment.latitude, *moment.longitude};
  fix.speed_mps = moment.speed_mps;
  fix.course_deg = moment.course_deg;
  fix.altitude_m = moment.altitude_m;
  fix.valid = moment.measured;
  fix.attributes_json = AttributesOf(moment.hdop, moment.satellites);
  out.points.push_back(std::move(point));
}

}  // namespace trackwire::formats
