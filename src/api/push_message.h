#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "ingest/fix_report.h"
#include "net/http/message.h"

namespace trackwire::api {

/// What a device says of itself in one request.
struct PushMessage {
  /// What it calls itself, any of which may be the tracker's id or external id; empty: it does not.
  std::vector<std::string> names;
  std::vector<ingest::FixReport> reports;  ///< without `tracker_id`
};

/// Reads a request of the OsmAnd protocol: query, form or JSON by `Content-Type`.
/// Errors: `bad_json`, `bad_message`, `too_many_fields`.
Result<PushMessage> ReadOsmandRequest(const net::http::Request& request, std::string_view body,
                                      double speed_unit_mps, WallTime now);

/// Reads what OwnTracks posts, or an array of such messages of one device; nothing to report for
/// kinds that say neither a place nor a sign of life.
/// Errors: `bad_json`, `bad_message`, `encrypted`, `too_many`.
Result<PushMessage> ReadOwntracksRequest(const net::http::Request& request, std::string_view body,
                                         WallTime now);

/// The token that a device presents, wherever its format lets it: path segment after `prefix`, query
/// `token`, password of Basic, Bearer; empty when there is none.
std::string PushTokenOf(const net::http::Request& request, std::string_view prefix);

/// Whether the body is called JSON.
bool IsJsonRequest(const net::http::Request& request);

}  // namespace trackwire::api
