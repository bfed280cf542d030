#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "geocoding/asked_batch.h"
#include "geocoding/asked_watches.h"
#include "geocoding/desk_parts.h"

namespace trackwire::geocoding {

/// Makes requests durable. While one batch is on its way into the queue, those that come meanwhile
/// gather for the next. Belongs to the broker's loop.
class AskedBook : public std::enable_shared_from_this<AskedBook> {
 public:
  using Done = std::function<void(Result<void>)>;

  /// `desk` as the watches have it.
  AskedBook(std::shared_ptr<DeskParts> parts, std::shared_ptr<AskedWatches> watches,
            std::string desk);

  /// `done`: it is durable, or `queue_full` or `unavailable`. Nobody is told the request's end
  /// before that.
  void Leave(Asked asked, Done done);
  /// What has not set out is `unavailable`; what has is answered still.
  void Stop();

 private:
  struct Waiting {
    Asked asked;
    Done done;
  };
  using Dones = std::vector<Done>;

  void Send();
  void OnAdded(const std::string& batch, const Result<broker::TaskQueue::Added>& added);
  void FailGathered(const Error& error);

  const std::shared_ptr<DeskParts> parts_;
  const std::shared_ptr<AskedWatches> watches_;
  const std::string desk_;
  std::deque<Waiting> gathered_;
  bool sending_ = false;
  bool stopped_ = false;
};

}  // namespace trackwire::geocoding
