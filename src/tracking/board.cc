#include "tracking/board.h"

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

bool IsWithin(base::JsonValue object, std::string_view name, double limit) {
  const auto member = base::FindMember(object, name);
  if (!member || !member->is_number()) return false;
  const auto number = base::JsonNumber(*member);
  return number && *number >= -limit && *number <= limit;
}

struct Location {
  WallTime fix_time;
  std::string_view json;
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
  if (!IsWithin(*object, "latitude", 90) || !IsWithin(*object, "longitude", 180)) {
    return std::nullopt;
  }
  return Location{*fix_time, object->text};
}

void AppendSeparator(std::string& out) {
  if (out.back() != '[') out += ',';
}

}  // namespace

Board::Entry* Board::FindEntry(const Id& id) {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

const Tracker* Board::Find(const Id& id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second.tracker;
}

void Board::Upsert(const std::vector<Client>& clients, const std::vector<TrackerState>& states) {
  for (const Client& client : clients) clients_[client.id] = client;
  for (const TrackerState& state : states) {
    Entry& entry = entries_[state.tracker.id];
    entry.tracker = state.tracker;
    entry.learned = false;
    entry.head = Head(state.tracker);
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
    if (state.latest && state.latest->fix.fix_time > entry.fix_time) {
      entry.position_json = ToJson(*state.latest, true);
      entry.fix_time = state.latest->fix.fix_time;
    }
  }
}

bool Board::ApplyLocation(const Id& id, std::string_view notification_json, WallTime now) {
  Entry* entry = FindEntry(id);
  if (entry == nullptr) return false;
  const auto location = ReadLocation(notification_json, std::nullopt, now);
  if (!location || location->fix_time < entry->fix_time) return false;
  entry->fix_time = location->fix_time;
  entry->position_json = location->json;
  entry->hidden_from.reset();
  return true;
}

bool Board::LearnLocation(const Id& id, std::string_view notification_json, WallTime told_at,
                          WallTime now, size_t max_trackers) {
  Entry* entry = FindEntry(id);
  if (entry != nullptr && !entry->learned) return ApplyLocation(id, notification_json, now);
  if (entry == nullptr && entries_.size() >= max_trackers) return false;
  const auto location = ReadLocation(notification_json, told_at, now);
  if (!location) return false;
  if (entry == nullptr) entry = &AddLearned(id);
  if (location->fix_time < entry->fix_time) return false;
  entry->fix_time = location->fix_time;
  entry->position_json = location->json;
  entry->hidden_from.reset();
  return true;
}

Board::Entry& Board::AddLearned(const Id& id) {
  Entry& entry = entries_[id];
  entry.learned = true;
  entry.tracker.id = id;
  entry.tracker.name = id.ToText();
  entry.tracker.is_public = true;
  entry.head = Head(entry.tracker);
  entry.status_json = StatusMember(entry.status);
  return entry;
}

bool Board::LearnStatus(const Id& id, std::string_view notification_json, WallTime now,
                        size_t max_trackers) {
  if (FindEntry(id) != nullptr) return ApplyStatus(id, notification_json, now);
  if (entries_.size() >= max_trackers) return false;
  AddLearned(id);
  const bool applied = ApplyStatus(id, notification_json, now);
  if (!applied) entries_.erase(id);
  return applied;
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
