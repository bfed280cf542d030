#pragma once

#include <set>
#include <string>

#include "auth/identity.h"
#include "notify/interest.h"
#include "notify/view.h"
#include "tracking/board.h"

namespace trackwire::notify {

/// What of an interest somebody may see, as of one moment of the board.
struct Grant {
  std::set<tracking::Id> trackers;
  std::set<tracking::Id> clients;
  std::set<tracking::Id> refused_trackers;
  std::set<tracking::Id> refused_clients;
};

/// Splits an interest into what may be seen and what not: what does not exist is refused just like
/// what somebody may not see.
Grant GrantOf(const Interest& interest, const auth::Identity& identity,
              const tracking::Board& board);

/// Whether somebody may know of a client: their own, any that exists for admins, and one with a
/// tracker that they may see.
bool MaySeeClient(const auth::Identity& identity, const tracking::Id& client,
                  const tracking::Board& board);

/// How much an answer holds at most.
struct PositionLimits {
  size_t count;
  size_t bytes;
};

/// The positions of what was granted, as the people of a view see them.
struct PositionList {
  std::string json = "[";  ///< an array
  size_t count = 0;
  bool truncated = false;
};
PositionList PositionsOf(const Grant& grant, const Interest& interest,
                         const auth::Identity& identity, View view, const Views& views,
                         const tracking::Board& board, PositionLimits limits);

}  // namespace trackwire::notify
