#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "geocoding/desk_parts.h"
#include "geocoding/place_answer.h"
#include "net/timer.h"

namespace trackwire::geocoding {

/// Looks up places that wait in the queue, a few at a time, and says how each ended: an answer to
/// the cache and to all who listen, a fault to those who wait. Belongs to the broker's loop.
class LookupWorker : public std::enable_shared_from_this<LookupWorker> {
 public:
  explicit LookupWorker(std::shared_ptr<DeskParts> parts);

  void Start();
  /// Places under way go to another desk at once; what their providers still say is not heard.
  void Stop();

 private:
  struct Ending;
  using EndingPtr = std::shared_ptr<Ending>;
  /// The way back from a provider's thread; it may be used when the desk and its loop are gone.
  class WayBack;

  void OnTask(const broker::Task& task);
  /// `old`: a server's answer that is past its time, but may still be told.
  void LookUp(const broker::Task& task, const Place& place, std::optional<PlaceAnswer> old);
  void OnLooked(const broker::Task& task, Result<Found, LookupError> looked,
                std::optional<PlaceAnswer> old);
  void End(PlaceEnd end);
  void Say(const EndingPtr& ending);
  void OnSaid(const EndingPtr& ending, bool kept);
  void SayAgain();

  const std::shared_ptr<DeskParts> parts_;
  std::shared_ptr<WayBack> way_back_;
  std::unique_ptr<broker::TaskQueue::Worker> worker_;
  std::vector<EndingPtr> unsaid_;  ///< the broker was away
  net::Timer again_;
};

}  // namespace trackwire::geocoding
