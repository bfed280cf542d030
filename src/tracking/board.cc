#include "tracking/board.h"

#include <algorithm>
#include <set>

#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::tracking {
namespace {

std::optional<std::string> TextMember(base::JsonValue object, std::string_view name) {
  const auto member = base::FindMember(object, name);
  if (!member || !member->is_string()) return std::nullopt;
  return base::DecodeJsonString(member->text);
}

std::optional<WallTime> TimeMember(base::JsonValue object, std::string_view name) {
  const auto text = TextMember(object, name);
  if (!text) return std::nullopt;
  return base::ParseTime(*text);
}

std::optional<base::JsonValue> ScanObject(std::string_view json) {
  const auto value = base::ScanJson(json);
  if (!value || !value->is_object()) return std::nullopt;
  return *value;
}

std::optional<Motion> MotionFrom(std::string_view text) {
  for (const Motion motion : {Motion::kUnknown, Motion::kMoving, Motion::kStopped}) {
    if (text == ToString(motion)) return motion;
  }
  return std::nullopt;
}

std::optional<Connectivity> ConnectivityFrom(std::string_view text) {
  for (const Connectivity connectivity :
       {Connectivity::kUnknown, Connectivity::kOnline, Connectivity::kOffline}) {
    if (text == ToString(connectivity)) return connectivity;
  }
  return std::nullopt;
}

/// `{"id":…,"name":…` and so on, the object left open.
std::string Head(const Tracker& tracker) {
  std::string out = "{\"id\":" + tracker.id.ToJson() + ",\"name\":";
  base::AppendJsonString(out, tracker.name);
  out += ",\"category\":";
  base::AppendJsonString(out, tracker.category);
  if (tracker.client_id) out += ",\"client_id\":" + tracker.client_id->ToJson();
  if (!tracker.attributes_json.empty()) out += ",\"attributes\":" + tracker.attributes_json;
  return out;
}

void AppendAxis(std::string& out, std::string_view axis, const char* status, WallTime since) {
  out += '"';
  out += axis;
  out += "\":\"";
  out += status;
  out += '"';
  if (since == WallTime{}) return;
  out += ",\"";
  out += axis;
  out += "_since\":\"";
  out += base::FormatTime(since);
  out += '"';
}

std::string StatusMember(const Status& status) {
  std::string out = ",\"status\":{";
  AppendAxis(out, "connectivity", ToString(status.connectivity), status.connectivity_since);
  out += ',';
  AppendAxis(out, "motion", ToString(status.motion), status.motion_since);
  out += '}';
  return out;
}

/// How far the clocks of those who publish may be ahead of ours.
constexpr std::chrono::minutes kMaxFutureSkew{2};

std::optional<double> NumberWithin(base::JsonValue object, std::string_view name, double limit) {
  const auto member = base::FindMember(object, name);
  if (!member || !member->is_number()) return std::nullopt;
  const auto number = base::JsonNumber(*member);
  if (!number || *number < -limit || *number > limit) return std::nullopt;
  return number;
}

std::optional<LatLon> PlaceMember(base::JsonValue object) {
  const auto latitude = NumberWithin(object, "latitude", 90);
  const auto longitude = NumberWithin(object, "longitude", 180);
  if (!latitude || !longitude) return std::nullopt;
  return LatLon{*latitude, *longitude};
}

constexpr size_t kMaxHiddenGone = 100'000;

struct Location {
  WallTime fix_time;
  WallTime received_at;
  std::string_view json;
  LatLon place;
};

/// Nothing when the object has no valid place, or a `fix_time` that is none, or none at all and
/// there is nothing to take its place.
std::optional<Location> ReadLocation(std::string_view json, std::optional<WallTime> without_time,
                                     WallTime now) {
  const auto object = ScanObject(json);
  if (!object) return std::nullopt;
  const bool timed = base::FindMember(*object, "fix_time").has_value();
  const auto fix_time = timed ? TimeMember(*object, "fix_time") : without_time;
  if (!fix_time || *fix_time > now + kMaxFutureSkew) return std::nullopt;
  const auto place = PlaceMember(*object);
  if (!place) return std::nullopt;
  const WallTime received_at = TimeMember(*object, "received_at").value_or(*fix_time);
  return Location{*fix_time, std::min(received_at, now), object->text, *place};
}

void AppendSeparator(std::string& out) {
  if (out.back() != '[') out += ',';
}

}  // namespace

std::optional<LatLon> ReadPlace(std::string_view notification_json) {
  const auto object = ScanObject(notification_json);
  return object ? PlaceMember(*object) : std::nullopt;
}

Board::Entry* Board::FindEntry(const Id& id) {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

const Board::Entry* Board::FindEntry(const Id& id) const {
  return const_cast<Board*>(this)->FindEntry(id);
}

const Tracker* Board::Find(const Id& id) const {
  const Entry* entry = FindEntry(id);
  return entry == nullptr ? nullptr : &entry->tracker;
}

std::optional<LatLon> Board::PlaceOf(const Id& id) const {
  const Entry* entry = FindEntry(id);
  if (entry == nullptr || !entry->placed()) return std::nullopt;
  return entry->place();
}

bool Board::KnowsClient(const Id& client) const {
  return clients_.contains(client) || by_client_.contains(client);
}

void Board::VisitClient(const Id& client, const Visit& visit) const {
  const auto found = by_client_.find(client);
  if (found == by_client_.end()) return;
  for (const Id& id : found->second) {
    if (!visit(*Find(id))) return;
  }
}

std::string Board::PositionJson(const Id& id) const {
  const Entry* entry = FindEntry(id);
  if (entry == nullptr || entry->position_json.empty()) return {};
  const auto object = base::ScanJson(entry->position_json);
  if (base::FindMember(*object, "tracker_id")) return entry->position_json;
  // The envelope alone named the tracker. A position has at least its place, so a comma follows.
  return "{\"tracker_id\":" + id.ToJson() + "," + entry->position_json.substr(1);
}

std::vector<TrackerChange> Board::Upsert(const std::vector<Client>& clients,
                                         const std::vector<TrackerState>& states) {
  std::vector<TrackerChange> changes;
  std::set<Id> renamed = Rename(clients);
  for (const TrackerState& state : states) {
    const auto [found, is_new] = entries_.try_emplace(state.tracker.id);
    Entry& entry = found->second;
    if (is_new) hidden_gone_.erase(state.tracker.id);
    if (auto change = Describe(entry, state.tracker, is_new)) {
      renamed.erase(state.tracker.id);
      changes.push_back(std::move(*change));
    }
    entry.learned = false;
    entry.hidden_from.reset();
    if (state.status.connectivity_since > entry.status.connectivity_since) {
      entry.status.connectivity = state.status.connectivity;
      entry.status.connectivity_since = state.status.connectivity_since;
    }
    if (state.status.motion_since > entry.status.motion_since) {
      entry.status.motion = state.status.motion;
      entry.status.motion_since = state.status.motion_since;
    }
    entry.status_json = StatusMember(entry.status);
    entry.last_seen = std::max(entry.last_seen, state.last_seen_at);
    if (state.latest && state.latest->fix.fix_time > entry.fix_time) {
      SetPosition(entry, state.latest->fix.fix_time, ToJson(*state.latest, true),
                  state.latest->fix.place);
    }
  }
  for (const Id& id : renamed) {
    const Tracker& tracker = *Find(id);
    const Ownership same{tracker.is_public, tracker.client_id};
    changes.push_back({id, same, same});
  }
  return changes;
}

std::set<Id> Board::Rename(const std::vector<Client>& clients) {
  std::set<Id> trackers;
  for (const Client& client : clients) {
    const auto [found, is_new] = clients_.try_emplace(client.id, client);
    if (!is_new && found->second.name == client.name) continue;
    found->second = client;
    const auto theirs = by_client_.find(client.id);
    if (theirs != by_client_.end()) {
      trackers.insert(theirs->second.begin(), theirs->second.end());
    }
  }
  return trackers;
}

std::optional<TrackerChange> Board::Describe(Entry& entry, const Tracker& tracker, bool is_new) {
  std::string head = Head(tracker);
  TrackerChange change{tracker.id, std::nullopt, {tracker.is_public, tracker.client_id}};
  if (!is_new) {
    change.before = Ownership{entry.tracker.is_public, entry.tracker.client_id};
    Unlist(entry.tracker);
  }
  List(tracker);
  const bool same =
      !is_new && head == entry.head && entry.tracker.is_public == tracker.is_public;
  entry.tracker = tracker;
  entry.head = std::move(head);
  if (same) return std::nullopt;
  return change;
}

std::vector<TrackerChange> Board::Replace(const std::vector<Client>& clients,
                                          const std::vector<TrackerState>& states) {
  std::set<Id> kept_clients;
  for (const Client& client : clients) kept_clients.insert(client.id);
  std::set<Id> kept;
  for (const TrackerState& state : states) kept.insert(state.tracker.id);
  std::vector<Id> gone_clients;
  for (const auto& [id, client] : clients_) {
    if (!kept_clients.contains(id)) gone_clients.push_back(id);
  }
  std::vector<Id> gone;
  for (const auto& [id, entry] : entries_) {
    if (!entry.learned && !kept.contains(id)) gone.push_back(id);
  }
  std::vector<TrackerChange> changes = Remove(gone, gone_clients);
  for (TrackerChange& change : Upsert(clients, states)) changes.push_back(std::move(change));
  return changes;
}

std::vector<TrackerChange> Board::Remove(const std::vector<Id>& trackers,
                                         const std::vector<Id>& clients) {
  std::vector<TrackerChange> changes;
  for (const Id& id : trackers) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) continue;
    Entry& entry = found->second;
    changes.push_back({id, Ownership{entry.tracker.is_public, entry.tracker.client_id}, {}});
    if (!entry.tracker.is_public && hidden_gone_.size() < kMaxHiddenGone) hidden_gone_.insert(id);
    Unlist(entry.tracker);
    places_.Remove(entry);
    entries_.erase(found);
  }
  for (const Id& id : clients) clients_.erase(id);
  return changes;
}

void Board::SetPosition(Entry& entry, WallTime fix_time, std::string_view json, LatLon place) {
  entry.fix_time = fix_time;
  entry.position_json = json;
  entry.hidden_from.reset();
  places_.Move(entry, place);
}

bool Board::ApplyLocation(const Id& id, std::string_view notification_json, WallTime now) {
  Entry* entry = FindEntry(id);
  if (entry == nullptr) return false;
  const auto location = ReadLocation(notification_json, std::nullopt, now);
  if (!location || location->fix_time < entry->fix_time) return false;
  SetPosition(*entry, location->fix_time, location->json, location->place);
  entry->last_seen = std::max(entry->last_seen, location->received_at);
  return true;
}

bool Board::LearnLocation(const Id& id, std::string_view notification_json, WallTime told_at,
                          WallTime now, size_t max_trackers) {
  Entry* entry = FindEntry(id);
  if (entry != nullptr && !entry->learned) return ApplyLocation(id, notification_json, now);
  if (entry == nullptr && (WasHidden(id) || entries_.size() >= max_trackers)) return false;
  const auto location = ReadLocation(notification_json, told_at, now);
  if (!location) return false;
  if (entry == nullptr) entry = &AddLearned(id);
  if (location->fix_time < entry->fix_time) return false;
  SetPosition(*entry, location->fix_time, location->json, location->place);
  entry->last_seen = std::max(entry->last_seen, location->received_at);
  return true;
}

Board::Entry& Board::AddLearned(const Id& id) {
  Entry& entry = entries_[id];
  entry.learned = true;
  entry.tracker.id = id;
  entry.tracker.name = id.ToText();
  entry.tracker.is_public = true;
  List(entry.tracker);
  entry.head = Head(entry.tracker);
  entry.status_json = StatusMember(entry.status);
  return entry;
}

bool Board::LearnStatus(const Id& id, std::string_view notification_json, WallTime now,
                        size_t max_trackers) {
  if (FindEntry(id) != nullptr) return ApplyStatus(id, notification_json, now);
  if (WasHidden(id) || entries_.size() >= max_trackers) return false;
  AddLearned(id);
  if (ApplyStatus(id, notification_json, now)) return true;
  Unlist(*Find(id));
  entries_.erase(id);
  return false;
}

bool Board::ApplyStatus(const Id& id, std::string_view notification_json, WallTime now) {
  Entry* entry = FindEntry(id);
  if (entry == nullptr) return false;
  const auto object = ScanObject(notification_json);
  if (!object) return false;
  const auto axis = TextMember(*object, "axis");
  const auto status = TextMember(*object, "status");
  if (!axis || !status) return false;
  const WallTime since = TimeMember(*object, "since").value_or(WallTime{});
  if (since > now + kMaxFutureSkew) return false;
  if (*axis == "motion") {
    const auto motion = MotionFrom(*status);
    if (!motion || since < entry->status.motion_since) return false;
    entry->status.motion = *motion;
    entry->status.motion_since = since;
    entry->status_json = StatusMember(entry->status);
    entry->hidden_from.reset();
    return true;
  }
  const auto connectivity = ConnectivityFrom(*status);
  if (*axis != "connectivity" || !connectivity) return false;
  if (since < entry->status.connectivity_since) return false;
  entry->status.connectivity = *connectivity;
  entry->status.connectivity_since = since;
  entry->status_json = StatusMember(entry->status);
  entry->hidden_from.reset();
  return true;
}

void Board::SetFilter(const ObjectFilter& filter) {
  filter_ = &filter;
  for (auto& [id, entry] : entries_) entry.hidden_from.reset();
}

void Board::AppendWhole(const Entry& entry, std::string& out) {
  out += entry.head;
  out += entry.status_json;
  if (!entry.position_json.empty()) {
    out += ",\"position\":";
    out += entry.position_json;
  }
  out += '}';
}

void Board::Append(const Entry& entry, uint8_t view, std::string& scratch,
                   std::string& out) const {
  if (filter_ == nullptr) return AppendWhole(entry, out);
  const size_t begin = out.size();
  if (!entry.hidden_from) {
    AppendWhole(entry, out);
    entry.hidden_from = filter_->HiddenFrom(std::string_view(out).substr(begin));
    out.resize(begin);
  }
  if ((*entry.hidden_from >> view & 1) == 0) return AppendWhole(entry, out);
  scratch.clear();
  AppendWhole(entry, scratch);
  filter_->Append(view, scratch, out);
}

std::string Board::ClientsJson(const std::set<Id>& ids, uint8_t view) const {
  std::string out = "[";
  for (const Id& id : ids) {
    const auto client = clients_.find(id);
    if (client == clients_.end()) continue;
    std::string object = "{\"id\":" + id.ToJson() + ",\"name\":";
    base::AppendJsonString(object, client->second.name);
    object += '}';
    AppendSeparator(out);
    if (filter_ == nullptr) {
      out += object;
    } else {
      filter_->Append(view, object, out);
    }
  }
  return out + ']';
}

std::string Board::SnapshotJson(std::string_view offset, WallTime server_time,
                                const Visible& visible, uint8_t view) const {
  std::string trackers = "[";
  trackers.reserve(2 + entries_.size() * 640);
  std::string scratch;
  std::set<Id> seen_clients;
  for (const auto& [id, entry] : entries_) {
    if (visible && !visible(entry.tracker)) continue;
    AppendSeparator(trackers);
    Append(entry, view, scratch, trackers);
    if (entry.tracker.client_id) seen_clients.insert(*entry.tracker.client_id);
  }
  std::string out = "{\"offset\":";
  out.reserve(trackers.size() + 1024);
  base::AppendJsonString(out, offset);
  out += ",\"server_time\":\"" + base::FormatTime(server_time) + "\",\"clients\":";
  out += ClientsJson(seen_clients, view);
  out += ",\"trackers\":";
  out += trackers;
  out += "]}";
  return out;
}

}  // namespace trackwire::tracking
