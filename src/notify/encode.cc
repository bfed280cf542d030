#include "notify/encode.h"

#include <algorithm>
#include <functional>

#include "notify/user_session.h"

namespace trackwire::notify {

namespace {

/// Who gets it, of the people of some views.
void Address(const std::shared_ptr<const Audience>& audience, const std::vector<View>& views,
             const Views& all, const ChoiceCounts& counts, socketio::Delivery& delivery) {
  delivery.socket_sid = audience->socket_sid;
  std::vector<std::string> rooms = RoomsOf(*audience, views);
  delivery.checked_rooms = ChosenRoomsOf(*audience, views, counts);
  if (!NeedsCheck(*audience)) {
    delivery.rooms = std::move(rooms);
    if (delivery.checked_rooms.empty()) return;
  } else {
    for (std::string& room : rooms) delivery.checked_rooms.push_back(std::move(room));
  }
  // Rooms are those of these views; a socket that is named may have any.
  delivery.check = [audience, views, &all](const socketio::Socket& socket) {
    const UserSession& session = SessionOf(socket);
    return !session.shut_out &&
           std::find(views.begin(), views.end(), session.view) != views.end() &&
           audience->Admits(session.identity(), session.selection.get(), socket.sid(),
                            all.ShowsPlaces(session.view));
  };
}

}  // namespace

std::vector<ViewedDelivery> MakeDeliveries(const broker::LogEntry& entry,
                                           const ingest::Envelope& envelope,
                                           const std::shared_ptr<const Audience>& audience,
                                           const Views& views, const ChoiceCounts& counts,
                                           const EncodeOptions& options) {
  net::EncodedFrame::Options frame;
  frame.accepted_at = entry.accepted_at;
  frame.conflation_key = options.conflate ? ConflationKey(envelope) : 0;
  std::vector<ViewedDelivery> out;
  for (Views::Variant& variant : views.Split(envelope.notification)) {
    const std::string_view object =
        variant.json.empty() ? envelope.notification : std::string_view(variant.json);
    auto delivery = std::make_shared<socketio::Delivery>();
    Address(audience, variant.views, views, counts, *delivery);
    delivery->offset = entry.offset.ToString();
    if (options.with_offsets) {
      delivery->with_offset = socketio::EncodeEvent(options.nsp, envelope.message_type, object,
                                                    delivery->offset, frame);
    }
    if (options.plain) {
      delivery->plain =
          socketio::EncodeEvent(options.nsp, envelope.message_type, object, {}, frame);
    }
    out.push_back({std::move(variant.views), std::move(delivery)});
  }
  return out;
}

uint64_t ConflationKey(const ingest::Envelope& envelope) {
  if (envelope.message_type != "tracker_location_updated" || !envelope.tracker_id) return 0;
  const uint64_t hash = std::hash<std::string>{}(envelope.tracker_id->ToJson());
  return hash == 0 ? 1 : hash;
}

}  // namespace trackwire::notify
