#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "tracking/tracker.h"

namespace trackwire::api {

/// A tracker as admins write it: `{"id": id, "name"?: string, "category"?: string,
/// "client_id"?: id|null, "public"?: bool, "provider"?: string, "external_id"?: string,
/// "offline_after"?: seconds, "expected_interval"?: seconds}`. Types alone are looked at here; what
/// values may be is ingest::TrackerAdmin's. Error: `invalid_request`.
Result<tracking::Tracker> ReadTracker(std::string_view body);
/// The same members without `id`, at least one.
Result<tracking::TrackerEdit> ReadTrackerEdit(std::string_view body);
/// `{"id": id, "name"?: string}`.
Result<tracking::Client> ReadClient(std::string_view body);
/// `{"name": string}`.
Result<std::string> ReadClientName(std::string_view body);

/// As answers to those who write them have it: all but what never leaves the server.
std::string ToAdminJson(const tracking::Tracker& tracker);
std::string ToJson(const tracking::Client& client);

}  // namespace trackwire::api
