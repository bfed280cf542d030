#include "tracking/status_tracker.h"

#include <algorithm>

namespace trackwire::tracking {

StatusTracker::StatusTracker(const TrackerState& state, const StatusOptions& options,
                             WallTime started_at)
    : id_(state.tracker.id),
      options_(options),
      offline_after_(state.tracker.offline_after),
      status_(state.status),
      last_seen_at_(state.last_seen_at),
      listening_since_(started_at) {
  // Heard before and yet unknown: its provider was down when this was stored.
  provider_reachable_ = status_.connectivity != Connectivity::kUnknown || !was_heard();
  if (state.latest) anchor_ = previous_ = state.latest->fix;
}

WallTime StatusTracker::heard_at() const { return std::max(last_seen_at_, listening_since_); }

std::optional<WallTime> StatusTracker::due() const {
  const bool waits_for_word =
      status_.connectivity == Connectivity::kUnknown && provider_reachable_ && was_heard();
  if (status_.connectivity != Connectivity::kOnline && !waits_for_word) return std::nullopt;
  return heard_at() + offline_after_;
}

void StatusTracker::SetConnectivity(Connectivity next, const char* reason, WallTime since,
                                    WallTime now, Changes& changes) {
  if (next == status_.connectivity) return;
  // Each begins later than the one before, however fast they follow and whatever the clock does: by
  // that readers tell the newer one, and two changes apart.
  since = std::max(since, status_.connectivity_since + std::chrono::milliseconds(1));
  changes.push_back({id_, false, ToString(next), ToString(status_.connectivity), reason, since,
                     now, status_.connectivity_since});
  status_.connectivity = next;
  status_.connectivity_since = since;
}

void StatusTracker::SetMotion(Motion next, WallTime since, WallTime now, Changes& changes) {
  if (next == status_.motion) return;
  changes.push_back({id_, true, ToString(next), ToString(status_.motion), "motion", since, now,
                     status_.motion_since});
  status_.motion = next;
  status_.motion_since = since;
}

StatusTracker::Changes StatusTracker::OnContact(WallTime at, WallTime now) {
  Changes changes;
  at = std::min(at, now);
  last_seen_at_ = std::max(last_seen_at_, at);
  if (now - at >= offline_after_ || IsGoneSince(at)) return changes;
  gone_at_.reset();
  // Who reports is reachable, whatever its provider was thought to be.
  provider_reachable_ = true;
  SetConnectivity(Connectivity::kOnline, "contact", now, now, changes);
  return changes;
}

StatusTracker::Changes StatusTracker::OnFix(const Fix& fix, WallTime at, WallTime now) {
  Changes changes = OnContact(at, now);
  UpdateMotion(fix, now, changes);
  previous_ = fix;
  return changes;
}

StatusTracker::Changes StatusTracker::OnLastWill(WallTime at, WallTime now) {
  Changes changes;
  gone_at_ = std::min(at, now);
  // Nobody can tell while the provider is away, and this may be what it said long ago.
  if (!provider_reachable_) return changes;
  SetConnectivity(Connectivity::kOffline, "last_will", *gone_at_, now, changes);
  return changes;
}

StatusTracker::Changes StatusTracker::OnTime(WallTime now) {
  Changes changes;
  const auto due_at = due();
  if (due_at && now >= *due_at) {
    SetConnectivity(Connectivity::kOffline, "timeout", now, now, changes);
  }
  return changes;
}

StatusTracker::Changes StatusTracker::OnProvider(bool reachable, WallTime now) {
  Changes changes;
  if (reachable == provider_reachable_) return changes;
  provider_reachable_ = reachable;
  if (!reachable) {
    SetConnectivity(Connectivity::kUnknown, "provider_down", now, now, changes);
    return changes;
  }
  listening_since_ = std::max(listening_since_, now);
  if (gone_at_) {
    SetConnectivity(Connectivity::kOffline, "last_will", *gone_at_, now, changes);
    return changes;
  }
  if (was_heard() && now - last_seen_at_ < offline_after_) {
    SetConnectivity(Connectivity::kOnline, "contact", now, now, changes);
  }
  return changes;
}

bool StatusTracker::HasShifted(const Fix& fix) const {
  if (!anchor_ || !previous_) return false;
  const double noise = anchor_->accuracy_m.value_or(0) + fix.accuracy_m.value_or(0);
  const double shift = DistanceM(anchor_->place, fix.place);
  if (shift <= std::max(options_.moving_distance_m, noise)) return false;
  // A vessel that swings at anchor shifts too, but slowly.
  const double step = DistanceM(previous_->place, fix.place);
  const double seconds = std::chrono::duration<double>(fix.fix_time - previous_->fix_time).count();
  return seconds > 0 && step / seconds >= options_.moving_speed_mps;
}

void StatusTracker::UpdateMotion(const Fix& fix, WallTime now, Changes& changes) {
  const bool shifted = HasShifted(fix);
  const double speed = fix.speed_mps.value_or(0);
  const double threshold = status_.motion == Motion::kMoving ? options_.stopped_speed_mps
                                                             : options_.moving_speed_mps;
  const bool moves = shifted || (fix.speed_mps && speed >= threshold);
  if (moves) {
    still_since_.reset();
    if (!moves_since_) moves_since_ = fix.fix_time;
    const bool long_enough = fix.fix_time - *moves_since_ >= options_.enter_after;
    const bool first_word = status_.motion == Motion::kUnknown && fix.speed_mps.has_value();
    if (shifted || long_enough || first_word) {
      SetMotion(Motion::kMoving, *moves_since_, now, changes);
      anchor_ = fix;
    }
    return;
  }
  moves_since_.reset();
  if (!still_since_) still_since_ = fix.fix_time;
  if (!anchor_ || status_.motion == Motion::kMoving) anchor_ = fix;
  const bool long_enough = fix.fix_time - *still_since_ >= options_.leave_after;
  const bool first_word = status_.motion == Motion::kUnknown && fix.speed_mps.has_value();
  if (long_enough || first_word) {
    if (status_.motion != Motion::kStopped) anchor_ = fix;
    SetMotion(Motion::kStopped, *still_since_, now, changes);
  }
}

}  // namespace trackwire::tracking
