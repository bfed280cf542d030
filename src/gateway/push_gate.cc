#include "gateway/push_gate.h"

#include <utility>

#include "api/tracker_edit.h"
#include "ingest/tracker_check.h"
#include "net/timer_wheel.h"

namespace trackwire::gateway {
namespace {

using tracking::Id;
using tracking::Tracker;

constexpr std::chrono::milliseconds kTick{500};

bool IsCalled(const Tracker& tracker, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (tracker.id.ToText() == name || tracker.external_id == name) return true;
  }
  return false;
}

Result<void> CheckReports(const api::PushMessage& message, WallTime now,
                          std::chrono::milliseconds skew) {
  for (const ingest::FixReport& report : message.reports) {
    if (!report.has_place) continue;
    if (auto checked = CheckFix(report.fix, now, skew); !checked) return checked;
  }
  return Ok();
}

}  // namespace

PushGate::PushGate(net::Loop& control, const tracking::Board& board, ingest::PushDesk& desk,
                   ingest::TrackerAdmin& admin, const Clock& clock, Options options)
    : control_(control),
      board_(board),
      desk_(desk),
      admin_(admin),
      clock_(clock),
      options_(options),
      tick_([](void* self) { static_cast<PushGate*>(self)->OnTick(); }, this) {}

const Tracker* PushGate::FindByName(const std::vector<std::string>& names) const {
  for (const std::string& name : names) {
    for (const Id& id : api::IdsOfSegment(name)) {
      if (const Tracker* tracker = board_.Find(id)) return tracker;
    }
  }
  return nullptr;
}

PushGate::Found PushGate::FindNamed(const Id& named, const std::vector<std::string>& names) const {
  const Tracker* tracker = board_.Find(named);
  if (tracker == nullptr) return Err("unknown_tracker", "the tracker of this token is gone");
  if (names.empty() || IsCalled(*tracker, names)) return tracker;
  // Who has a token of one tracker learns nothing of the others but that they are others.
  if (FindByName(names) != nullptr) {
    return Err("other_tracker", "the token is not this tracker's");
  }
  return Err("unknown_tracker", "there is no such tracker");
}

void PushGate::Take(std::optional<Id> named, api::PushMessage message, Done done) {
  if (closed_ || waiting_.size() >= options_.max_waiting) {
    return done(Err("unavailable", "too many wait, or the server is stopping"));
  }
  if (auto checked = CheckReports(message, clock_.WallNow(), options_.max_future_skew); !checked) {
    return done(Err(std::move(checked.error())));
  }
  if (!named && message.names.empty()) return done(Err("missing_id", "the device says no id"));
  Found found = named ? FindNamed(*named, message.names) : Found(FindByName(message.names));
  if (!found) return done(Err(std::move(found.error())));
  const Tracker* tracker = *found;
  // One known from notifications alone has no provider, and no record yet.
  if (tracker == nullptr || (!named && tracker->provider.empty())) {
    std::string name = message.names.front();
    return TakeNew(std::move(name), std::move(message), std::move(done));
  }
  if (tracker->provider != ingest::kPushProvider) {
    return done(Err("other_provider", "the positions of this tracker come from elsewhere"));
  }
  Hand(tracker->id, std::move(message), std::move(done));
}

void PushGate::TakeNew(std::string name, api::PushMessage message, Done done) {
  Tracker tracker;
  tracker.id = Id(name);
  tracker.provider = ingest::kPushProvider;
  admin_.CreateTracker(tracker, [this, id = tracker.id, message = std::move(message),
                                 done = std::move(done)](const Result<Tracker>& made) {
    // Somebody may have made it a moment ago.
    const bool is_there = made || made.error().code == "exists";
    if (!is_there) return done(Err(made.error()));
    control_.Post([this, id, message, done] {
      if (closed_) return done(Err("unavailable", "the server is stopping"));
      Hand(id, message, done);
    });
  });
}

void PushGate::Hand(const Id& tracker, api::PushMessage message, Done done) {
  const uint64_t number = ++last_number_;
  waiting_.emplace(number, Waiting{control_.now() + options_.patience, std::move(done)});
  if (!tick_.armed()) tick_.Start(control_.timers(), kTick);
  for (ingest::FixReport& report : message.reports) report.tracker_id = tracker;
  desk_.Take(std::move(message.reports), [this, number](const Result<void>& result) {
    control_.Post([this, number, result] { Answer(number, result); });
  });
}

void PushGate::Answer(uint64_t number, const Result<void>& result) {
  const auto found = waiting_.find(number);
  if (found == waiting_.end()) return;
  Done done = std::move(found->second.done);
  waiting_.erase(found);
  done(result);
}

void PushGate::OnTick() {
  const Steady::time_point now = control_.now();
  while (!waiting_.empty() && waiting_.begin()->second.until <= now) {
    Answer(waiting_.begin()->first, Err("unavailable", "it could not be stored in time"));
  }
  if (!waiting_.empty()) tick_.Start(control_.timers(), kTick);
}

void PushGate::Close() {
  closed_ = true;
  tick_.Cancel();
  while (!waiting_.empty()) {
    Answer(waiting_.begin()->first, Err("unavailable", "the server is stopping"));
  }
}

}  // namespace trackwire::gateway
