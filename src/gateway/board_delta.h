#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "ingest/store_desk.h"
#include "tracking/tracker.h"

namespace trackwire::gateway {

/// What the board has not heard yet of the clients and trackers that were read from the store.
struct BoardChange {
  std::vector<tracking::Client> clients;
  std::vector<tracking::TrackerState> states;
  std::vector<tracking::Id> gone_trackers;
  std::vector<tracking::Id> gone_clients;
};

/// Compares what is read from the store with what was read before, so that the loop that has the
/// board does no more than what is other. One thread at a time: that of who reads.
class BoardDelta {
 public:
  /// What the board hears of besides, before the next Take().
  void Note(const std::vector<tracking::Client>& clients,
            const std::vector<tracking::TrackerState>& states);
  /// The same of a change of the store. Who is removed and read again later is new.
  void Note(const ingest::StoreChange& change);
  /// `clients` and `states` are all there are. Of a tracker that is as it was nothing is said: its
  /// position and status come by the log; `whole`: all is said again, as the log was missed.
  BoardChange Take(const std::vector<tracking::Client>& clients,
                   const std::vector<tracking::TrackerState>& states, bool whole);

 private:
  struct Known {
    uint64_t digest = 0;
    uint64_t round = 0;  ///< when it was last read
  };

  /// Whether it is new or other than before.
  bool Renew(std::map<tracking::Id, Known>& table, const tracking::Id& id, uint64_t digest);
  std::vector<tracking::Id> DropOld(std::map<tracking::Id, Known>& table);

  uint64_t round_ = 0;
  std::map<tracking::Id, Known> clients_;
  std::map<tracking::Id, Known> trackers_;
};

/// Parts of a change of at most `most` trackers each, in order, for a loop that has other things to
/// do between two of them. The clients come first, what is gone last.
std::vector<BoardChange> InParts(BoardChange change, size_t most);

/// The parts that the board has not heard yet, of one reading after another. Belongs to the loop
/// that has the board.
class PendingParts {
 public:
  bool empty() const { return parts_.empty(); }
  void Add(std::vector<BoardChange> parts);
  /// The next one; there is one.
  BoardChange Take();
  /// Whoever reads has changed the store since all that is pending was read, and the board knows:
  /// no part takes that back.
  void Overtake(const ingest::StoreChange& change);

 private:
  std::deque<BoardChange> parts_;
};

}  // namespace trackwire::gateway
