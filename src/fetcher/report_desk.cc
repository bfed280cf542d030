#include "fetcher/report_desk.h"

#include <algorithm>
#include <utility>

#include "base/hmac.h"
#include "base/log.h"
#include "base/text.h"
#include "ingest/tracker_check.h"

namespace trackwire::fetcher {
namespace {

constexpr std::ptrdiff_t kMaxBatch = 1'000;
constexpr size_t kMaxIdBytes = 128;
constexpr const char* kKeyMark = "tracker_id_key";
constexpr size_t kKeyBytes = 32;
/// 96 bits: no two names meet by chance.
constexpr size_t kTokenBytes = 12;

using TextField = std::optional<std::string> tracking::TrackerEdit::*;

/// What a source says of a tracker, if it may stand there.
std::string FittingText(TextField field, const std::string& said, const std::string& otherwise) {
  tracking::TrackerEdit edit;
  edit.*field = said;
  return !said.empty() && ingest::CheckEdit(edit) ? said : otherwise;
}

}  // namespace

ReportDesk::ReportDesk(ingest::PositionIntake& intake, const RunnerOptions& options,
                       const std::function<void(net::Loop::Task)>& post, RunnerCounters& counters)
    : intake_(intake),
      options_(options),
      post_(post),
      counters_(counters),
      life_(std::make_shared<ReportDesk*>(this)) {}

bool ReportDesk::Follow(const tracking::Tracker& tracker) {
  const std::string* known = ExternalIdOf(tracker.id);
  if (known != nullptr && *known == tracker.external_id) return true;
  Forget(tracker.id);
  if (tracker.external_id.empty()) return false;
  // Of two that claim one name the later one has it.
  if (const auto other = by_external_.find(tracker.external_id); other != by_external_.end()) {
    external_.erase(other->second.ToJson());
  }
  by_external_.insert_or_assign(tracker.external_id, tracker.id);
  external_[tracker.id.ToJson()] = tracker.external_id;
  return true;
}

void ReportDesk::Forget(const tracking::Id& tracker) {
  const auto found = external_.find(tracker.ToJson());
  if (found == external_.end()) return;
  by_external_.erase(found->second);
  external_.erase(found);
}

const std::string* ReportDesk::ExternalIdOf(const tracking::Id& tracker) const {
  const auto found = external_.find(tracker.ToJson());
  return found == external_.end() ? nullptr : &found->second;
}

std::vector<tracking::Id> ReportDesk::All() const {
  std::vector<tracking::Id> all;
  for (const auto& [external, id] : by_external_) all.push_back(id);
  return all;
}

void ReportDesk::Hand(std::vector<formats::Report> reports, Answers answers,
                      std::function<void()> done) {
  Batch batch = Sort(std::move(reports), answers);
  if (!batch.unknown.empty()) Register(std::move(batch.unknown), std::move(answers));
  if (batch.fixes.empty()) {
    if (done) post_(WhileAlive(std::move(done)));
    return;
  }
  counters_.fixes += batch.fixes.size();
  auto next = std::make_move_iterator(batch.fixes.begin());
  const auto end = std::make_move_iterator(batch.fixes.end());
  for (; end - next > kMaxBatch; next += kMaxBatch) Take({next, next + kMaxBatch}, {});
  Take({next, end}, std::move(done));
}

ReportDesk::Batch ReportDesk::Sort(std::vector<formats::Report> reports, const Answers& answers) {
  Batch batch;
  std::unordered_map<std::string, size_t> newest;  // of those that somebody waits for
  for (formats::Report& report : reports) {
    const auto tracker = by_external_.find(report.external_id);
    if (tracker == by_external_.end()) {
      if (options_.register_unknown && report.has_place) {
        batch.unknown.push_back(std::move(report));
      } else {
        ++counters_.unknown;
      }
      continue;
    }
    if (report.has_place && answers.contains(report.external_id)) {
      const auto [place, first] = newest.try_emplace(report.external_id, batch.fixes.size());
      if (!first && report.fix.fix_time > batch.fixes[place->second].fix.fix_time) {
        place->second = batch.fixes.size();
      }
    }
    ingest::PositionIntake::FixReport fix;
    fix.tracker_id = tracker->second;
    fix.fix = std::move(report.fix);
    fix.has_place = report.has_place;
    fix.last_will = report.last_will;
    fix.fix.source = options_.provider;
    batch.fixes.push_back(std::move(fix));
  }
  for (const auto& [external, index] : newest) batch.fixes[index].answer = answers.at(external);
  return batch;
}

std::string ReportDesk::NewId(const std::string& external_id) const {
  if (external_id.empty()) return {};
  std::string id = options_.provider + ":";
  if (options_.opaque_ids) {
    // Whoever comes to make this tracker makes the same id, so that two processes make one tracker.
    const std::string said = options_.provider + '\0' + external_id;
    id += base::Base64UrlEncode(base::HmacSha256(id_key_, said).substr(0, kTokenBytes));
  } else {
    id += external_id;
  }
  return id.size() > kMaxIdBytes ? std::string() : id;
}

std::optional<tracking::Tracker> ReportDesk::NewTracker(const formats::Report& report) const {
  const std::string id = NewId(report.external_id);
  if (id.empty()) return std::nullopt;
  tracking::Tracker tracker;
  tracker.id = tracking::Id(id);
  using Edit = tracking::TrackerEdit;
  // A name is seen by all who see the tracker, as its id is.
  tracker.name = FittingText(&Edit::name, report.name,
                             options_.opaque_ids ? id : report.external_id);
  tracker.category = FittingText(&Edit::category, report.category,
                                 FittingText(&Edit::category, options_.category, ""));
  tracker.client_id = options_.client;
  tracker.is_public = options_.is_public;
  tracker.provider = options_.provider;
  tracker.external_id = report.external_id;
  tracker.offline_after = options_.offline_after;
  // One that admins could not have made they could not name or change either.
  if (!ingest::CheckTracker(tracker)) return std::nullopt;
  return tracker;
}

void ReportDesk::AwaitKey(std::vector<formats::Report> reports, Answers answers) {
  for (formats::Report& report : reports) {
    if (waiting_.size() < options_.max_trackers) waiting_.push_back(std::move(report));
  }
  waiting_answers_.merge(answers);
  if (std::exchange(awaits_key_, true)) return;
  auto key = std::make_shared<std::string>();
  intake_.Change(
      [key](store::Store& store) -> Result<ingest::StoreChange> {
        const std::string fresh = base::Base64UrlEncode(base::RandomBytes(kKeyBytes));
        auto kept = store.KeepMark(kKeyMark, fresh);
        if (!kept) return Err(std::move(kept.error()));
        *key = std::move(*kept);
        return ingest::StoreChange();
      },
      [weak = std::weak_ptr(life_), post = post_, key](const Result<ingest::StoreChange>& done) {
        Result<std::string> result = *key;
        if (!done) result = Err(done.error());
        post([weak, result] {
          if (const auto life = weak.lock()) (*life)->OnKey(result);
        });
      });
}

void ReportDesk::OnKey(const Result<std::string>& key) {
  awaits_key_ = false;
  auto reports = std::exchange(waiting_, {});
  auto answers = std::exchange(waiting_answers_, {});
  if (!key || key->empty()) {
    counters_.unknown += reports.size();
    base::LogError("fetcher", "trackers of a provider cannot be given ids, trying later",
                   {{"provider", options_.provider},
                    {"detail", key ? "there is no key" : key.error().detail}});
    return;  // they come again
  }
  id_key_ = *key;
  Hand(std::move(reports), std::move(answers), {});
}

void ReportDesk::Register(std::vector<formats::Report> reports, Answers answers) {
  if (options_.opaque_ids && id_key_.empty()) {
    return AwaitKey(std::move(reports), std::move(answers));
  }
  std::vector<tracking::Tracker> trackers;
  for (formats::Report& report : reports) {
    if (!registering_.contains(report.external_id)) {
      auto tracker = NewTracker(report);
      // It has another name there by now, set by hand: this one is nobody's.
      const bool renamed = tracker && ExternalIdOf(tracker->id) != nullptr;
      const bool full = by_external_.size() + registering_.size() >= options_.max_trackers;
      if (!tracker || renamed || full) {
        ++counters_.unknown;
        continue;
      }
      registering_.insert(report.external_id);
      trackers.push_back(std::move(*tracker));
    }
    if (waiting_.size() < options_.max_trackers) waiting_.push_back(std::move(report));
  }
  waiting_answers_.merge(answers);
  if (trackers.empty()) return;
  std::vector<tracking::Client> clients;
  if (options_.client && !options_.client_name.empty()) {
    clients.push_back({*options_.client, options_.client_name});
  }
  intake_.Register(std::move(clients), trackers,
                   [weak = std::weak_ptr(life_), post = post_, trackers](Result<void> result) {
                     post([weak, trackers, held = std::move(result)] {
                       if (const auto life = weak.lock()) (*life)->OnRegistered(trackers, held);
                     });
                   });
}

void ReportDesk::OnRegistered(const std::vector<tracking::Tracker>& trackers,
                              const Result<void>& result) {
  for (const tracking::Tracker& tracker : trackers) {
    registering_.erase(tracker.external_id);
    if (!result) continue;
    // Already there under another tracker by now, or as somebody has set it: so it stays.
    const bool is_known = by_external_.contains(tracker.external_id) ||
                          ExternalIdOf(tracker.id) != nullptr;
    if (!is_known) Follow(tracker);
    ++counters_.registered;
  }
  if (!result) {
    counters_.unknown += trackers.size();
    base::LogError("fetcher", "trackers of a provider cannot be registered",
                   {{"provider", options_.provider},
                    {"count", trackers.size()},
                    {"detail", result.error().detail}});
  }
  if (!registering_.empty()) return;
  auto reports = std::exchange(waiting_, {});
  auto answers = std::exchange(waiting_answers_, {});
  if (!result) return;  // they come again
  Hand(std::move(reports), std::move(answers), {});
}

void ReportDesk::Take(std::vector<ingest::PositionIntake::FixReport> fixes,
                      std::function<void()> done) {
  if (!done) return intake_.Take(std::move(fixes), {});
  intake_.Take(std::move(fixes),
               [post = post_, then = WhileAlive(std::move(done))] { post(then); });
}

std::function<void()> ReportDesk::WhileAlive(std::function<void()> done) const {
  return [weak = std::weak_ptr(life_), done = std::move(done)] {
    if (weak.lock()) done();
  };
}

}  // namespace trackwire::fetcher
