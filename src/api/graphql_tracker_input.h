#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "base/result.h"
#include "tracking/tracker.h"

namespace trackwire::api {

/// What `CreateTrackerInput` says, but for the client. Error `bad_argument`.
Result<tracking::Tracker> ReadCreateTracker(const boost::json::object& input);
/// What `UpdateTrackerInput` says, but for the client. Error `bad_argument`.
Result<tracking::TrackerEdit> ReadUpdateTracker(const boost::json::object& input);
/// What `CreateClientInput` says. Error `bad_argument`.
Result<tracking::Client> ReadCreateClient(const boost::json::object& input);
/// The member `name` of an input, of 1 to 256 bytes. Error `bad_argument`.
Result<std::string> ReadName(const boost::json::object& input);
/// A member that was given and is a text.
std::optional<std::string> TextIn(const boost::json::object& input, const char* name);

}  // namespace trackwire::api
