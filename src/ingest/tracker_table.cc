#include "ingest/tracker_table.h"

#include <utility>

#include "base/json_scanner.h"
#include "base/text.h"
#include "ingest/envelope.h"

namespace trackwire::ingest {
namespace {

using tracking::Position;
using tracking::StatusChange;
using tracking::TrackerState;

std::string MillisText(WallTime time) { return std::to_string(time.time_since_epoch().count()); }

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

TrackerTable::TrackerTable(const tracking::StatusOptions& options)
    : options_(options), key_prefix_("tw:" + base::Base64UrlEncode(base::RandomBytes(6)) + ":") {}

void TrackerTable::Say(const char* event, const tracking::Id& id, const std::string& notification,
                       std::string key, WallTime now, Derived& derived) {
  derived.batch.outbox.push_back(
      {0, std::move(key), MakeEnvelope(event, notification, id, ""), now});
}

std::string TrackerTable::KeyOf(const StatusChange& change) {
  // Motion follows from the fixes alone. Connectivity is what this process saw when.
  if (!change.motion_axis) return key_prefix_ + std::to_string(++last_key_);
  return "tw:m:" + MillisText(change.since) + ":" + change.status + ":" +
         change.tracker_id.ToJson();
}

void TrackerTable::Register(const std::vector<TrackerState>& states, WallTime now) {
  for (const TrackerState& state : states) {
    std::unique_ptr<Entry>& entry = entries_[state.tracker.id];
    if (entry) {
      entry->tracker = state.tracker;
      entry->status.set_offline_after(state.tracker.offline_after);
    } else {
      entry.reset(new Entry{state.tracker, tracking::StatusTracker(state, options_, now),
                            state.latest});
    }
    Watch(*entry);
  }
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
      const Entry& entry = *found->second;
      states.push_back({tracker, entry.status.status(), entry.latest,
                        entry.status.last_seen_at()});
    }
  }
  return states;
}

void TrackerTable::KeepEdits(tracking::Tracker& tracker) const {
  const auto found = entries_.find(tracker.id);
  if (found != entries_.end()) tracking::KeepEdits(found->second->tracker, tracker);
}

void TrackerTable::Watch(Entry& entry) {
  const auto due = entry.status.due();
  if (!due || entry.in_queue) return;
  entry.in_queue = true;
  due_.push({*due, &entry});
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

Result<FixOutcome> TrackerTable::Take(const tracking::Id& id, const tracking::Fix& fix,
                                      WallTime now, std::chrono::milliseconds skew,
                                      Derived& derived, const std::string& request_id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return Err("unknown_tracker", id.ToText());
  if (auto checked = CheckFix(fix, now, skew); !checked) return Err(std::move(checked.error()));
  Entry& entry = *found->second;
  const bool newest = !entry.latest || fix.fix_time > entry.latest->fix.fix_time;
  if (!newest) {
    Tell(entry, entry.status.OnContact(now), now, derived);
    if (fix.fix_time == entry.latest->fix.fix_time) return FixOutcome::kDuplicate;
    derived.batch.positions.push_back({id, fix, now, tracking::Motion::kUnknown});
    ++derived.late;
    return FixOutcome::kLate;
  }
  Tell(entry, entry.status.OnFix(fix, now), now, derived);
  entry.latest = Position{id, fix, now, entry.status.status().motion};
  Say("tracker_location_updated", id, WithRequest(ToJson(*entry.latest, true), request_id),
      "tw:p:" + MillisText(fix.fix_time) + ":" + id.ToJson(), now, derived);
  derived.batch.positions.push_back(*entry.latest);
  return FixOutcome::kAccepted;
}

void TrackerTable::Tick(WallTime now, Derived& derived) {
  while (!due_.empty() && due_.top().at <= now) {
    Entry& entry = *due_.top().entry;
    due_.pop();
    entry.in_queue = false;
    // It may have been heard since it was queued: then it is watched on.
    Tell(entry, entry.status.OnTime(now), now, derived);
  }
}

void TrackerTable::SetProvider(const std::string& provider, bool reachable, WallTime now,
                               Derived& derived) {
  for (auto& [id, entry] : entries_) {
    if (entry->tracker.provider != provider) continue;
    Tell(*entry, entry->status.OnProvider(reachable, now), now, derived);
  }
}

}  // namespace trackwire::ingest
