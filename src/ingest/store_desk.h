#pragma once

#include <functional>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace trackwire::ingest {

/// What a change of the store means to those who keep its trackers in memory.
struct StoreChange {
  std::vector<tracking::Client> clients;    ///< new or other than before
  std::vector<tracking::Tracker> trackers;
  std::vector<tracking::Id> removed_trackers;
  std::vector<tracking::Id> removed_clients;
};

/// Changes the store, on the thread that has it.
using StoreJob = std::function<Result<StoreChange>(store::Store&)>;
using StoreThen = std::function<void(Result<StoreChange>)>;
/// Where changes are left with whoever has the store; any thread. `then` runs on any, once those who
/// keep trackers in this process follow.
using StoreDesk = std::function<void(StoreJob job, StoreThen then)>;

}  // namespace trackwire::ingest
