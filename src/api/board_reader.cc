#include "api/board_reader.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/fold_case.h"

namespace trackwire::api {
namespace {

using tracking::Id;
using tracking::Tracker;

/// What one turn looks at: about a millisecond.
constexpr size_t kTrackersPerTurn = 1'000;
constexpr size_t kLooksIntoBox = 10'000;

Unexpected<Error> UnknownTracker() { return Err("unknown_tracker", "there is no such tracker"); }

}  // namespace

/// A list while it is made.
struct BoardReader::Listing {
  TrackerLook look;
  TrackerFilter filter;
  std::string search;
  size_t limit;
  Done<TrackerPage> done;
  std::optional<Id> reached;  ///< looked at up to here
  std::vector<Id> found;      ///< one more than the limit says that there are more

  bool Fits(const Tracker& tracker) const {
    return look.MaySee(tracker) && look.Fits(tracker, filter, search);
  }
  bool full() const { return found.size() > limit; }
};

/// A part of a history while it is read.
struct BoardReader::Past {
  TrackerLook look;
  store::HistoryQuery query;
  Done<std::vector<PastPosition>> done;
  Result<std::vector<PastPosition>> read = std::vector<PastPosition>();
};

BoardReader::BoardReader(net::Loop& loop, const tracking::Board& board,
                         const notify::Views& views, const broker::NotificationLog& log,
                         HistoryPool* history, const Clock& clock)
    : loop_(loop), board_(board), views_(views), log_(log), history_(history), clock_(clock) {}

void BoardReader::List(const auth::Identity& caller, TrackerFilter filter,
                       std::optional<Id> after, size_t limit, Done<TrackerPage> done) {
  CHECK(limit > 0 && limit <= kMaxTrackers);
  std::string search = base::FoldCase(filter.search);
  const std::shared_ptr<Listing> listing(
      new Listing{TrackerLook(caller, board_, views_), std::move(filter), std::move(search), limit,
                  std::move(done), std::move(after), {}});
  loop_.Post([this, listing] {
    listing->look.ChooseClient(listing->filter);
    if (!listing->look.MayAsk(listing->filter) || LookIntoBox(*listing)) return Finish(*listing);
    LookOn(listing);
  });
}

bool BoardReader::LookIntoBox(Listing& listing) const {
  if (!listing.filter.box) return false;
  std::vector<Id> found;
  const bool all =
      board_.VisitBox(*listing.filter.box, kLooksIntoBox, [&](const Tracker& tracker) {
        const bool behind = !listing.reached || *listing.reached < tracker.id;
        if (behind && listing.Fits(tracker)) found.push_back(tracker.id);
        return true;
      });
  if (!all) return false;
  const size_t count = std::min(found.size(), listing.limit + 1);
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count), found.end());
  found.resize(count);
  listing.found = std::move(found);
  return true;
}

void BoardReader::LookOn(const std::shared_ptr<Listing>& listing) {
  size_t left = kTrackersPerTurn;
  const auto take = [&](const Tracker& tracker) {
    listing->reached = tracker.id;
    if (listing->Fits(tracker)) listing->found.push_back(tracker.id);
    return --left > 0 && !listing->full();
  };
  board_.VisitOrdered(listing->look.ScopeOf(listing->filter), listing->reached, take);
  if (left > 0 || listing->full()) return Finish(*listing);
  loop_.Post([this, listing] { LookOn(listing); });
}

void BoardReader::Finish(Listing& listing) const {
  TrackerPage page;
  page.more = listing.full();
  if (page.more) {
    listing.found.resize(listing.limit);
    page.reached = listing.found.back();
  }
  const WallTime now = clock_.WallNow();
  for (const Id& id : listing.found) {
    // Others had their turns since it was found.
    const Tracker* tracker = board_.Find(id);
    if (tracker == nullptr || !listing.Fits(*tracker)) continue;
    page.trackers.push_back(listing.look.Of(*tracker, now));
  }
  page.offset = log_.tail_offset().ToString();
  listing.done(std::move(page));
}

void BoardReader::Find(const auth::Identity& caller, std::vector<Id> ids,
                       Done<std::vector<std::optional<TrackerView>>> done) {
  CHECK(ids.size() <= kMaxTrackers);
  loop_.Post([this, caller, ids = std::move(ids), done = std::move(done)] {
    const TrackerLook look(caller, board_, views_);
    const bool shown = look.MayAsk({});
    const WallTime now = clock_.WallNow();
    std::vector<std::optional<TrackerView>> out;
    for (const Id& id : ids) {
      const Tracker* tracker = board_.Find(id);
      out.emplace_back();
      if (shown && tracker != nullptr && look.MaySee(*tracker)) out.back() = look.Of(*tracker, now);
    }
    done(std::move(out));
  });
}

void BoardReader::Clients(const auth::Identity& caller,
                          Done<std::vector<tracking::Client>> done) {
  loop_.Post([this, caller, done = std::move(done)] {
    done(TrackerLook(caller, board_, views_).Clients());
  });
}

void BoardReader::History(const auth::Identity& caller, store::HistoryQuery query,
                          Done<std::vector<PastPosition>> done) {
  const std::shared_ptr<Past> past(
      new Past{TrackerLook(caller, board_, views_), std::move(query), std::move(done)});
  loop_.Post([this, past] {
    const Tracker* tracker = board_.Find(past->query.tracker);
    if (tracker == nullptr || !past->look.MaySee(*tracker)) return past->done(UnknownTracker());
    if (!past->look.ShowsTimes()) return past->done(std::vector<PastPosition>());
    Read(past);
  });
}

void BoardReader::Read(const std::shared_ptr<Past>& past) {
  const bool taken = history_ != nullptr && history_->Run([this, past](
                                                store::HistoryReader& reader) {
    auto positions = reader.Read(past->query);
    if (!positions) {
      past->read = Err(std::move(positions.error()));
    } else {
      const TrackerLook& look = past->look;
      for (const tracking::Position& position : *positions) {
        past->read->push_back({position.fix.fix_time,
                               look.views().Filter(look.view(), ToJson(position, false))});
      }
    }
    loop_.Post([this, past] {
      // It may have changed hands while its history was read.
      const Tracker* tracker = board_.Find(past->query.tracker);
      const bool sees = tracker != nullptr && past->look.MaySee(*tracker);
      past->done(sees ? std::move(past->read) : UnknownTracker());
    });
  });
  if (!taken) past->done(Err("unavailable", "too much is being read from the store, try again"));
}

}  // namespace trackwire::api
