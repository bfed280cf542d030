#include "api/positions_query.h"

#include <algorithm>
#include <cstdlib>

#include "api/tracker_query.h"
#include "base/text.h"

namespace trackwire::api {
namespace {

using formats::TrackFormat;
using net::http::Query;

constexpr size_t kMaxPositions = 10'000;
constexpr size_t kPositions = 1'000;

Error Bad(std::string detail) { return {"invalid_request", std::move(detail)}; }

/// A plus sign that was not escaped has become a space.
std::optional<WallTime> ReadTime(std::string_view text) {
  std::string plain(text);
  std::replace(plain.begin(), plain.end(), ' ', '+');
  return base::ParseTime(plain);
}

Result<void> ReadTimes(const Query& query, store::HistoryQuery& history) {
  const auto read = [&](const char* name, auto& into) {
    const auto text = query.Find(name);
    const auto time = text ? ReadTime(*text) : std::nullopt;
    if (time) into = *time;
    return !text || time;
  };
  if (!read("from", history.from) || !read("to", history.to)) {
    return Err(Bad("from and to are times such as 2026-11-23T06:41:34Z"));
  }
  if (history.to <= history.from) return Err(Bad("to is not after from"));
  if (!read("after", history.after)) return Err(Bad("after is what an answer said as next"));
  return Ok();
}

struct MediaRange {
  std::string_view type;
  double weight = 1;
};

MediaRange ReadRange(std::string_view item) {
  const size_t semicolon = std::min(item.find(';'), item.size());
  MediaRange range{base::Trim(item.substr(0, semicolon)), 1};
  item.remove_prefix(semicolon);
  const size_t weight = item.find("q=");
  if (weight == std::string_view::npos) return range;
  const std::string digits(item.substr(weight + 2, 5));
  range.weight = std::clamp(std::strtod(digits.c_str(), nullptr), 0.0, 1.0);
  return range;
}

bool IsJson(std::string_view type) {
  return type == "*/*" || base::EqualsIgnoreCase(type, "application/*") ||
         base::EqualsIgnoreCase(type, "application/json");
}

/// The name of a type that is ours, without what stands behind it.
std::string_view TypeOf(TrackFormat format) {
  const std::string_view type = formats::ContentTypeOf(format);
  return type.substr(0, type.find(';'));
}

void AppendEscaped(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/:").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += {'%', kHex[static_cast<uint8_t>(c) >> 4], kHex[static_cast<uint8_t>(c) & 15]};
    }
  }
}

}  // namespace

std::optional<TrackFormat> FormatAccepted(std::string_view accept) {
  std::optional<TrackFormat> best;
  double weight = 0;
  while (!accept.empty()) {
    const size_t comma = std::min(accept.find(','), accept.size());
    const MediaRange range = ReadRange(accept.substr(0, comma));
    accept.remove_prefix(std::min(comma + 1, accept.size()));
    if (range.weight <= weight) continue;
    std::optional<TrackFormat> format;
    for (const auto one : {TrackFormat::kGeoJson, TrackFormat::kCsv, TrackFormat::kGpx}) {
      if (base::EqualsIgnoreCase(range.type, TypeOf(one))) format = one;
    }
    if (!format && !IsJson(range.type)) continue;
    best = format;
    weight = range.weight;
  }
  return best;
}

Result<PositionsQuery> ReadPositionsQuery(const Query& query, const net::http::Headers& headers) {
  PositionsQuery out;
  if (auto done = ReadTimes(query, out.history); !done) return Err(std::move(done.error()));
  auto limit = ReadLimit(query, kPositions, kMaxPositions);
  if (!limit) return Err(std::move(limit.error()));
  out.history.limit = *limit;
  const std::string_view order = query.Find("order").value_or("asc");
  if (order != "asc" && order != "desc") return Err(Bad("order is asc or desc"));
  out.history.newest_first = order == "desc";
  const auto format = query.Find("format");
  if (!format) {
    out.format = FormatAccepted(headers.Find("Accept").value_or(""));
  } else if (*format != "json") {
    out.format = formats::ParseTrackFormat(*format);
    if (!out.format) return Err(Bad("format is json, geojson, csv or gpx"));
  }
  return out;
}

std::string CursorOf(WallTime fix_time) { return base::FormatTime(fix_time); }

std::string TargetAfter(std::string_view path, const Query& query, std::string_view after) {
  std::string out;
  AppendEscaped(out, path);
  char separator = '?';
  const auto append = [&](std::string_view name, std::string_view value) {
    out += std::exchange(separator, '&');
    AppendEscaped(out, name);
    out += '=';
    AppendEscaped(out, value);
  };
  for (const auto& [name, value] : query.all()) {
    if (name != "after") append(name, value);
  }
  append("after", after);
  return out;
}

}  // namespace trackwire::api
