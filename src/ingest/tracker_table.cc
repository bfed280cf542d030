#include "ingest/tracker_table.h"

#include <string_view>
#include <utility>

#include "base/json_scanner.h"
#include "base/text.h"
#include "ingest/envelope.h"
#include "ingest/tracker_check.h"

namespace trackwire::ingest {
namespace {

using tracking::Position;
using tracking::StatusChange;
using tracking::Tracker;
using tracking::TrackerState;

/// A ping says the place of the fix before; it went through a device's rounding.
constexpr double kSamePlaceM = 1;
/// Of so many that are gone it is known that they were here.
constexpr size_t kMaxGone = 100'000;

std::string MillisText(WallTime time) { return std::to_string(time.time_since_epoch().count()); }

/// Says nothing of who tells it when: whoever else finds the end of the same state makes the same
/// key, and the log takes one of them. The first word of a tracker ends no state; one that was
/// removed may have it again.
std::string KeyOf(const StatusChange& change) {
  std::string key = "tw:m:" + MillisText(change.since);
  if (!change.motion_axis) {
    const bool first = change.previous_since == WallTime{};
    key = first ? "tw:f:" + MillisText(change.since) : "tw:c:" + MillisText(change.previous_since);
  }
  return key + ":" + change.status + ":" + change.tracker_id.ToJson();
}

/// Whether a fix comes from that provider. Of those that report themselves it says how, too, as
/// `push:osmand`.
bool IsFrom(const std::string& provider, const std::string& source) {
  if (source == provider) return true;
  return provider == kPushProvider && source.starts_with(provider + ":");
}

/// Whether what others notify of a tracker is where its positions come from, beside itself.
bool IsToldOf(const Tracker& tracker) {
  return tracker.provider == kPushProvider || tracker.provider == kToldProvider ||
         tracker.provider.empty();
}

/// The object of a position, with the update request that it answers, if any.
std::string WithRequest(std::string position_json, const std::string& request_id) {
  if (request_id.empty()) return position_json;
  position_json.back() = ',';
  position_json += "\"request_id\":";
  base::AppendJsonString(position_json, request_id);
  position_json += '}';
  return position_json;
}

}  // namespace

TrackerTable::TrackerTable(const tracking::StatusOptions& options,
                           std::optional<std::string> provider)
    : options_(options), provider_(std::move(provider)) {}

bool TrackerTable::IsMine(const Tracker& tracker) const {
  if (!provider_ || tracker.provider == *provider_) return true;
  return *provider_ == kPushProvider && IsToldOf(tracker);
}

void TrackerTable::Say(const char* event, const tracking::Id& id, const std::string& notification,
                       std::string key, WallTime now, Derived& derived) {
  derived.batch.outbox.push_back(
      {0, std::move(key), MakeEnvelope(event, notification, id, ""), now});
}

bool TrackerTable::Reaches(const std::string& provider) const {
  const auto known = reachable_.find(provider);
  return known == reachable_.end() || known->second;
}

void TrackerTable::Register(const std::vector<TrackerState>& states, WallTime now,
                            Derived& derived) {
  for (const TrackerState& state : states) {
    const Tracker& tracker = state.tracker;
    if (!IsMine(tracker)) {
      Remove(tracker.id);
      if (tracker.edited.source) moved_away_.insert_or_assign(tracker.id, tracker);
      continue;
    }
    moved_away_.erase(tracker.id);
    const auto [found, is_new] = entries_.try_emplace(tracker.id, state, options_, now);
    Entry& entry = found->second;
    if (is_new && gone_.erase(tracker.id) > 0) entry.again = MillisText(now) + ":";
    const bool moved = !is_new && entry.tracker.provider != tracker.provider;
    entry.tracker = tracker;
    entry.status.set_offline_after(tracker.offline_after);
    // What a provider said of its reach holds for those that come to it later.
    const bool follows = moved || (is_new && reachable_.contains(tracker.provider));
    Tell(entry,
         follows ? entry.status.OnProvider(Reaches(tracker.provider), now)
                 : std::vector<StatusChange>(),
         now, derived);
  }
}

void TrackerTable::Replace(const std::vector<TrackerState>& states, WallTime now,
                           Derived& derived) {
  std::set<tracking::Id> kept;
  for (const TrackerState& state : states) kept.insert(state.tracker.id);
  std::vector<tracking::Id> gone;
  for (const auto& [id, entry] : entries_) {
    if (!kept.contains(id)) gone.push_back(id);
  }
  for (const tracking::Id& id : gone) Remove(id);
  moved_away_.clear();
  Register(states, now, derived);
}

void TrackerTable::Remove(const tracking::Id& id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  due_.erase({found->second.looked_at, &found->second});
  entries_.erase(found);
  if (gone_.size() < kMaxGone) gone_.insert(id);
}

std::vector<TrackerState> TrackerTable::StatesOf(
    const std::vector<tracking::Tracker>& trackers) const {
  std::vector<TrackerState> states;
  states.reserve(trackers.size());
  for (const tracking::Tracker& tracker : trackers) {
    const auto found = entries_.find(tracker.id);
    if (found == entries_.end()) {
      states.push_back({tracker, {}, std::nullopt, {}});
    } else {
      const Entry& entry = found->second;
      states.push_back({tracker, entry.status.status(), entry.latest,
                        entry.status.last_seen_at()});
    }
  }
  return states;
}

void TrackerTable::KeepEdits(tracking::Tracker& tracker) const {
  const auto found = entries_.find(tracker.id);
  if (found != entries_.end()) return tracking::KeepEdits(found->second.tracker, tracker);
  const auto moved = moved_away_.find(tracker.id);
  if (moved != moved_away_.end()) tracker = moved->second;
}

void TrackerTable::Watch(Entry& entry) {
  const auto due = entry.status.due();
  // One that was heard since is looked at when it would have been due, and then watched on: cheaper
  // than a new place in the order with each fix.
  if (!due || (entry.looked_at != WallTime{} && entry.looked_at <= *due)) return;
  due_.erase({entry.looked_at, &entry});
  entry.looked_at = *due;
  due_.emplace(*due, &entry);
}

void TrackerTable::Tell(Entry& entry, const std::vector<StatusChange>& changes, WallTime now,
                        Derived& derived) {
  Watch(entry);
  if (changes.empty()) return;
  derived.batch.statuses.emplace_back(entry.tracker.id, entry.status.status());
  for (const StatusChange& change : changes) {
    Say("tracker_status_change", change.tracker_id, ToJson(change), KeyOf(change), now, derived);
    ++derived.status_changes;
  }
}

Result<FixOutcome> TrackerTable::Take(const FixReport& report, WallTime now,
                                      std::chrono::milliseconds skew, Derived& derived) {
  const auto found = entries_.find(report.tracker_id);
  if (found == entries_.end()) return Err("unknown_tracker", report.tracker_id.ToText());
  Entry& entry = found->second;
  const tracking::Fix& fix = report.fix;
  const Tracker& tracker = entry.tracker;
  // Who was moved to another source is not followed by the former one.
  const bool is_from = report.told ? IsToldOf(tracker)
                                   : !tracker.edited.source || IsFrom(tracker.provider, fix.source);
  if (!is_from) {
    return Err("other_provider", report.tracker_id.ToText());
  }
  const bool dated = report.received_at != WallTime{};
  const WallTime at = dated ? std::min(report.received_at, now) : now;
  if (report.last_will) return TakeLastWill(entry, report, at, now, derived);
  if (!report.has_place) return TakeContact(entry, report, at, now, derived);
  if (auto checked = CheckFix(fix, now, skew); !checked) return Err(std::move(checked.error()));
  if (report.told) return TakeTold(entry, report, at, now, derived);
  if (!entry.latest || fix.fix_time > entry.latest->fix.fix_time) {
    return TakeNewest(entry, report, at, now, derived);
  }
  if (report.pushed) {
    Tell(entry, entry.status.OnContact(at, now), now, derived);
    derived.batch.contacts.push_back({tracker.id, at, {}, {}});
  }
  if (fix.fix_time == entry.latest->fix.fix_time) return FixOutcome::kDuplicate;
  derived.batch.positions.push_back({tracker.id, fix, at, tracking::Motion::kUnknown});
  ++derived.late;
  return FixOutcome::kLate;
}

FixOutcome TrackerTable::TakeLastWill(Entry& entry, const FixReport& report, WallTime at,
                                     WallTime now, Derived& derived) {
  const WallTime said = report.fix.fix_time;
  const WallTime gone_at = said == WallTime{} ? at : std::min(said, at);
  // A provider says when it had the fix, not when it was asked: by that its words have their order.
  const bool asked = !report.pushed && entry.latest;
  const WallTime heard_at = asked ? entry.latest->fix.fix_time : entry.status.last_seen_at();
  if (gone_at >= heard_at) Tell(entry, entry.status.OnLastWill(gone_at, now), now, derived);
  return FixOutcome::kLastWill;
}

FixOutcome TrackerTable::TakeTold(Entry& entry, const FixReport& report, WallTime at, WallTime now,
                                  Derived& derived) {
  const tracking::Fix& fix = report.fix;
  if (entry.latest && fix.fix_time == entry.latest->fix.fix_time) return FixOutcome::kDuplicate;
  Position position{entry.tracker.id, fix, at, report.told_motion};
  if (entry.latest && fix.fix_time < entry.latest->fix.fix_time) {
    derived.batch.positions.push_back(std::move(position));
    ++derived.late;
    return FixOutcome::kLate;
  }
  if (entry.tracker.provider == kPushProvider) {
    const bool is_old = now - fix.fix_time >= entry.tracker.offline_after ||
                        entry.status.IsGoneSince(fix.fix_time);
    Tell(entry, entry.status.OnFix(fix, is_old ? fix.fix_time : at, now), now, derived);
    position.motion = entry.status.status().motion;
  }
  entry.latest = position;
  derived.batch.positions.push_back(std::move(position));
  return FixOutcome::kAccepted;
}

FixOutcome TrackerTable::TakeContact(Entry& entry, const FixReport& report, WallTime at,
                                              WallTime now, Derived& derived) {
  const tracking::Fix& fix = report.fix;
  Tell(entry, entry.status.OnContact(at, now), now, derived);
  derived.batch.contacts.push_back(
      {entry.tracker.id, at, fix.attributes_json, fix.battery_percent});
  const bool says_more = !fix.attributes_json.empty() || fix.battery_percent;
  if (!says_more || !entry.latest || at < entry.latest->received_at) return FixOutcome::kContact;
  // The place stays the one of its own time; what was said besides is news all the same.
  if (!fix.attributes_json.empty()) entry.latest->fix.attributes_json = fix.attributes_json;
  if (fix.battery_percent) entry.latest->fix.battery_percent = fix.battery_percent;
  entry.latest->received_at = at;
  const tracking::Id& id = entry.tracker.id;
  Say("tracker_location_updated", id, ToJson(*entry.latest, true),
      "tw:a:" + MillisText(at) + ":" + id.ToJson(), now, derived);
  return FixOutcome::kContact;
}

FixOutcome TrackerTable::TakeNewest(Entry& entry, const FixReport& report, WallTime at,
                                             WallTime now, Derived& derived) {
  const tracking::Fix& fix = report.fix;
  const bool repeats = report.is_ping && entry.latest &&
                       DistanceM(entry.latest->fix.place, fix.place) < kSamePlaceM;
  if (repeats) return TakeContact(entry, report, at, now, derived);
  const bool is_old = !report.pushed && (now - fix.fix_time >= entry.tracker.offline_after ||
                                         entry.status.IsGoneSince(fix.fix_time));
  Tell(entry, entry.status.OnFix(fix, is_old ? fix.fix_time : at, now), now, derived);
  const tracking::Id& id = entry.tracker.id;
  // One that was removed and made again may say what it said before: that is news all the same.
  const std::string again = entry.latest ? std::string() : entry.again;
  entry.latest = Position{id, fix, at, entry.status.status().motion};
  const std::string request_id = report.answer ? report.answer->request_id : std::string();
  Say("tracker_location_updated", id, WithRequest(ToJson(*entry.latest, true), request_id),
      "tw:p:" + again + MillisText(fix.fix_time) + ":" + id.ToJson(), now, derived);
  derived.batch.positions.push_back(*entry.latest);
  return FixOutcome::kAccepted;
}

void TrackerTable::Tick(WallTime now, Derived& derived) {
  while (!due_.empty() && due_.begin()->first <= now) {
    Entry& entry = *due_.begin()->second;
    due_.erase(due_.begin());
    entry.looked_at = {};
    // It may have been heard since it was queued: then it is watched on.
    Tell(entry, entry.status.OnTime(now), now, derived);
  }
}

void TrackerTable::SetProvider(const std::string& provider, bool reachable, WallTime now,
                               Derived& derived) {
  if (provider_ && provider != *provider_) return;
  reachable_[provider] = reachable;
  for (auto& [id, entry] : entries_) {
    if (entry.tracker.provider != provider) continue;
    Tell(entry, entry.status.OnProvider(reachable, now), now, derived);
  }
}

}  // namespace trackwire::ingest
