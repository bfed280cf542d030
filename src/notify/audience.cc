#include "notify/audience.h"

#include <algorithm>

#include "tracking/grid.h"

namespace trackwire::notify {
namespace {

using Reach = Audience::Reach;
using Rooms = std::vector<std::string>;

/// Rooms of one view. Those who have chosen what they want are apart from those who get all they
/// may see, so that most notifications need no look at a single socket.
enum class RoomKind : char {
  kEveryone = 'e',
  kEveryoneNarrowed = 'E',
  kSignedIn = 's',
  kAdmins = 'a',
  kAdminsNarrowed = 'A',
  kClient = 'c',
  kClientNarrowed = 'C',
  kChosenTracker = 't',
  kChosenClient = 'k',
  kChosenCell = 'g',
};

/// No socket has a sid that begins with it, and the names are mostly short enough for strings
/// without an allocation.
constexpr char kMark = '~';

std::string RoomName(RoomKind kind, View view, std::string_view client = {}) {
  std::string name(1, kMark);
  name += static_cast<char>(kind);
  name += std::to_string(view);
  if (!client.empty()) {
    name += ':';
    name += client;
  }
  return name;
}

std::string CellRoom(View view, const tracking::GridCell& cell) {
  constexpr char kDigits[] = "0123456789abcdef";
  constexpr int kNibbles = 5;  // columns and rows have 18 bits at most
  static_assert(tracking::kGridLevels <= 4 * kNibbles);
  std::string name = RoomName(RoomKind::kChosenCell, view);
  name += static_cast<char>('A' + cell.level);
  for (const uint32_t number : {cell.column, cell.row}) {
    for (int shift = 4 * (kNibbles - 1); shift >= 0; shift -= 4) {
      name += kDigits[number >> shift & 0xf];
    }
  }
  return name;
}

void AppendChoice(const tracking::Selection& selection, View view, Rooms& rooms) {
  for (const tracking::Id& id : selection.trackers) {
    rooms.push_back(RoomName(RoomKind::kChosenTracker, view, id.ToJson()));
  }
  for (const tracking::Id& id : selection.clients) {
    rooms.push_back(RoomName(RoomKind::kChosenClient, view, id.ToJson()));
  }
  if (!selection.box) return;
  for (const tracking::GridCell& cell : tracking::CellsOf(*selection.box)) {
    rooms.push_back(CellRoom(view, cell));
  }
}

void Address(Audience& audience, Reach reach, const std::optional<tracking::Id>& client = {}) {
  audience.reach = reach;
  if (client) audience.clients.push_back(client->ToJson());
}

// Who may see the tracker that an envelope names.
void AddressViewers(Audience& audience, const tracking::Tracker* tracker,
                    const VisibilityRules& rules) {
  if (tracker == nullptr) {
    return Address(audience, rules.unknown_trackers_public ? Reach::kEveryone : Reach::kMembers);
  }
  if (tracker->is_public) return Address(audience, Reach::kEveryone);
  Address(audience, Reach::kMembers, tracker->client_id);
}

// Who gets an event that names no tracker.
void AddressHearers(Audience& audience, const ingest::Envelope& envelope,
                    const VisibilityRules& rules) {
  if (IsTrackerEvent(envelope.message_type) && !envelope.socket_id) {
    return Address(audience, Reach::kMembers);
  }
  const auto& open = rules.public_events;
  const bool is_open =
      std::find(open.begin(), open.end(), envelope.message_type) != open.end();
  const bool addressed = envelope.socket_id || envelope.client_id;
  Address(audience, addressed || is_open ? Reach::kEveryone : Reach::kSignedIn);
}

void AppendRooms(const Audience& audience, View view, bool narrowed, Rooms& rooms) {
  switch (audience.reach) {
    case Reach::kEveryone:
      rooms.push_back(
          RoomName(narrowed ? RoomKind::kEveryoneNarrowed : RoomKind::kEveryone, view));
      return;
    case Reach::kSignedIn:
      rooms.push_back(RoomName(RoomKind::kSignedIn, view));
      return;
    case Reach::kMembers:
      rooms.push_back(RoomName(narrowed ? RoomKind::kAdminsNarrowed : RoomKind::kAdmins, view));
      // Who must be of several clients is found among those of the first.
      if (audience.clients.empty()) return;
      rooms.push_back(RoomName(narrowed ? RoomKind::kClientNarrowed : RoomKind::kClient, view,
                               audience.clients.front()));
  }
}

bool Selects(const tracking::Selection& selection, const tracking::Subject& subject,
             bool by_place) {
  if (by_place || !subject.place) return selection.Selects(subject);
  return selection.Selects({subject.tracker, subject.client, std::nullopt});
}

bool IsOf(const auth::Identity& identity, const std::string& client) {
  return std::binary_search(identity.clients.begin(), identity.clients.end(), client);
}

}  // namespace

bool Audience::Admits(const auth::Identity& identity, const tracking::Selection* selection,
                      std::string_view sid, bool by_place) const {
  if (!socket_sid.empty() && socket_sid != sid) return false;
  if (subject && selection != nullptr && !Selects(*selection, *subject, by_place)) return false;
  if (reach == Reach::kEveryone) return true;
  if (!identity.authenticated) return false;
  if (reach == Reach::kSignedIn || identity.is_admin()) return true;
  return !clients.empty() &&
         std::all_of(clients.begin(), clients.end(),
                     [&](const std::string& client) { return IsOf(identity, client); });
}

Audience AudienceOf(const ingest::Envelope& envelope, const tracking::Tracker* tracker,
                    const VisibilityRules& rules) {
  Audience audience;
  audience.socket_sid = envelope.socket_id.value_or("");
  if (envelope.tracker_id) {
    AddressViewers(audience, tracker, rules);
  } else {
    AddressHearers(audience, envelope, rules);
  }
  if (envelope.client_id) {
    const std::string client = envelope.client_id->ToJson();
    auto& clients = audience.clients;
    // For admins alone it stays, whoever else is named.
    const bool admins_only = audience.reach == Reach::kMembers && clients.empty();
    if (!admins_only && std::find(clients.begin(), clients.end(), client) == clients.end()) {
      clients.push_back(client);
    }
    audience.reach = Reach::kMembers;
  }
  if (envelope.tracker_id && !envelope.socket_id) {
    audience.subject.emplace();
    audience.subject->tracker = *envelope.tracker_id;
    if (tracker != nullptr) audience.subject->client = tracker->client_id;
  }
  return audience;
}

Rooms RoomsOf(const auth::Identity& identity, View view, const tracking::Selection* selection) {
  Rooms rooms;
  const bool narrowed = selection != nullptr;
  rooms.push_back(RoomName(narrowed ? RoomKind::kEveryoneNarrowed : RoomKind::kEveryone, view));
  if (narrowed) AppendChoice(*selection, view, rooms);
  if (identity.authenticated) {
    rooms.push_back(RoomName(RoomKind::kSignedIn, view));
    if (identity.is_admin()) {
      // Admins count as people of every client, so they need no room of one.
      rooms.push_back(RoomName(narrowed ? RoomKind::kAdminsNarrowed : RoomKind::kAdmins, view));
    } else {
      const RoomKind kind = narrowed ? RoomKind::kClientNarrowed : RoomKind::kClient;
      for (const std::string& client : identity.clients) {
        rooms.push_back(RoomName(kind, view, client));
      }
    }
  }
  std::sort(rooms.begin(), rooms.end());
  return rooms;
}

bool IsServerRoom(std::string_view room) { return !room.empty() && room.front() == kMark; }

bool NeedsCheck(const Audience& audience) {
  return !audience.socket_sid.empty() || audience.clients.size() > 1;
}

Rooms RoomsOf(const Audience& audience, const std::vector<View>& views) {
  Rooms rooms;
  const bool choosers_too = !audience.subject.has_value();
  for (const View view : views) {
    AppendRooms(audience, view, false, rooms);
    if (choosers_too && audience.reach != Reach::kSignedIn) {
      AppendRooms(audience, view, true, rooms);
    }
  }
  return rooms;
}

Rooms ChosenRoomsOf(const Audience& audience, const std::vector<View>& views,
                    const ChoiceCounts& counts) {
  Rooms rooms;
  if (!audience.subject || counts.choosers == 0) return rooms;
  const tracking::Subject& subject = *audience.subject;
  for (const View view : views) {
    if (counts.trackers > 0) {
      rooms.push_back(RoomName(RoomKind::kChosenTracker, view, subject.tracker.ToJson()));
    }
    if (counts.clients > 0 && subject.client) {
      rooms.push_back(RoomName(RoomKind::kChosenClient, view, subject.client->ToJson()));
    }
    if (counts.boxes == 0 || !subject.place) continue;
    for (size_t level = 0; level < counts.levels.size(); ++level) {
      if (counts.levels[level] == 0) continue;
      rooms.push_back(CellRoom(view, tracking::CellAt(level, *subject.place)));
    }
  }
  return rooms;
}

bool MaySee(const auth::Identity& identity, const tracking::Tracker& tracker) {
  return MaySee(identity, tracking::Ownership{tracker.is_public, tracker.client_id});
}

bool MaySee(const auth::Identity& identity, const tracking::Ownership& tracker) {
  if (tracker.is_public || identity.is_admin()) return true;
  if (!identity.authenticated || !tracker.client) return false;
  return std::binary_search(identity.clients.begin(), identity.clients.end(),
                            tracker.client->ToJson());
}

bool IsTrackerEvent(std::string_view message_type) {
  return message_type == "tracker_location_updated" || message_type == "tracker_status_change" ||
         message_type == "tracker_update_status";
}

}  // namespace trackwire::notify
