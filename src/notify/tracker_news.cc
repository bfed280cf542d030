#include "notify/tracker_news.h"

#include <set>
#include <unordered_map>
#include <utility>

#include "net/shard.h"
#include "notify/audience.h"
#include "notify/user_session.h"

namespace trackwire::notify {
namespace {

using tracking::TrackerChange;

constexpr const char* kEvent = "trackers_changed";
constexpr const char* kAnyTracker = R"({"trackers":null})";

bool Concerns(const TrackerChange& change, const auth::Identity& identity) {
  return MaySee(identity, change.after) ||
         (change.before && MaySee(identity, *change.before));
}

/// The same for people who see the same trackers.
std::string KindOf(const auth::Identity& identity) {
  if (identity.is_admin()) return "admin";
  std::string kind = "clients";
  if (!identity.authenticated) return kind;
  for (const std::string& client : identity.clients) kind += "," + client;
  return kind;
}

std::vector<const TrackerChange*> Pointers(const std::vector<TrackerChange>& changes) {
  std::vector<const TrackerChange*> out;
  out.reserve(changes.size());
  for (const TrackerChange& change : changes) out.push_back(&change);
  return out;
}

void TellShard(const socketio::Namespace& nsp, net::Shard& shard,
               const std::vector<TrackerChange>& changes) {
  const auto pointers = Pointers(changes);
  std::unordered_map<std::string, std::string> payloads;
  for (const socketio::SocketRef ref : nsp.Sockets(shard)) {
    socketio::Socket* socket = nsp.Find(shard, ref);
    if (socket == nullptr || SessionOf(*socket).shut_out) continue;
    const auth::Identity& identity = IdentityOf(*socket);
    const auto [found, is_new] = payloads.try_emplace(KindOf(identity));
    if (is_new) found->second = NewsFor(pointers, identity);
    if (!found->second.empty()) socket->Emit(kEvent, {found->second, {}});
  }
}

}  // namespace

std::string NewsFor(const std::vector<const TrackerChange*>& changes,
                    const auth::Identity& identity) {
  std::set<tracking::Id> ids;
  for (const TrackerChange* change : changes) {
    if (!Concerns(*change, identity)) continue;
    ids.insert(change->tracker);
    if (ids.size() > TrackerNews::kMaxIds) return kAnyTracker;
  }
  return ids.empty() ? std::string() : "{\"trackers\":" + ToJson(ids) + "}";
}

TrackerNews::TrackerNews(net::Loop& loop, const broker::NotificationLog& log,
                         socketio::Namespace& nsp, std::chrono::milliseconds kept_for)
    : loop_(loop), log_(log), nsp_(nsp), kept_for_(kept_for) {}

void TrackerNews::Tell(std::vector<TrackerChange> changes) {
  if (changes.empty()) return;
  const auto shared = std::make_shared<const std::vector<TrackerChange>>(std::move(changes));
  Keep(shared);
  for (net::Shard* shard : nsp_.shards()) {
    shard->Post([this, shard, shared] { TellShard(nsp_, *shard, *shared); });
  }
}

void TrackerNews::Keep(const Changes& changes) {
  told_.push_back({log_.tail_offset(), loop_.now(), changes});
  kept_ += changes->size();
  while (!told_.empty() &&
         (kept_ > kMaxKept || loop_.now() - told_.front().when > kept_for_)) {
    if (kept_ > kMaxKept) {
      forgotten_ = told_.front().at;
      forgotten_when_ = told_.front().when;
    }
    kept_ -= told_.front().changes->size();
    told_.pop_front();
  }
}

std::string TrackerNews::MissedSince(const broker::LogOffset& since,
                                     const auth::Identity& identity) const {
  // Nobody who comes back left longer ago: older news reached them while they were here.
  const Steady::time_point oldest = loop_.now() - kept_for_;
  if (!forgotten_.epoch.empty() && forgotten_when_ >= oldest && !(forgotten_ < since)) {
    return kAnyTracker;
  }
  std::set<tracking::Id> visible;
  std::set<tracking::Id> hidden;
  for (const Told& told : told_) {
    if (told.when < oldest || told.at < since) continue;
    for (const TrackerChange& change : *told.changes) {
      const tracking::Id& id = change.tracker;
      const bool sees = MaySee(identity, change.after);
      const bool concerned = visible.erase(id) + hidden.erase(id) > 0;
      if (sees || concerned || Concerns(change, identity)) (sees ? visible : hidden).insert(id);
    }
  }
  // Whether they could see what is hidden now is not known: their rights may have been others then.
  if (!hidden.empty() || visible.size() > kMaxIds) return kAnyTracker;
  return visible.empty() ? std::string() : "{\"trackers\":" + ToJson(visible) + "}";
}

}  // namespace trackwire::notify
