#pragma once

#include <functional>
#include <memory>
#include <string>

#include "broker/broker.h"
#include "ingest/update_desk.h"
#include "ingest/update_text.h"
#include "net/loop.h"

namespace trackwire::ingest {

/// What asking a provider came to.
struct UpdateOutcome {
  UpdateStatus status = UpdateStatus::kFailed;  ///< fetched, unchanged or failed
  std::string reason;  ///< as in UpdateState; `cancelled`: another fetcher is to ask
  std::chrono::milliseconds provider_time{0};  ///< what the provider itself took
};

/// Whom a worker asks where a tracker is.
class UpdateSource {
 public:
  using Done = std::function<void(UpdateOutcome)>;

  virtual ~UpdateSource() = default;
  /// Any thread. `done` is called once on any thread, at the request's deadline at the latest: once
  /// the position, if there is one, is stored and handed over to be told.
  virtual void Ask(UpdateRequest request, Done done) = 0;
};

/// Takes the update tasks of one provider for whoever runs it, and says how far they are. A task is
/// there once for a tracker, so no tracker is asked for twice at a time. Belongs to the broker's
/// loop; what it has not finished when it is destroyed goes to another.
class UpdateWorker {
 public:
  /// `control` is the broker's; both, `clock` and `source` outlive it.
  UpdateWorker(net::Loop& control, broker::Broker& broker, const Clock& clock,
               const std::string& provider, UpdateSource& source);
  ~UpdateWorker();
  UpdateWorker(const UpdateWorker&) = delete;
  UpdateWorker& operator=(const UpdateWorker&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace trackwire::ingest
