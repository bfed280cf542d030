#include "api/tracker_query.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "api/tracker_edit.h"
#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::api {
namespace {

using net::http::Query;
using tracking::Connectivity;
using tracking::Motion;

constexpr size_t kMaxSearchBytes = 256;
constexpr size_t kMaxBoxBytes = 256;
constexpr std::array<const char*, 7> kNames{"client", "connectivity", "motion", "bbox",
                                            "search", "limit",        "after"};

Error Bad(std::string detail) { return {"invalid_request", std::move(detail)}; }

Result<void> ReadStatus(const Query& query, TrackerFilter& filter) {
  if (const auto text = query.Find("connectivity")) {
    for (const auto value :
         {Connectivity::kUnknown, Connectivity::kOnline, Connectivity::kOffline}) {
      if (*text == ToString(value)) filter.connectivity = value;
    }
    if (!filter.connectivity) return Err(Bad("connectivity is online, offline or unknown"));
  }
  if (const auto text = query.Find("motion")) {
    for (const auto value : {Motion::kUnknown, Motion::kMoving, Motion::kStopped}) {
      if (*text == ToString(value)) filter.motion = value;
    }
    if (!filter.motion) return Err(Bad("motion is moving, stopped or unknown"));
  }
  return Ok();
}

Result<void> ReadBoxOf(const Query& query, TrackerFilter& filter) {
  const auto text = query.Find("bbox");
  if (!text) return Ok();
  const std::string json = "[" + std::string(text->substr(0, kMaxBoxBytes)) + "]";
  const auto value = base::ScanJson(json);
  if (!value || !value->is_array()) return Err(Bad("bbox is west,south,east,north in degrees"));
  auto box = tracking::ReadBox(*value);
  if (!box) return Err(Bad("bbox: " + box.error().detail));
  filter.box = *box;
  return Ok();
}

Result<void> ReadNames(const Query& query, TrackerQuery& out) {
  if (const auto client = query.Find("client")) {
    out.filter.client = IdsOfSegment(*client);
    if (out.filter.client.empty()) return Err(Bad("client is no id"));
  }
  if (const auto after = query.Find("after")) {
    auto ids = IdsOfSegment(*after);
    if (ids.empty()) return Err(Bad("after is no id"));
    out.after = std::move(ids.front());
  }
  if (const auto search = query.Find("search")) {
    if (search->size() > kMaxSearchBytes || !base::IsUtf8(*search)) {
      return Err(Bad("search is a text of 256 bytes at most"));
    }
    out.filter.search = *search;
  }
  return Ok();
}

}  // namespace

Result<std::optional<TrackerQuery>> ReadTrackerQuery(const Query& query) {
  const bool narrows = std::any_of(kNames.begin(), kNames.end(),
                                   [&](const char* name) { return query.Find(name).has_value(); });
  if (!narrows) return std::optional<TrackerQuery>();
  TrackerQuery out;
  if (auto done = ReadStatus(query, out.filter); !done) return Err(std::move(done.error()));
  if (auto done = ReadBoxOf(query, out.filter); !done) return Err(std::move(done.error()));
  if (auto done = ReadNames(query, out); !done) return Err(std::move(done.error()));
  if (auto limit = ReadLimit(query, out.limit, TrackerReader::kMaxTrackers)) {
    out.limit = *limit;
  } else {
    return Err(std::move(limit.error()));
  }
  return std::optional(std::move(out));
}

Result<size_t> ReadLimit(const Query& query, size_t fallback, size_t max) {
  const auto text = query.Find("limit");
  if (!text) return fallback;
  size_t limit = 0;
  const char* end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, limit);
  if (error == std::errc() && rest == end && limit >= 1 && limit <= max) return limit;
  return Err(Bad("limit is a number from 1 to " + std::to_string(max)));
}

}  // namespace trackwire::api
