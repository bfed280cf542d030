#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "geocoding/address_teller.h"
#include "geocoding/asked_batch.h"
#include "geocoding/place_table.h"

namespace trackwire::geocoding {

/// The requests that this desk watches, whoever took them: each from its durable task until its
/// asker is told. Belongs to the broker's loop.
class AskedWatches : public std::enable_shared_from_this<AskedWatches> {
 public:
  /// `desk` names the desk among all of the deployment.
  AskedWatches(std::shared_ptr<DeskParts> parts, std::shared_ptr<PlaceTable> places,
               std::string desk);

  void Start();
  /// What it watches goes to another desk at once.
  void Stop();

  /// A batch of this desk is on its way into the queue: not watched before Left().
  void Leaving(const std::string& batch);
  /// It is there and its askers know (`kept`), or they were told that it is not. Other desks may
  /// tell the end now, too.
  void Left(const std::string& batch, bool kept);
  /// How many requests are watched and not told.
  size_t size() const { return size_; }

 private:
  class Watch;
  using WatchPtr = std::shared_ptr<Watch>;

  void OnTask(const broker::Task& task);
  void Begin(const WatchPtr& watch);
  void OnTold(std::string_view told);
  void Remember(std::string batch);
  void Settle(const Telling& telling);
  void OnTick();
  void Expire(const WatchPtr& watch);

  const std::shared_ptr<DeskParts> parts_;
  const std::shared_ptr<PlaceTable> places_;
  const std::string desk_;
  std::shared_ptr<AddressTeller> teller_;
  std::unique_ptr<broker::TaskQueue::Worker> worker_;
  std::unique_ptr<broker::PubSub::Subscription> told_;
  /// By deadline; the number tells those of one time apart.
  std::map<std::pair<WallTime, uint64_t>, WatchPtr> watches_;
  std::unordered_map<const AskedBatch*, WatchPtr> by_batch_;
  std::unordered_map<std::string, WatchPtr> held_;  ///< by batch; their askers may not know yet
  std::unordered_set<std::string> leaving_;
  /// Batches of other desks that were told of lately: this generation and the one before.
  std::unordered_set<std::string> heard_;
  std::unordered_set<std::string> heard_before_;
  Steady::time_point heard_since_{};
  uint64_t last_no_ = 0;
  size_t size_ = 0;
  net::Timer tick_;
};

}  // namespace trackwire::geocoding
