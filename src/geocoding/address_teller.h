#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "geocoding/asked_batch.h"
#include "geocoding/desk_parts.h"
#include "geocoding/place_answer.h"
#include "net/timer.h"

namespace trackwire::geocoding {

/// The end of one request of a batch, on its way to the one who asked.
struct Telling {
  std::shared_ptr<const AskedBatch> batch;
  uint32_t index = 0;
  std::shared_ptr<const PlaceEnd> end;
};

/// Tells askers how their requests ended, through the log, a bounded number at a time; who left for
/// good is told nothing. What the broker does not take is tried again until it does. Belongs to the
/// broker's loop.
class AddressTeller : public std::enable_shared_from_this<AddressTeller> {
 public:
  /// Told, or nobody is there to be told.
  using Done = std::function<void(const Telling&)>;

  AddressTeller(std::shared_ptr<DeskParts> parts, Done done);

  void Stop();
  void Tell(Telling telling);

 private:
  void Pump();
  void OnSession(const Telling& telling, const Result<std::optional<broker::SessionEntry>>& found);
  void Flush();
  void OnAppended(std::vector<Telling> tellings, bool appended);
  void Again(Telling telling);
  AddressEvent Compose(const Telling& telling) const;

  const std::shared_ptr<DeskParts> parts_;
  const Done done_;
  std::deque<Telling> ready_;
  std::vector<Telling> outbox_;  ///< their askers are there
  std::vector<Telling> again_;   ///< the broker was away
  size_t under_way_ = 0;
  bool flush_posted_ = false;
  bool stopped_ = false;
  net::Timer tick_;
};

}  // namespace trackwire::geocoding
