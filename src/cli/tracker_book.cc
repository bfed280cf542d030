#include "cli/tracker_book.h"

#include <algorithm>
#include <utility>

namespace trackwire::cli {
namespace {

/// Of how many trackers a name is kept before anything else is heard of them.
constexpr size_t kMaxSaid = 500'000;

/// The id of the other type that is written the same.
std::optional<tracking::Id> OtherType(const tracking::Id& id) {
  if (id.is_integer()) return tracking::Id(id.ToText());
  auto number = tracking::Id::FromJson(id.ToText());
  if (!number || !number->is_integer() || number->ToText() != id.ToText()) return std::nullopt;
  return number;
}

}  // namespace

Result<TrackerBook> TrackerBook::Open(store::Store& store, const Options& options) {
  TrackerBook book(store, options);
  if (auto done = book.Load(); !done) return Err(std::move(done.error()));
  return book;
}

Result<void> TrackerBook::Load() {
  if (options_.client) {
    auto clients = store_->Clients();
    if (!clients) return Err(std::move(clients.error()));
    const bool known = std::any_of(clients->begin(), clients->end(), [this](const auto& client) {
      return client.id == *options_.client;
    });
    if (!known) {
      return Err("unknown_client", "there is no client " + options_.client->ToJson());
    }
  }
  auto states = store_->TrackerStates();
  if (!states) return Err(std::move(states.error()));
  for (const tracking::TrackerState& state : *states) known_[state.tracker.id.ToJson()] = true;
  return Ok();
}

std::optional<tracking::Id> TrackerBook::Find(const tracking::Id& id) const {
  if (known_.count(id.ToJson()) > 0) return id;
  auto other = OtherType(id);
  if (!other) return std::nullopt;
  const auto found = known_.find(other->ToJson());
  // A file that holds both means two.
  return found != known_.end() && found->second ? other : std::nullopt;
}

void TrackerBook::Learn(const tracking::Id& id, const formats::FilePoint& point) {
  if (!options_.create || (point.report.name.empty() && point.report.category.empty())) return;
  const std::string key = id.ToJson();
  if (said_.size() >= kMaxSaid && said_.count(key) == 0) return;
  Said& said = said_[key];
  if (!point.report.name.empty()) said.name = point.report.name;
  if (!point.report.category.empty()) said.category = point.report.category;
}

tracking::Tracker TrackerBook::MakeTracker(const tracking::Id& id) const {
  tracking::Tracker tracker;
  tracker.id = id;
  tracker.name = id.ToText();
  tracker.category = "other";
  if (const auto said = said_.find(id.ToJson()); said != said_.end()) {
    if (!said->second.name.empty()) tracker.name = said->second.name;
    if (!said->second.category.empty()) tracker.category = said->second.category;
  }
  tracker.client_id = options_.client;
  tracker.is_public = options_.is_public;
  tracker.provider = options_.provider;
  tracker.external_id = id.ToText();
  return tracker;
}

Result<std::optional<tracking::Id>> TrackerBook::FindOrCreate(const tracking::Id& id,
                                                              const formats::FilePoint& point) {
  auto found = Find(id);
  if (found || !options_.create) return found;
  Learn(id, point);
  tracking::Tracker tracker = MakeTracker(id);
  auto done = store_->CreateTracker(tracker);
  // Somebody else was faster: theirs stays as it is.
  const bool others = !done && done.error().code == "exists";
  if (!done && !others) return Err(std::move(done.error()));
  known_[id.ToJson()] = others;
  if (!others) created_.push_back(std::move(tracker));
  return std::optional<tracking::Id>(id);
}

Result<void> TrackerBook::Finish() {
  std::vector<tracking::Tracker> renamed;
  for (tracking::Tracker& tracker : created_) {
    tracking::Tracker now = MakeTracker(tracker.id);
    if (now.name == tracker.name && now.category == tracker.category) continue;
    tracker = now;
    renamed.push_back(std::move(now));
  }
  if (renamed.empty()) return Ok();
  return store_->UpsertTrackers(renamed);
}

}  // namespace trackwire::cli
