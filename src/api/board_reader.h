#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/tracker_look.h"
#include "api/tracker_reader.h"
#include "base/clock.h"
#include "broker/notification_log.h"
#include "net/loop.h"
#include "notify/view.h"
#include "store/pool.h"
#include "tracking/board.h"

namespace trackwire::api {

/// Reads trackers from the board and their history from the store.
///
/// What is on the board is read on the broker's loop, a bounded part of it a turn; answers are
/// given there, those of History() too. A list that took several turns is true at its offset as far
/// as what it shows goes; what came to match behind the place already looked at is not in it.
class BoardReader final : public TrackerReader {
 public:
  using HistoryPool = store::Pool<store::HistoryReader>;

  /// Everything outlives it. `history` may be none: then there is none to be had (`unavailable`).
  BoardReader(net::Loop& loop, const tracking::Board& board, const notify::Views& views,
              const broker::NotificationLog& log, HistoryPool* history, const Clock& clock);

  void List(const auth::Identity& caller, TrackerFilter filter,
            std::optional<tracking::Id> after, size_t limit, Done<TrackerPage> done) override;
  void Find(const auth::Identity& caller, std::vector<tracking::Id> ids,
            Done<std::vector<std::optional<TrackerView>>> done) override;
  void Clients(const auth::Identity& caller, Done<std::vector<tracking::Client>> done) override;
  void History(const auth::Identity& caller, store::HistoryQuery query,
               Done<std::vector<PastPosition>> done) override;

 private:
  struct Listing;
  struct Past;

  /// Looks on through the trackers, for as long as one turn may take.
  void LookOn(const std::shared_ptr<Listing>& listing);
  /// True: those in the box were few, and the listing has all that match.
  bool LookIntoBox(Listing& listing) const;
  void Finish(Listing& listing) const;
  void Read(const std::shared_ptr<Past>& past);

  net::Loop& loop_;
  const tracking::Board& board_;
  const notify::Views& views_;
  const broker::NotificationLog& log_;
  HistoryPool* const history_;
  const Clock& clock_;
};

}  // namespace trackwire::api
