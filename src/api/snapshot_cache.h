#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "auth/identity.h"
#include "base/clock.h"
#include "broker/notification_log.h"
#include "net/loop.h"
#include "notify/view.h"
#include "tracking/board.h"

namespace trackwire::api {

/// One picture of what somebody may see. Immutable but for the packed form, which the packing loop
/// alone makes, once.
struct Snapshot {
  std::shared_ptr<const std::string> json;
  std::shared_ptr<const std::string> gzip;
};

/// Makes the answers of `GET /api/trackers`, at most one every 250 ms for each kind of visitor, and
/// shares them: a thousand clients that load the page at once cost one.
///
/// Lives on the broker's loop, beside the board; packing runs on another.
class SnapshotCache {
 public:
  using Done = std::function<void(std::shared_ptr<const std::string>)>;

  /// Everything outlives it.
  SnapshotCache(const tracking::Board& board, const notify::Views& views,
                const broker::NotificationLog& log, net::Loop& packing, const Clock& clock);

  /// The broker's loop. `done` runs on it, or on the packing loop when `gzip` is wanted.
  void Get(const auth::Identity& identity, bool gzip, Done done);
  /// The broker's loop. Who may see what has changed: earlier answers are not given any more.
  void Clear() { slots_.clear(); }

 private:
  struct Slot {
    std::shared_ptr<Snapshot> snapshot;
    Steady::time_point made_at;
  };

  std::shared_ptr<Snapshot> Make(const auth::Identity& identity) const;
  void DropOld(Steady::time_point now);

  const tracking::Board& board_;
  const notify::Views& views_;
  const broker::NotificationLog& log_;
  net::Loop& packing_;
  const Clock& clock_;
  std::unordered_map<std::string, Slot> slots_;
};

}  // namespace trackwire::api
