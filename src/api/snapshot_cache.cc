#include "api/snapshot_cache.h"

#include "net/http/compression.h"
#include "notify/audience.h"

namespace trackwire::api {
namespace {

constexpr std::chrono::milliseconds kMaxAge{250};
constexpr size_t kMaxSlots = 32;
/// Rather fast than small.
constexpr int kFast = 1;

/// The same for visitors who see the same.
std::string KindOf(const auth::Identity& identity, notify::View view) {
  const std::string fields = std::to_string(view);
  if (identity.is_admin()) return fields + " admin";
  std::string kind = fields + " clients";
  for (const std::string& client : identity.clients) kind += "," + client;
  return kind;
}

}  // namespace

SnapshotCache::SnapshotCache(const tracking::Board& board, const notify::Views& views,
                             const broker::NotificationLog& log, net::Loop& packing,
                             const Clock& clock)
    : board_(board), views_(views), log_(log), packing_(packing), clock_(clock) {}

void SnapshotCache::Get(const auth::Identity& identity, bool gzip, Done done) {
  const Steady::time_point now = clock_.Now();
  const std::string kind = KindOf(identity, views_.Of(identity));
  auto found = slots_.find(kind);
  if (found == slots_.end() || now - found->second.made_at >= kMaxAge) {
    DropOld(now);
    found = slots_.insert_or_assign(kind, Slot{Make(identity), now}).first;
  }
  auto snapshot = found->second.snapshot;
  if (!gzip) return done(snapshot->json);
  packing_.Post([snapshot, done = std::move(done)] {
    if (snapshot->gzip == nullptr) {
      snapshot->gzip = std::make_shared<const std::string>(net::http::Gzip(*snapshot->json, kFast));
    }
    done(snapshot->gzip);
  });
}

std::shared_ptr<Snapshot> SnapshotCache::Make(const auth::Identity& identity) const {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->json = std::make_shared<const std::string>(board_.SnapshotJson(
      log_.tail_offset().ToString(), clock_.WallNow(),
      [&](const tracking::Tracker& tracker) { return notify::MaySee(identity, tracker); },
      views_.Of(identity)));
  return snapshot;
}

void SnapshotCache::DropOld(Steady::time_point now) {
  std::erase_if(slots_, [&](const auto& slot) { return now - slot.second.made_at >= kMaxAge; });
  if (slots_.size() >= kMaxSlots) slots_.clear();
}

}  // namespace trackwire::api
