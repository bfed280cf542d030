#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "net/loop.h"
#include "tracking/grid.h"
#include "tracking/selection.h"

namespace trackwire::notify {

/// How many sockets have chosen what: says where dispatch has to look for choosers.
struct ChoiceCounts {
  uint32_t choosers = 0;  ///< of anything, also of nothing
  uint32_t trackers = 0;  ///< of trackers
  uint32_t clients = 0;   ///< of clients
  uint32_t boxes = 0;
  std::array<uint32_t, tracking::kGridLevels> levels{};  ///< of boxes by the level of their cells
};

/// Counts what is chosen in this process.
///
/// Belongs to one loop, the broker's, so that a choice counts from the very entry of the log from
/// which it holds.
class Choices {
 public:
  /// `loop` outlives whatever Hold() returned.
  explicit Choices(net::Loop& loop);

  /// The loop. The choice counts until its last holder lets go of it, on whatever thread.
  std::shared_ptr<const tracking::Selection> Hold(tracking::Selection selection);
  /// The loop.
  const ChoiceCounts& counts() const { return *counts_; }

 private:
  net::Loop& loop_;
  std::shared_ptr<ChoiceCounts> counts_ = std::make_shared<ChoiceCounts>();
};

}  // namespace trackwire::notify
