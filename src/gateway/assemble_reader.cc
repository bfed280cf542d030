// What of trackers and their history can be asked for.
#include "gateway/parts.h"

namespace trackwire::gateway {

Result<void> Gateway::Parts::OpenReader() {
  tracker_reader = std::make_unique<api::BoardReader>(control, board, views, broker->log(),
                                                      history.get(), clock);
  return Ok();
}

}  // namespace trackwire::gateway
