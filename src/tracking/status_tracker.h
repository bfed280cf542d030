#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "tracking/tracker.h"

namespace trackwire::tracking {

/// When a tracker counts as moving. Entering takes little time or a clear distance, leaving takes
/// longer, and between the two speeds the status stays as it is.
struct StatusOptions {
  double moving_speed_mps = 0.8;   ///< at least this: moves
  double stopped_speed_mps = 0.4;  ///< below this: stands still
  double moving_distance_m = 50;   ///< a shift of this much, less than both accuracies, is noise
  std::chrono::milliseconds enter_after = std::chrono::seconds(10);  ///< of movement by speed
  std::chrono::milliseconds leave_after = std::chrono::minutes(2);   ///< of standing still
};

/// Derives the status of one tracker from its fixes and its silence, without I/O.
///
/// Each change is returned exactly once. Thread-compatible.
class StatusTracker {
 public:
  using Changes = std::vector<StatusChange>;

  /// Continues from `state`, so that a restart repeats nothing. `started_at` bounds the silence
  /// that counts: what was not listened to was not silence.
  StatusTracker(const TrackerState& state, const StatusOptions& options, WallTime started_at);

  /// Any contact at `at`, of which is heard `now`; a fix is one too. One so long ago that silence
  /// since would count says nothing of now.
  Changes OnContact(WallTime at, WallTime now);
  Changes OnContact(WallTime now) { return OnContact(now, now); }
  /// A fix newer than the ones before, a contact at `at`.
  Changes OnFix(const Fix& fix, WallTime at, WallTime now);
  Changes OnFix(const Fix& fix, WallTime now) { return OnFix(fix, now, now); }
  /// Others say that it is gone since `at`: it is offline at once, until a contact after that. How
  /// it moves stays as it was.
  Changes OnLastWill(WallTime at, WallTime now);
  /// Whether what was said at `at` lies before the last will that holds.
  bool IsGoneSince(WallTime at) const { return gone_at_ && at < *gone_at_; }
  /// Looks at the silence so far.
  Changes OnTime(WallTime now);
  /// The provider cannot be reached (status unknown) or can again: who was heard a moment ago is
  /// online, the others are unknown until they are heard or have been silent for long enough, to
  /// which the time without the provider does not count.
  Changes OnProvider(bool reachable, WallTime now);

  void set_offline_after(std::chrono::seconds after) { offline_after_ = after; }
  const Status& status() const { return status_; }
  WallTime last_seen_at() const { return last_seen_at_; }
  /// When OnTime() has to look; nothing while no silence can change the status.
  std::optional<WallTime> due() const;

 private:
  void SetConnectivity(Connectivity next, const char* reason, WallTime since, WallTime now,
                       Changes& changes);
  void SetMotion(Motion next, WallTime since, WallTime now, Changes& changes);
  void UpdateMotion(const Fix& fix, WallTime now, Changes& changes);
  bool HasShifted(const Fix& fix) const;
  WallTime heard_at() const;
  bool was_heard() const { return last_seen_at_ != WallTime{}; }

  Id id_;
  const StatusOptions& options_;
  std::chrono::seconds offline_after_;
  Status status_;
  WallTime last_seen_at_;
  WallTime listening_since_;
  bool provider_reachable_ = true;
  std::optional<WallTime> gone_at_;     ///< by a last will, until it is heard again
  std::optional<Fix> anchor_;           ///< where the tracker last began to stand still
  std::optional<Fix> previous_;         ///< the last fix
  std::optional<WallTime> moves_since_;  ///< first of the fixes in a row that speak of movement
  std::optional<WallTime> still_since_;  ///< first of the fixes in a row that speak of standing
};

}  // namespace trackwire::tracking
