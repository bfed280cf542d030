#pragma once

#include <string_view>

#include "base/result.h"
#include "tracking/tracker.h"

namespace trackwire::ingest {

/// The provider of trackers that report themselves.
inline constexpr const char* kPushProvider = "push";
/// The provider of trackers that are known from notifications of others. They are looked after by
/// whoever looks after those that push; their status is for those others to tell.
inline constexpr const char* kToldProvider = "notifications";

/// What can be said of trackers and clients, wherever it comes from: sizes, ranges, characters.
/// Error: `invalid`; the detail names the field and what it may be. Any thread.
Result<void> CheckTracker(const tracking::Tracker& tracker);
Result<void> CheckEdit(const tracking::TrackerEdit& edit);
Result<void> CheckClient(const tracking::Client& client);

}  // namespace trackwire::ingest
