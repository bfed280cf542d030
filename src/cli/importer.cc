#include "cli/importer.h"

#include <thread>
#include <utility>

namespace trackwire::cli {
namespace {

constexpr std::chrono::minutes kSkew{5};
constexpr uint64_t kTold = 5;
constexpr int kTries = 6;
constexpr std::chrono::milliseconds kFirstPause{200};

}  // namespace

uint64_t ImportTally::refused_in_all() const {
  uint64_t sum = 0;
  for (const auto& [reason, count] : refused) sum += count;
  return sum;
}

void Importer::Begin(const std::string& name) {
  name_ = name;
  tally_ = {};
}

void Importer::Refuse(uint64_t line, const std::string& reason) {
  ++tally_.points;
  ++tally_.refused[reason];
  if (options_.on_refused && tally_.refused_in_all() <= kTold) options_.on_refused(line, reason);
}

tracking::Id Importer::IdOf(const formats::FilePoint& point) const {
  if (options_.tracker) return *options_.tracker;
  if (point.id) return *point.id;
  if (!point.report.external_id.empty()) return tracking::Id(point.report.external_id);
  return tracking::Id(point.track == 0 ? name_ : name_ + "-" + std::to_string(point.track + 1));
}

Result<void> Importer::TakePoint(formats::FilePoint point) {
  const tracking::Id named = IdOf(point);
  if (!point.report.has_place) {
    book_.Learn(named, point);
    return Ok();
  }
  if (point.kind == formats::PointKind::kWaypoint && !options_.waypoints) {
    Refuse(0, "waypoint");
    return Ok();
  }
  if (!point.has_time) {
    Refuse(0, "missing_time");
    return Ok();
  }
  const WallTime now = clock_.WallNow();
  if (auto fine = tracking::CheckFix(point.report.fix, now, kSkew); !fine) {
    Refuse(0, fine.error().code);
    return Ok();
  }
  auto id = book_.FindOrCreate(named, point);
  if (!id) return Err(std::move(id.error()));
  if (!*id) {
    Refuse(0, "unknown_tracker");
    return Ok();
  }
  ++tally_.points;
  tracking::Position position;
  position.tracker_id = std::move(**id);
  position.fix = std::move(point.report.fix);
  if (position.fix.source.empty()) position.fix.source = "import";
  position.received_at = point.received_at.value_or(now);
  position.motion = point.motion;
  waiting_.push_back(std::move(position));
  return waiting_.size() < options_.batch ? Ok() : Flush();
}

Result<void> Importer::Take(formats::ReadPoints read) {
  for (const formats::BadEntry& bad : read.bad) Refuse(bad.line, bad.reason);
  for (formats::FilePoint& point : read.points) {
    if (options_.stopped && options_.stopped()) return Ok();
    if (auto done = TakePoint(std::move(point)); !done) return done;
  }
  return Ok();
}

Result<void> Importer::Flush() {
  if (waiting_.empty()) return Ok();
  store::WriteBatch batch;
  batch.positions = std::move(waiting_);
  waiting_.clear();
  auto pause = kFirstPause;
  for (int tries = 1;; ++tries) {
    auto outcome = store_.Write(batch);
    if (outcome) {
      tally_.stored += outcome->stored;
      tally_.duplicates += outcome->duplicates;
      if (outcome->unknown > 0) tally_.refused["unknown_tracker"] += outcome->unknown;
      return Ok();
    }
    // The server writes to the same database.
    const bool may_pass = outcome.error().code == "unavailable" && tries < kTries;
    if (!may_pass || (options_.stopped && options_.stopped())) {
      return Err(std::move(outcome.error()));
    }
    std::this_thread::sleep_for(pause);
    pause *= 2;
  }
}

}  // namespace trackwire::cli
