#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "auth/identity.h"
#include "base/result.h"
#include "store/history.h"
#include "tracking/freshness.h"
#include "tracking/selection.h"
#include "tracking/tracker.h"

namespace trackwire::api {

/// Which trackers are asked for; all that is given must hold.
struct TrackerFilter {
  std::vector<tracking::Id> client;  ///< the first of these that there is; empty: any
  std::optional<tracking::Connectivity> connectivity;
  std::optional<tracking::Motion> motion;
  std::optional<tracking::BoundingBox> box;  ///< by the last known place
  std::string search;                        ///< part of name or id, capitals aside
  /// What must hold of something that its asker does not see holds of no tracker.
};

/// A tracker as somebody may see it: what is hidden from them is as if it were not known.
struct TrackerView {
  tracking::Tracker tracker;  ///< without its external id; provider for admins only
  tracking::Status status;
  std::string position_json;  ///< the latest, what its reader may not see left out; empty: none
  std::string client_name;    ///< empty: none, or it is not known
  WallTime last_seen_at{};    ///< the last contact; the epoch: never heard
  std::optional<tracking::Freshness> freshness;  ///< nothing without a time of its position
};

struct TrackerPage {
  std::vector<TrackerView> trackers;  ///< by id
  bool more = false;
  std::optional<tracking::Id> reached;  ///< if there is more: behind which
  std::string offset;  ///< of the log, at which all this is true
};

/// What GraphQL and REST read about trackers: never more than the caller may see, for whom what is
/// hidden is not there. Any thread; `done` on any.
///
/// Errors: `unknown_tracker`, `unavailable`.
class TrackerReader {
 public:
  template <typename T>
  using Done = std::function<void(Result<T>)>;

  static constexpr size_t kMaxTrackers = 1'000;

  virtual ~TrackerReader() = default;
  /// At most `limit` (1..kMaxTrackers) with an id after `after`.
  virtual void List(const auth::Identity& caller, TrackerFilter filter,
                    std::optional<tracking::Id> after, size_t limit, Done<TrackerPage> done) = 0;
  /// In the order of `ids`, at most kMaxTrackers; nothing for one that is not there or may not be
  /// seen.
  virtual void Find(const auth::Identity& caller, std::vector<tracking::Id> ids,
                    Done<std::vector<std::optional<TrackerView>>> done) = 0;
  /// The clients that the caller may see, by id.
  virtual void Clients(const auth::Identity& caller, Done<std::vector<tracking::Client>> done) = 0;
  /// The history of a tracker, each position as JSON without `tracker_id`, what the caller may not
  /// see left out; beside it the fix time, by which pages go on. Who may not see `fix_time` has no
  /// history: its order would tell.
  struct PastPosition {
    WallTime fix_time{};
    std::string json;
  };
  virtual void History(const auth::Identity& caller, store::HistoryQuery query,
                       Done<std::vector<PastPosition>> done) = 0;
};

}  // namespace trackwire::api
