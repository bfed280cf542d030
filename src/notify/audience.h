#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/identity.h"
#include "ingest/envelope.h"
#include "tracking/tracker.h"

namespace trackwire::notify {

/// What configuration says about visibility.
struct VisibilityRules {
  bool unknown_trackers_public = false;
  std::vector<std::string> public_events;
};

/// Rooms that only the server puts sockets into, by who they are.
inline constexpr std::string_view kAdminRoom = "admins";
inline constexpr std::string_view kSignedInRoom = "signed-in";
/// `client_json` is an id as JSON text.
std::string ClientRoom(std::string_view client_json);

/// The rooms of somebody, sorted; they decide all that audiences ask. Anonymous visitors have none.
std::vector<std::string> RoomsOf(const auth::Identity& identity);

/// Who gets one notification: sockets in any of `rooms` (everybody when empty) that are also in any
/// of `within` (unless empty), and of those only `socket_sid` (unless empty).
struct Audience {
  std::vector<std::string> rooms;
  std::vector<std::string> within;
  std::string socket_sid;

  /// Whether a socket with these sorted rooms is part of it.
  bool Admits(const std::vector<std::string>& sorted_rooms, std::string_view sid) const;
};

/// All addresses that are present intersect, and visibility always applies. `tracker` is what the
/// store knows of envelope.tracker_id: nullptr when that is absent or unknown. Admins count as
/// people of every client.
Audience AudienceOf(const ingest::Envelope& envelope, const tracking::Tracker* tracker,
                    const VisibilityRules& rules);

/// Whether somebody may see a known tracker, its position and its status.
bool MaySee(const auth::Identity& identity, const tracking::Tracker& tracker);

/// Whether an event of this name is about one tracker by its nature.
bool IsTrackerEvent(std::string_view message_type);

}  // namespace trackwire::notify
