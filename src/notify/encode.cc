#include "notify/encode.h"

#include <functional>

namespace trackwire::notify {

std::shared_ptr<const socketio::Delivery> MakeDelivery(const broker::LogEntry& entry,
                                                       const ingest::Envelope& envelope,
                                                       Audience audience,
                                                       const EncodeOptions& options) {
  auto delivery = std::make_shared<socketio::Delivery>();
  delivery->rooms = std::move(audience.rooms);
  delivery->within = std::move(audience.within);
  delivery->socket_sid = std::move(audience.socket_sid);
  delivery->offset = entry.offset.ToString();
  net::EncodedFrame::Options frame;
  frame.accepted_at = entry.accepted_at;
  frame.conflation_key = options.conflate ? ConflationKey(envelope) : 0;
  if (options.with_offsets) {
    delivery->with_offset = socketio::EncodeEvent(options.nsp, envelope.message_type,
                                                  envelope.notification, delivery->offset, frame);
  }
  if (options.plain) {
    delivery->plain =
        socketio::EncodeEvent(options.nsp, envelope.message_type, envelope.notification, {}, frame);
  }
  return delivery;
}

uint64_t ConflationKey(const ingest::Envelope& envelope) {
  if (envelope.message_type != "tracker_location_updated" || !envelope.tracker_id) return 0;
  const uint64_t hash = std::hash<std::string>{}(envelope.tracker_id->ToJson());
  return hash == 0 ? 1 : hash;
}

}  // namespace trackwire::notify
