#pragma once

#include <cstdint>
#include <string>

#include "geocoding/geocoding_desk.h"

namespace trackwire::geocoding {

/// `geocoding_queued`; `position` is 1 for the place that is looked up next.
AddressEvent QueuedEvent(const AddressRequest& request, uint64_t position);
/// `geocoding_result`.
AddressEvent ResultEvent(const AddressRequest& request, const AddressAnswer& answer);

/// The log's envelope of an event for one socket.
std::string EnvelopeOf(const AddressEvent& event, const std::string& socket_id);

}  // namespace trackwire::geocoding
