#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/tracker_reader.h"
#include "auth/identity.h"
#include "notify/view.h"
#include "tracking/board.h"

namespace trackwire::api {

/// How one caller sees trackers: which of them, and what of each. Everything comes from what the
/// snapshot would show them, filtered as that is. Beside the board, on its thread.
class TrackerLook {
 public:
  /// `board` and `views` outlive it.
  TrackerLook(auth::Identity caller, const tracking::Board& board, const notify::Views& views);

  bool MaySee(const tracking::Tracker& tracker) const;
  /// One that they may see and that is on the board.
  TrackerView Of(const tracking::Tracker& tracker, WallTime now) const;

  /// Leaves of the ids that may mean a client the one that does.
  void ChooseClient(TrackerFilter& filter) const;
  /// Trackers in this scope, and MaySee(), are those that match a filter by client.
  tracking::Board::Scope ScopeOf(const TrackerFilter& filter) const;
  /// Whether a filter can match anything: not when it asks about what they do not see.
  bool MayAsk(const TrackerFilter& filter) const;
  /// Whether a tracker that they may see fits a filter for which MayAsk() holds and that names one
  /// client at most. `search_folded` is its search by base::FoldCase().
  bool Fits(const tracking::Tracker& tracker, const TrackerFilter& filter,
            const std::string& search_folded) const;

  /// Those of which they may know, by id.
  std::vector<tracking::Client> Clients() const;
  /// Whether they see when a position was fixed.
  bool ShowsTimes() const { return Shows(R"({"position":{"fix_time":0}})"); }

  const notify::Views& views() const { return views_; }
  notify::View view() const { return view_; }

 private:
  /// Whether nothing of an object is hidden from them.
  bool Shows(std::string_view object_json) const;
  bool Owns(const tracking::Id& client) const;
  std::string ObjectOf(const tracking::Tracker& tracker, WallTime now) const;

  const auth::Identity caller_;
  const tracking::Board& board_;
  const notify::Views& views_;
  const notify::View view_;
};

}  // namespace trackwire::api
