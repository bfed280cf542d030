#include "notify/snapshot_part.h"

#include <algorithm>
#include <utility>

#include "notify/audience.h"

namespace trackwire::notify {
namespace {

using tracking::Id;
using tracking::Tracker;

/// Gathers positions, each tracker's once.
class Collector {
 public:
  Collector(const auth::Identity& identity, View view, const Views& views,
            const tracking::Board& board, PositionLimits limits)
      : identity_(identity), view_(view), views_(views), board_(board), limits_(limits) {}

  /// False: no more fits.
  bool Take(const Tracker& tracker) {
    if (!MaySee(identity_, tracker)) return true;
    std::string position = board_.PositionJson(tracker.id);
    if (position.empty() || !seen_.insert(tracker.id).second) return true;
    position = views_.Filter(view_, position);
    if (list_.count == limits_.count || list_.json.size() + position.size() > limits_.bytes) {
      list_.truncated = true;
      return false;
    }
    if (list_.count++ > 0) list_.json += ',';
    list_.json += position;
    return true;
  }
  bool truncated() const { return list_.truncated; }
  PositionList Finish() {
    list_.json += ']';
    return std::move(list_);
  }

 private:
  const auth::Identity& identity_;
  const View view_;
  const Views& views_;
  const tracking::Board& board_;
  const PositionLimits limits_;
  std::set<Id> seen_;
  PositionList list_;
};

}  // namespace

bool MaySeeClient(const auth::Identity& identity, const Id& client,
                  const tracking::Board& board) {
  if (identity.is_admin()) return board.KnowsClient(client);
  const auto& own = identity.clients;
  if (identity.authenticated && std::binary_search(own.begin(), own.end(), client.ToJson())) {
    return true;
  }
  bool visible = false;
  board.VisitClient(client, [&](const Tracker& tracker) {
    visible = MaySee(identity, tracker);
    return !visible;
  });
  return visible;
}

Grant GrantOf(const Interest& interest, const auth::Identity& identity,
              const tracking::Board& board) {
  Grant grant;
  for (const Id& id : interest.trackers) {
    const Tracker* tracker = board.Find(id);
    const bool visible = tracker != nullptr && MaySee(identity, *tracker);
    (visible ? grant.trackers : grant.refused_trackers).insert(id);
  }
  for (const Id& id : interest.clients) {
    (MaySeeClient(identity, id, board) ? grant.clients : grant.refused_clients).insert(id);
  }
  return grant;
}

PositionList PositionsOf(const Grant& grant, const Interest& interest,
                         const auth::Identity& identity, View view, const Views& views,
                         const tracking::Board& board, PositionLimits limits) {
  Collector collector(identity, view, views, board, limits);
  const auto take = [&](const Tracker& tracker) { return collector.Take(tracker); };
  for (const Id& id : grant.trackers) {
    if (!take(*board.Find(id))) break;
  }
  for (const Id& id : grant.clients) {
    if (!collector.truncated()) board.VisitClient(id, take);
  }
  if (interest.box && !collector.truncated()) board.VisitBox(*interest.box, take);
  return collector.Finish();
}

}  // namespace trackwire::notify
