#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json_scanner.h"
#include "base/result.h"
#include "tracking/position.h"

namespace trackwire::ingest {

/// A notification on its way in. The views borrow from the text it was parsed from.
///
/// Text: `{"message_type": string, "notification": object, "socket_id"?: string|null,
/// "tracker_id"?: id|null, "client_id"?: id|null, "id"?: string|integer|null}`.
struct Envelope {
  std::string message_type;                 ///< a well-formed event name
  std::string_view notification;            ///< the object, byte for byte
  std::optional<std::string> socket_id;
  std::optional<tracking::Id> tracker_id;   ///< falls back to notification.tracker_id
  std::optional<tracking::Id> client_id;
  std::string id;                           ///< idempotency key; empty: none
};

/// Checks and takes apart one envelope. Errors: `bad_json`, `not_an_object`,
/// `missing_message_type`, `bad_message_type` (empty, longer than 128 bytes or a reserved event
/// name), `missing_notification`, `bad_notification`, `bad_socket_id`, `bad_tracker_id`,
/// `bad_client_id`, `bad_id`, `too_large`. Linear; allocates only what the result holds.
Result<Envelope> ParseEnvelope(std::string_view text, size_t max_bytes);

/// Writes an envelope of our own.
std::string MakeEnvelope(std::string_view message_type, std::string_view notification_json,
                         const std::optional<tracking::Id>& tracker_id, std::string_view id);

}  // namespace trackwire::ingest
