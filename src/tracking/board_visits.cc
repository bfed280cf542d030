// Going through a board: whose trackers are which, and where.
#include <algorithm>

#include "tracking/board.h"

namespace trackwire::tracking {
namespace {

/// Several sets of ids as one, in order, each id once.
class MergedIds {
 public:
  void Add(const std::set<Id>& ids, const std::optional<Id>& after) {
    const auto begin = after ? ids.upper_bound(*after) : ids.begin();
    if (begin == ids.end()) return;
    heads_.push_back({begin, ids.end()});
    std::push_heap(heads_.begin(), heads_.end(), Later);
  }
  /// Valid as long as the sets are.
  const Id* Next() {
    while (!heads_.empty()) {
      const Id* id = &*heads_.front().at;
      Advance();
      if (last_ != nullptr && *last_ == *id) continue;
      last_ = id;
      return id;
    }
    return nullptr;
  }

 private:
  struct Head {
    std::set<Id>::const_iterator at;
    std::set<Id>::const_iterator end;
  };

  static bool Later(const Head& a, const Head& b) { return *b.at < *a.at; }
  void Advance() {
    std::pop_heap(heads_.begin(), heads_.end(), Later);
    if (++heads_.back().at == heads_.back().end) return heads_.pop_back();
    std::push_heap(heads_.begin(), heads_.end(), Later);
  }

  std::vector<Head> heads_;  // the one with the smallest id in front
  const Id* last_ = nullptr;
};

}  // namespace

void Board::List(const Tracker& tracker) {
  if (tracker.client_id) by_client_[*tracker.client_id].insert(tracker.id);
  if (!tracker.is_public) return;
  public_.insert(tracker.id);
  if (tracker.client_id) ++public_of_client_[*tracker.client_id];
}

void Board::Unlist(const Tracker& tracker) {
  if (tracker.client_id) {
    const auto theirs = by_client_.find(*tracker.client_id);
    theirs->second.erase(tracker.id);
    if (theirs->second.empty()) by_client_.erase(theirs);
  }
  if (!tracker.is_public) return;
  public_.erase(tracker.id);
  if (!tracker.client_id) return;
  const auto count = public_of_client_.find(*tracker.client_id);
  if (--count->second == 0) public_of_client_.erase(count);
}

void Board::VisitBox(const BoundingBox& box, const Visit& visit) const {
  places_.VisitBox(box, [&](const PlaceIndex::Spot& spot) {
    return visit(static_cast<const Entry&>(spot).tracker);
  });
}

bool Board::VisitBox(const BoundingBox& box, size_t max_looks, const Visit& visit) const {
  return places_.VisitBox(
      box,
      [&](const PlaceIndex::Spot& spot) { return visit(static_cast<const Entry&>(spot).tracker); },
      max_looks);
}

void Board::VisitOrdered(const Scope& scope, const std::optional<Id>& after,
                         const Visit& visit) const {
  if (scope.all) {
    auto at = after ? entries_.upper_bound(*after) : entries_.begin();
    while (at != entries_.end() && visit(at->second.tracker)) ++at;
    return;
  }
  MergedIds ids;
  if (scope.with_public) ids.Add(public_, after);
  for (const Id& client : scope.clients) {
    const auto theirs = by_client_.find(client);
    if (theirs != by_client_.end()) ids.Add(theirs->second, after);
  }
  while (const Id* id = ids.Next()) {
    if (!visit(*Find(*id))) return;
  }
}

std::vector<Client> Board::ClientsWithPublicTrackers() const {
  std::vector<Client> out;
  for (const auto& [id, count] : public_of_client_) {
    if (const Client* client = FindClient(id)) out.push_back(*client);
  }
  return out;
}

std::vector<Client> Board::AllClients() const {
  std::vector<Client> out;
  for (const auto& [id, client] : clients_) out.push_back(client);
  return out;
}

const Client* Board::FindClient(const Id& id) const {
  const auto found = clients_.find(id);
  return found == clients_.end() ? nullptr : &found->second;
}

std::string Board::ObjectJson(const Id& id) const {
  std::string out;
  AppendWhole(*FindEntry(id), out);
  return out;
}

const Status& Board::StatusOf(const Id& id) const { return FindEntry(id)->status; }

WallTime Board::LastSeen(const Id& id) const { return FindEntry(id)->last_seen; }

}  // namespace trackwire::tracking
