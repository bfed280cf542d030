#include "api/snapshot_cache.h"

#include <zlib.h>

#include "base/check.h"
#include "notify/audience.h"

namespace trackwire::api {
namespace {

constexpr std::chrono::milliseconds kMaxAge{250};
constexpr size_t kMaxSlots = 32;

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
      snapshot->gzip = std::make_shared<const std::string>(Gzip(*snapshot->json));
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

std::string Gzip(std::string_view bytes) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;
  CHECK(deflateInit2(&stream, 1, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace trackwire::api
