#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/identity.h"
#include "ingest/envelope.h"
#include "notify/choices.h"
#include "notify/view.h"
#include "tracking/board.h"
#include "tracking/selection.h"
#include "tracking/tracker.h"

namespace trackwire::notify {

/// What configuration says about visibility.
struct VisibilityRules {
  bool unknown_trackers_public = false;
  std::vector<std::string> public_events;
};

/// Who gets one notification. All that is said here must hold of somebody.
struct Audience {
  enum class Reach : uint8_t {
    kEveryone,
    kSignedIn,
    kMembers,  ///< admins, and the people of all of `clients`; admins alone when there are none
  };

  Reach reach = Reach::kEveryone;
  std::vector<std::string> clients;  ///< ids as JSON text
  std::string socket_sid;            ///< unless empty: that socket alone
  /// Unless nothing: those who have chosen what they want get it only if they chose this.
  std::optional<tracking::Subject> subject;

  /// `selection`: what they have chosen; nullptr: everything they may see. `by_place`: they may know
  /// where the subject is; else no box of theirs contains it.
  bool Admits(const auth::Identity& identity, const tracking::Selection* selection,
              std::string_view sid, bool by_place = true) const;
};

/// All addresses that are present intersect, and visibility always applies. `tracker` is what the
/// store knows of envelope.tracker_id: nullptr when that is absent or unknown. Admins count as
/// people of every client. What is sent to one socket reaches it whatever it has chosen, and what
/// names no tracker is not chosen by anybody.
Audience AudienceOf(const ingest::Envelope& envelope, const tracking::Tracker* tracker,
                    const VisibilityRules& rules);

/// Whether somebody may see a known tracker, its position and its status.
bool MaySee(const auth::Identity& identity, const tracking::Tracker& tracker);
bool MaySee(const auth::Identity& identity, const tracking::Ownership& tracker);

/// Whether an event of this name is about one tracker by its nature.
bool IsTrackerEvent(std::string_view message_type);

/// The rooms of somebody, which only the server puts sockets into, sorted. `selection`: what they
/// have chosen to hear of; nullptr: all they may see.
std::vector<std::string> RoomsOf(const auth::Identity& identity, View view,
                                 const tracking::Selection* selection);
/// Whether a room is one of those.
bool IsServerRoom(std::string_view room);

/// The rooms in which the audience is, as far as people of these views are concerned and have not
/// chosen (`audience.subject` set) or whatever they have chosen. Their members are in the audience
/// for sure unless NeedsCheck().
std::vector<std::string> RoomsOf(const Audience& audience, const std::vector<View>& views);
/// The rooms of those who have chosen by something that holds of the subject, where `counts` says
/// that anybody has: Audience::Admits() decides.
std::vector<std::string> ChosenRoomsOf(const Audience& audience, const std::vector<View>& views,
                                       const ChoiceCounts& counts);
/// Whether rooms say too little about the audience, so that each of their members has to be asked.
bool NeedsCheck(const Audience& audience);

}  // namespace trackwire::notify
