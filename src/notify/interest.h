#pragma once

#include <optional>
#include <set>
#include <string_view>

#include "base/result.h"
#include "tracking/selection.h"

namespace trackwire::notify {

/// What one `subscribe` or `unsubscribe` names.
struct Interest {
  std::set<tracking::Id> trackers;
  std::set<tracking::Id> clients;
  std::optional<tracking::BoundingBox> box;
  bool names_box = false;  ///< the member is there, whatever its value

  bool names_nothing() const { return trackers.empty() && clients.empty() && !names_box; }
};

/// Reads the arguments of such an event, an array with one object
/// `{trackers?: [id], clients?: [id], bbox?: [west, south, east, north]}`; `null` counts as absent,
/// other members are let be. With `any_box` the value of `bbox` does not matter. Errors:
/// `invalid_request`; `too_many_subscriptions` for more than `max_ids` ids.
Result<Interest> ReadInterest(std::string_view args_json, size_t max_ids, bool any_box);

}  // namespace trackwire::notify
