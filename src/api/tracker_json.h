#pragma once

#include <string>

#include "api/tracker_reader.h"
#include "notify/view.h"

namespace trackwire::api {

/// A tracker as the page's snapshot has it, `{"id","name","category","client_id"?,"attributes"?,
/// "status","position"?}`, with `last_seen_at` and `freshness` where they are known, and for admins
/// `public`, `provider`, `offline_after` and `expected_interval` (seconds; none: as its provider is
/// asked) too. The key that its provider knows
/// it by is never told. What the people of `view` may not see is left out.
std::string TrackerJson(const TrackerView& tracker, bool for_admin, const notify::Views& views,
                        notify::View view);

/// `{"offset","server_time","clients","trackers","next"}`: the clients are those of the trackers.
/// `next` is the id to go on after, as JSON in a text, or null.
std::string TrackerPageJson(const TrackerPage& page, WallTime now, bool for_admin,
                            const notify::Views& views, notify::View view);

}  // namespace trackwire::api
