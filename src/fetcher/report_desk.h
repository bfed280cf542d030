#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "fetcher/runner_options.h"
#include "formats/report.h"
#include "ingest/position_intake.h"
#include "net/loop.h"

namespace trackwire::fetcher {

/// Knows which tracker a source means by its own name for it, and hands what the source reports to
/// the intake. Trackers that nobody knows are made, or counted and refused. Belongs to one thread.
class ReportDesk {
 public:
  /// For which external ids an answer is wanted: the newest place that was reported of it.
  using Answers = std::unordered_map<std::string, std::shared_ptr<const ingest::FixAnswer>>;

  /// What is passed outlives it; `post` runs tasks on its thread.
  ReportDesk(ingest::PositionIntake& intake, const RunnerOptions& options,
             const std::function<void(net::Loop::Task)>& post, RunnerCounters& counters);

  /// Of this source's trackers. False when it has no name there.
  bool Follow(const tracking::Tracker& tracker);
  void Forget(const tracking::Id& tracker);
  /// The source's name for a tracker; nullptr when it is not one of its.
  const std::string* ExternalIdOf(const tracking::Id& tracker) const;
  std::vector<tracking::Id> All() const;
  size_t size() const { return by_external_.size(); }

  /// `done` runs on this thread once the intake has taken it all; not inside this call.
  void Hand(std::vector<formats::Report> reports, Answers answers, std::function<void()> done);

 private:
  struct Batch {
    std::vector<ingest::PositionIntake::FixReport> fixes;
    std::vector<formats::Report> unknown;
  };

  Batch Sort(std::vector<formats::Report> reports, const Answers& answers);
  void Register(std::vector<formats::Report> reports, Answers answers);
  void OnRegistered(const std::vector<tracking::Tracker>& trackers, const Result<void>& result);
  /// Empty: there is none for such a name.
  std::string NewId(const std::string& external_id) const;
  std::optional<tracking::Tracker> NewTracker(const formats::Report& report) const;
  /// Before the first id that tells nothing: the key that all processes of this store share.
  void AwaitKey(std::vector<formats::Report> reports, Answers answers);
  void OnKey(const Result<std::string>& key);
  void Take(std::vector<ingest::PositionIntake::FixReport> fixes, std::function<void()> done);
  /// The same, for another turn: nothing when this has gone by then.
  std::function<void()> WhileAlive(std::function<void()> done) const;

  ingest::PositionIntake& intake_;
  const RunnerOptions& options_;
  const std::function<void(net::Loop::Task)>& post_;
  RunnerCounters& counters_;
  std::unordered_map<std::string, tracking::Id> by_external_;
  std::unordered_map<std::string, std::string> external_;  ///< by tracker id as JSON
  std::string id_key_;  ///< empty: not read yet
  bool awaits_key_ = false;
  std::unordered_set<std::string> registering_;
  std::vector<formats::Report> waiting_;  ///< for their trackers to be registered
  Answers waiting_answers_;
  std::shared_ptr<ReportDesk*> life_;
};

}  // namespace trackwire::fetcher
