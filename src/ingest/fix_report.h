#pragma once

#include "base/clock.h"
#include "tracking/position.h"

namespace trackwire::ingest {

/// What somebody says of a tracker: a device of itself, or a provider of one of its own.
struct FixReport {
  tracking::Id tracker_id;
  tracking::Fix fix;
  WallTime received_at{};  ///< the epoch: when it is taken
  /// By the tracker itself: any word from it is a contact. A provider may say the same for days, so
  /// of what it says only a newer fix is one, unless that is old already.
  bool pushed = false;
  bool has_place = true;   ///< false: a sign of life; the place and time of `fix` say nothing
  bool is_ping = false;    ///< a sign of life if its place is the one of the fix before
};

}  // namespace trackwire::ingest
