#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "broker/notification_log.h"
#include "ingest/envelope.h"
#include "notify/audience.h"
#include "socketio/namespace.h"

namespace trackwire::notify {

struct EncodeOptions {
  std::string nsp = "/";
  bool with_offsets = true;  ///< recovery is on, so some clients want the offset
  bool plain = true;         ///< somebody may want it without
  /// Lets a newer position of a tracker replace an older one in the backlog of a slow client. Not
  /// for what a returning client missed, which it is promised whole.
  bool conflate = true;
};

/// What the people of some views get of one notification.
struct ViewedDelivery {
  std::vector<View> views;
  std::shared_ptr<const socketio::Delivery> delivery;
};

/// One notification as deliveries, one for each different look at it: its object byte for byte but
/// for what a view hides, each wanted form encoded once. Each socket is in one of them at most.
/// `counts`: what anybody has chosen. `views` outlive the deliveries.
std::vector<ViewedDelivery> MakeDeliveries(const broker::LogEntry& entry,
                                           const ingest::Envelope& envelope,
                                           const std::shared_ptr<const Audience>& audience,
                                           const Views& views, const ChoiceCounts& counts,
                                           const EncodeOptions& options);

/// The same for all positions of one tracker and different (almost surely) from others'; 0 for
/// events that are never replaced.
uint64_t ConflationKey(const ingest::Envelope& envelope);

}  // namespace trackwire::notify
