#include "ingest/envelope.h"

#include <algorithm>
#include <array>

namespace trackwire::ingest {
namespace {

using base::JsonValue;

constexpr size_t kMaxNameBytes = 128;
constexpr size_t kMaxSocketIdBytes = 128;
constexpr size_t kMaxKeyBytes = 256;
// Socket.IO keeps these for itself; a client library would throw on them.
constexpr std::array<std::string_view, 6> kReservedEvents{
    "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"};

/// The members that matter; of a name written twice the last counts, as JSON.parse keeps it.
struct Members {
  std::optional<JsonValue> message_type, notification, socket_id, tracker_id, client_id, id;
};

Members Collect(JsonValue object) {
  Members members;
  base::JsonObjectReader reader(object);
  while (auto member = reader.Next()) {
    if (member->KeyIs("message_type")) members.message_type = member->value;
    if (member->KeyIs("notification")) members.notification = member->value;
    if (member->KeyIs("socket_id")) members.socket_id = member->value;
    if (member->KeyIs("tracker_id")) members.tracker_id = member->value;
    if (member->KeyIs("client_id")) members.client_id = member->value;
    if (member->KeyIs("id")) members.id = member->value;
  }
  return members;
}

bool IsGiven(const std::optional<JsonValue>& value) { return value && !value->is_null(); }

bool IsEventName(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes) return false;
  if (std::any_of(name.begin(), name.end(),
                  [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
    return false;
  }
  return std::find(kReservedEvents.begin(), kReservedEvents.end(), name) == kReservedEvents.end();
}

Result<void> ReadTypeAndBody(const Members& members, Envelope& envelope) {
  if (!IsGiven(members.message_type)) {
    return Err("missing_message_type", "message_type is missing");
  }
  if (!members.message_type->is_string()) {
    return Err("bad_message_type", "message_type is not a string");
  }
  envelope.message_type = base::DecodeJsonString(members.message_type->text);
  if (!IsEventName(envelope.message_type)) {
    return Err("bad_message_type", "message_type is empty, too long, reserved or has control "
                                   "characters");
  }
  if (!IsGiven(members.notification)) {
    return Err("missing_notification", "notification is missing");
  }
  if (!members.notification->is_object()) {
    return Err("bad_notification", "notification is not an object");
  }
  envelope.notification = members.notification->text;
  return Ok();
}

Result<void> ReadAddress(const Members& members, Envelope& envelope) {
  if (IsGiven(members.socket_id)) {
    if (!members.socket_id->is_string()) return Err("bad_socket_id", "socket_id is not a string");
    envelope.socket_id = base::DecodeJsonString(members.socket_id->text);
    if (envelope.socket_id->empty() || envelope.socket_id->size() > kMaxSocketIdBytes) {
      return Err("bad_socket_id", "socket_id is empty or too long");
    }
  }
  std::optional<JsonValue> subject = members.tracker_id;
  if (!IsGiven(subject)) subject = base::FindMember(*members.notification, "tracker_id");
  if (IsGiven(subject)) {
    envelope.tracker_id = tracking::Id::FromJson(subject->text);
    if (!envelope.tracker_id) {
      return Err("bad_tracker_id",
                 "tracker_id is neither a string of 1 to 128 bytes nor an integer");
    }
  }
  if (IsGiven(members.client_id)) {
    envelope.client_id = tracking::Id::FromJson(members.client_id->text);
    if (!envelope.client_id) {
      return Err("bad_client_id", "client_id is neither a string of 1 to 128 bytes nor an integer");
    }
  }
  return Ok();
}

Result<void> ReadKey(const Members& members, Envelope& envelope) {
  if (!IsGiven(members.id)) return Ok();
  if (members.id->is_number() && base::JsonInteger(*members.id)) {
    envelope.id = std::to_string(*base::JsonInteger(*members.id));
    return Ok();
  }
  if (!members.id->is_string()) return Err("bad_id", "id is neither a string nor an integer");
  envelope.id = base::DecodeJsonString(members.id->text);
  if (envelope.id.empty() || envelope.id.size() > kMaxKeyBytes) {
    return Err("bad_id", "id is empty or longer than 256 bytes");
  }
  return Ok();
}

}  // namespace

Result<Envelope> ParseEnvelope(std::string_view text, size_t max_bytes) {
  if (text.size() > max_bytes) {
    return Err("too_large", "the envelope is larger than " + std::to_string(max_bytes) + " bytes");
  }
  const auto value = base::ScanJson(text);
  if (!value) return Err("bad_json", base::ToString(value.error()));
  if (!value->is_object()) return Err("not_an_object", "the envelope is not a JSON object");
  const Members members = Collect(*value);
  Envelope envelope;
  if (auto done = ReadTypeAndBody(members, envelope); !done) return Err(std::move(done.error()));
  if (auto done = ReadAddress(members, envelope); !done) return Err(std::move(done.error()));
  if (auto done = ReadKey(members, envelope); !done) return Err(std::move(done.error()));
  return envelope;
}

std::string MakeEnvelope(std::string_view message_type, std::string_view notification_json,
                         const std::optional<tracking::Id>& tracker_id, std::string_view id) {
  std::string out = "{\"message_type\":";
  out.reserve(96 + message_type.size() + notification_json.size() + id.size());
  base::AppendJsonString(out, message_type);
  if (tracker_id) {
    out += ",\"tracker_id\":";
    out += tracker_id->ToJson();
  }
  if (!id.empty()) {
    out += ",\"id\":";
    base::AppendJsonString(out, id);
  }
  out += ",\"notification\":";
  out += notification_json;
  out += '}';
  return out;
}

}  // namespace trackwire::ingest
