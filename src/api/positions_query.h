#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "formats/track_writer.h"
#include "net/http/message.h"
#include "store/history.h"

namespace trackwire::api {

/// Which part of a history is asked for, and in what form.
struct PositionsQuery {
  store::HistoryQuery history;                  ///< without its tracker
  std::optional<formats::TrackFormat> format;   ///< nothing: JSON
};

/// Reads `from`, `to` (RFC 3339; from <= fix time < to), `limit` (1 to 10,000; else 1,000),
/// `order=asc|desc`, `after` (CursorOf()) and `format=json|geojson|csv|gpx`, or, without it, Accept.
/// Who accepts none of them gets JSON. Error: `invalid_request`.
Result<PositionsQuery> ReadPositionsQuery(const net::http::Query& query,
                                          const net::http::Headers& headers);

/// What a page goes on after.
std::string CursorOf(WallTime fix_time);

/// The target of a request for what follows: `path` and `query`, with another `after`.
std::string TargetAfter(std::string_view path, const net::http::Query& query,
                        std::string_view after);

/// The form that an Accept header likes best; nothing for JSON. Of those it likes equally the first
/// that it names. Spec: RFC 9110 section 12.5.1.
std::optional<formats::TrackFormat> FormatAccepted(std::string_view accept);

}  // namespace trackwire::api
