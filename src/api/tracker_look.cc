#include "api/tracker_look.h"

#include <algorithm>

#include "base/fold_case.h"
#include "base/json_scanner.h"
#include "base/text.h"
#include "notify/audience.h"

namespace trackwire::api {
namespace {

using base::JsonValue;
using tracking::Client;
using tracking::Connectivity;
using tracking::Id;
using tracking::Motion;
using tracking::Tracker;

std::optional<JsonValue> Member(std::optional<JsonValue> object, std::string_view name) {
  if (!object || !object->is_object()) return std::nullopt;
  return base::FindMember(*object, name);
}

std::string Text(std::optional<JsonValue> object, std::string_view name) {
  const auto member = Member(object, name);
  return member && member->is_string() ? base::DecodeJsonString(member->text) : std::string();
}

WallTime Time(std::optional<JsonValue> object, std::string_view name) {
  return base::ParseTime(Text(object, name)).value_or(WallTime{});
}

std::chrono::seconds Seconds(std::optional<JsonValue> object, std::string_view name) {
  const auto member = Member(object, name);
  return std::chrono::seconds(member && member->is_number() ? *base::JsonInteger(*member) : 0);
}

std::string Raw(std::optional<JsonValue> object, std::string_view name) {
  const auto member = Member(object, name);
  return member && member->is_object() ? std::string(member->text) : std::string();
}

std::optional<Id> IdOf(std::optional<JsonValue> object, std::string_view name) {
  const auto member = Member(object, name);
  return member ? Id::FromJson(member->text) : std::nullopt;
}

/// The status of the board as far as it is in an object that was filtered.
tracking::Status StatusOf(std::optional<JsonValue> shown, const tracking::Status& known) {
  tracking::Status status;
  if (Member(shown, "connectivity")) status.connectivity = known.connectivity;
  if (Member(shown, "motion")) status.motion = known.motion;
  if (Member(shown, "connectivity_since")) status.connectivity_since = known.connectivity_since;
  if (Member(shown, "motion_since")) status.motion_since = known.motion_since;
  return status;
}

void AppendTime(std::string& out, const char* name, WallTime time) {
  out += std::string(",\"") + name + "\":\"" + base::FormatTime(time) + '"';
}

std::string ClientJson(const Client& client) {
  std::string out = "{\"id\":" + client.id.ToJson() + ",\"name\":";
  base::AppendJsonString(out, client.name);
  return out + '}';
}

}  // namespace

TrackerLook::TrackerLook(auth::Identity caller, const tracking::Board& board,
                         const notify::Views& views)
    : caller_(std::move(caller)), board_(board), views_(views), view_(views.Of(caller_)) {}

bool TrackerLook::MaySee(const Tracker& tracker) const {
  return notify::MaySee(caller_, tracker);
}

bool TrackerLook::Shows(std::string_view object_json) const {
  return (views_.HiddenFrom(object_json) >> view_ & 1) == 0;
}

bool TrackerLook::Owns(const Id& client) const {
  return caller_.authenticated &&
         std::binary_search(caller_.clients.begin(), caller_.clients.end(), client.ToJson());
}

/// What the snapshot has of it, and what only readers ask for, all of it to be filtered.
std::string TrackerLook::ObjectOf(const Tracker& tracker, WallTime now) const {
  std::string out = board_.ObjectJson(tracker.id);
  out.pop_back();
  if (tracker.client_id) {
    const Client* client = board_.FindClient(*tracker.client_id);
    if (client != nullptr) out += ",\"client\":" + ClientJson(*client);
  }
  out += std::string(",\"public\":") + (tracker.is_public ? "true" : "false");
  out += ",\"offline_after\":" + std::to_string(tracker.offline_after.count());
  out += ",\"expected_interval\":" + std::to_string(tracker.expected_interval.count());
  const WallTime seen = board_.LastSeen(tracker.id);
  if (seen != WallTime{} && Shows(R"({"received_at":0})")) AppendTime(out, "last_seen_at", seen);
  const std::string json = board_.PositionJson(tracker.id);
  const auto position = base::ScanJson(json);
  const bool timed = position && ShowsTimes();
  const WallTime fixed = timed ? Time(*position, "fix_time") : WallTime{};
  if (fixed != WallTime{}) {
    out += std::string(",\"freshness\":\"") +
           ToString(tracking::FreshnessOf(tracker, fixed, now)) + '"';
  }
  return out + '}';
}

TrackerView TrackerLook::Of(const Tracker& tracker, WallTime now) const {
  const std::string object = views_.Filter(view_, ObjectOf(tracker, now));
  const auto scanned = base::ScanJson(object);
  CHECK(scanned);
  const std::optional<JsonValue> shown = *scanned;
  TrackerView out;
  out.tracker.id = tracker.id;
  out.tracker.name = Text(shown, "name");
  out.tracker.category = Text(shown, "category");
  out.tracker.client_id = IdOf(shown, "client_id");
  const auto is_public = Member(shown, "public");
  out.tracker.is_public = is_public && is_public->type == base::JsonType::kTrue;
  out.tracker.offline_after = Seconds(shown, "offline_after");
  out.tracker.expected_interval = Seconds(shown, "expected_interval");
  out.tracker.attributes_json = Raw(shown, "attributes");
  if (caller_.is_admin()) {
    out.tracker.provider = tracker.provider;
    out.tracker.edited = tracker.edited;
  }
  out.status = StatusOf(Member(shown, "status"), board_.StatusOf(tracker.id));
  out.position_json = Raw(shown, "position");
  if (out.tracker.client_id) out.client_name = Text(Member(shown, "client"), "name");
  out.last_seen_at = Time(shown, "last_seen_at");
  const std::string freshness = Text(shown, "freshness");
  for (const auto each : {tracking::Freshness::kLive, tracking::Freshness::kDelayed,
                          tracking::Freshness::kStale, tracking::Freshness::kExpired}) {
    if (freshness == ToString(each)) out.freshness = each;
  }
  return out;
}

void TrackerLook::ChooseClient(TrackerFilter& filter) const {
  if (filter.client.size() < 2) return;
  auto chosen = std::find_if(filter.client.begin(), filter.client.end(),
                             [this](const Id& id) { return board_.KnowsClient(id); });
  if (chosen == filter.client.end()) chosen = filter.client.begin();
  filter.client = {Id(*chosen)};
}

tracking::Board::Scope TrackerLook::ScopeOf(const TrackerFilter& filter) const {
  tracking::Board::Scope scope;
  const bool admin = caller_.is_admin();
  if (!filter.client.empty() && (admin || Owns(filter.client.front()))) {
    scope.clients = filter.client;
  } else if (admin) {
    scope.all = true;
  } else {
    scope.with_public = true;
    // Somebody else's client has only public trackers to show.
    if (!filter.client.empty() || !caller_.authenticated) return scope;
    for (const std::string& json : caller_.clients) {
      if (auto id = Id::FromJson(json)) scope.clients.push_back(std::move(*id));
    }
  }
  return scope;
}

bool TrackerLook::MayAsk(const TrackerFilter& filter) const {
  if (!Shows(R"({"id":0})")) return false;
  if (!filter.client.empty() && !Shows(R"({"client_id":0})")) return false;
  if (filter.connectivity && !Shows(R"({"status":{"connectivity":0}})")) return false;
  if (filter.motion && !Shows(R"({"status":{"motion":0}})")) return false;
  if (filter.box && !(views_.ShowsPlaces(view_) && Shows(R"({"position":0})"))) return false;
  return filter.search.empty() || Shows(R"({"name":0})");
}

bool TrackerLook::Fits(const Tracker& tracker, const TrackerFilter& filter,
                       const std::string& search_folded) const {
  if (!filter.client.empty() && tracker.client_id != filter.client.front()) return false;
  const tracking::Status& status = board_.StatusOf(tracker.id);
  if (filter.connectivity && status.connectivity != *filter.connectivity) return false;
  if (filter.motion && status.motion != *filter.motion) return false;
  if (filter.box) {
    const auto place = board_.PlaceOf(tracker.id);
    if (!place || !filter.box->Contains(*place)) return false;
  }
  const auto has = [&](const std::string& text) {
    return base::FoldCase(text).find(search_folded) != std::string::npos;
  };
  return search_folded.empty() || has(tracker.name) || has(tracker.id.ToText());
}

std::vector<Client> TrackerLook::Clients() const {
  std::vector<Client> known;
  if (caller_.is_admin()) {
    known = board_.AllClients();
  } else {
    known = board_.ClientsWithPublicTrackers();
    if (caller_.authenticated) {
      for (const std::string& json : caller_.clients) {
        const auto id = Id::FromJson(json);
        const Client* client = id ? board_.FindClient(*id) : nullptr;
        if (client != nullptr) known.push_back(*client);
      }
    }
    const auto by_id = [](const Client& a, const Client& b) { return a.id < b.id; };
    const auto same = [](const Client& a, const Client& b) { return a.id == b.id; };
    std::sort(known.begin(), known.end(), by_id);
    known.erase(std::unique(known.begin(), known.end(), same), known.end());
  }
  if (!Shows(R"({"clients":[{"id":0}]})") || !Shows(R"({"client_id":0})")) return {};
  if (!Shows(R"({"name":0})")) {
    for (Client& client : known) client.name.clear();
  }
  return known;
}

}  // namespace trackwire::api
