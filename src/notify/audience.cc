#include "notify/audience.h"

#include <algorithm>

namespace trackwire::notify {
namespace {

using Rooms = std::vector<std::string>;

bool Shares(const Rooms& wanted, const Rooms& sorted) {
  return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& room) {
    return std::binary_search(sorted.begin(), sorted.end(), room);
  });
}

Rooms Admins() { return {std::string(kAdminRoom)}; }

Rooms AdminsAnd(const tracking::Id& client) {
  return {std::string(kAdminRoom), ClientRoom(client.ToJson())};
}

// Who may see the tracker that an envelope names; empty: everybody.
Rooms ViewersOf(const tracking::Tracker* tracker, const VisibilityRules& rules) {
  if (tracker == nullptr) return rules.unknown_trackers_public ? Rooms{} : Admins();
  if (tracker->is_public) return {};
  return tracker->client_id ? AdminsAnd(*tracker->client_id) : Admins();
}

// Who gets an event that names no tracker.
Rooms HearersOf(const ingest::Envelope& envelope, const VisibilityRules& rules) {
  if (IsTrackerEvent(envelope.message_type) && !envelope.socket_id) return Admins();
  if (envelope.socket_id || envelope.client_id) return {};
  const auto& open = rules.public_events;
  if (std::find(open.begin(), open.end(), envelope.message_type) != open.end()) return {};
  return {std::string(kSignedInRoom)};
}

}  // namespace

std::string ClientRoom(std::string_view client_json) {
  return "client:" + std::string(client_json);
}

std::vector<std::string> RoomsOf(const auth::Identity& identity) {
  Rooms rooms;
  if (!identity.authenticated) return rooms;
  rooms.emplace_back(kSignedInRoom);
  if (identity.is_admin()) rooms.emplace_back(kAdminRoom);
  for (const std::string& client : identity.clients) rooms.push_back(ClientRoom(client));
  std::sort(rooms.begin(), rooms.end());
  return rooms;
}

bool Audience::Admits(const std::vector<std::string>& sorted_rooms, std::string_view sid) const {
  if (!socket_sid.empty() && socket_sid != sid) return false;
  if (!rooms.empty() && !Shares(rooms, sorted_rooms)) return false;
  return within.empty() || Shares(within, sorted_rooms);
}

Audience AudienceOf(const ingest::Envelope& envelope, const tracking::Tracker* tracker,
                    const VisibilityRules& rules) {
  Audience audience;
  audience.socket_sid = envelope.socket_id.value_or("");
  audience.rooms = envelope.tracker_id ? ViewersOf(tracker, rules) : HearersOf(envelope, rules);
  if (envelope.client_id) {
    Rooms people = AdminsAnd(*envelope.client_id);
    if (audience.rooms.empty()) {
      audience.rooms = std::move(people);
    } else if (audience.rooms != people) {
      audience.within = std::move(people);
    }
  }
  return audience;
}

bool MaySee(const auth::Identity& identity, const tracking::Tracker& tracker) {
  if (tracker.is_public || identity.is_admin()) return true;
  if (!identity.authenticated || !tracker.client_id) return false;
  return std::binary_search(identity.clients.begin(), identity.clients.end(),
                            tracker.client_id->ToJson());
}

bool IsTrackerEvent(std::string_view message_type) {
  return message_type == "tracker_location_updated" || message_type == "tracker_status_change" ||
         message_type == "tracker_update_status";
}

}  // namespace trackwire::notify
