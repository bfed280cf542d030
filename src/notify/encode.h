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

/// One notification as a delivery: its object byte for byte, each wanted variant encoded once.
std::shared_ptr<const socketio::Delivery> MakeDelivery(const broker::LogEntry& entry,
                                                       const ingest::Envelope& envelope,
                                                       Audience audience,
                                                       const EncodeOptions& options);

/// The same for all positions of one tracker and different (almost surely) from others'; 0 for
/// events that are never replaced.
uint64_t ConflationKey(const ingest::Envelope& envelope);

}  // namespace trackwire::notify
