#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "tracking/position.h"

namespace trackwire::ingest {

/// What became of a fix: news, older than what is known, known already, a sign of life alone, or a
/// last will.
enum class FixOutcome { kAccepted, kLate, kDuplicate, kContact, kLastWill };

/// The update request that a fix answers.
struct FixAnswer {
  std::string request_id;  ///< stands in the notification
  /// On the intake's thread, when the fix is stored and its notification handed over; not called
  /// when the intake refuses the whole batch. Errors: those of CheckFix(), `unknown_tracker` and
  /// `other_provider`.
  std::function<void(const Result<FixOutcome>&)> done;
};

/// What somebody says of a tracker: a device of itself, or a provider of one of its own.
struct FixReport {
  tracking::Id tracker_id;
  tracking::Fix fix;
  std::shared_ptr<const FixAnswer> answer = {};  ///< none: nobody has asked for it
  WallTime received_at{};  ///< the epoch: when it is taken
  /// By the tracker itself: any word from it is a contact. A provider may say the same for days, so
  /// of what it says only a newer fix is one, unless that is old already.
  bool pushed = false;
  bool has_place = true;   ///< false: a sign of life; the place and time of `fix` say nothing
  bool is_ping = false;    ///< a sign of life if its place is the one of the fix before
  /// Not by the tracker but by who kept the line with it: the tracker is gone, as of the `fix_time`
  /// (the epoch: as of `received_at`). Has no place.
  bool last_will = false;
  /// It stands in a notification that somebody else has made: it is stored and not told again.
  bool told = false;
  tracking::Motion told_motion = tracking::Motion::kUnknown;
};

}  // namespace trackwire::ingest
