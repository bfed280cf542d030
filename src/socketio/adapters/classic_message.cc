#include "socketio/adapters/classic_message.h"

#include <utility>

#include "base/json_scanner.h"
#include "socketio/adapters/classic_fields.h"
#include "socketio/msgpack_json.h"
#include "socketio/packet.h"

namespace trackwire::socketio {
namespace {

constexpr int64_t kEventPacket = 2;
constexpr int64_t kBinaryEventPacket = 5;  // old emitters tell them apart

using base::FindMember;
using base::JsonValue;
using classic::Fields;

/// The filter and flags of a broadcast.
bool ReadOptions(const MsgpackValue& options, Broadcast& broadcast,
                 std::chrono::milliseconds& timeout) {
  if (!options.is_map()) return false;
  if (!classic::ReadRooms(options.Find("rooms"), broadcast.rooms)) return false;
  if (!classic::ReadRooms(options.Find("except"), broadcast.except)) return false;
  const MsgpackValue* flags = options.Find("flags");
  if (flags == nullptr || flags->is_nil() || flags->is_undefined()) return true;
  if (!flags->is_map()) return false;
  broadcast.is_volatile = classic::IsTrue(flags->Find("volatile"));
  const MsgpackValue* compress = flags->Find("compress");
  broadcast.compress = compress == nullptr || classic::IsTrue(compress);
  if (const MsgpackValue* given = flags->Find("timeout")) {
    timeout = std::chrono::milliseconds(given->AsInteger().value_or(0));
  }
  return true;
}

/// What clients get: an event whose name a program may use.
bool ReadPacket(const MsgpackValue& packet, const MsgpackLimits& limits, std::string& nsp,
                Broadcast& broadcast) {
  if (!packet.is_map()) return false;
  if (const MsgpackValue* type = packet.Find("type")) {
    const auto number = type->AsInteger();
    if (number != kEventPacket && number != kBinaryEventPacket) return false;
  }
  const MsgpackValue* name = packet.Find("nsp");
  if (name != nullptr && !name->is_undefined()) {
    if (!name->is_string()) return false;
    nsp = ToUtf8(name->bytes);
  }
  const MsgpackValue* data = packet.Find("data");
  if (data == nullptr || !data->is_array() || data->items.empty()) return false;
  const std::span<const MsgpackValue> items(data->items);
  if (!items.front().is_string()) return false;
  broadcast.event = ToUtf8(items.front().bytes);
  if (IsReservedEvent(broadcast.event)) return false;
  auto args = UnpackArgs(items.subspan(1), limits);
  if (!args) return false;
  broadcast.args = std::move(*args);
  return true;
}

Result<ClassicRequest, ClassicError> ReadBroadcastRequest(const MsgpackValue& map,
                                                          const MsgpackLimits& limits) {
  ClassicRequest request;
  request.type = ClassicRequestType::kBroadcast;
  const MsgpackValue* id = map.Find("requestId");
  const MsgpackValue* packet = map.Find("packet");
  const MsgpackValue* options = map.Find("opts");
  if (id == nullptr || packet == nullptr || options == nullptr) {
    return Err(ClassicError::kMissingField);
  }
  if (!classic::ReadId(*id, request.request_id)) return Err(ClassicError::kBadField);
  const MsgpackValue* uid = map.Find("uid");
  if (uid != nullptr && !classic::ReadId(*uid, request.uid)) return Err(ClassicError::kBadField);
  if (!ReadPacket(*packet, limits, request.nsp, request.broadcast)) {
    return Err(ClassicError::kBadPacket);
  }
  if (!ReadOptions(*options, request.broadcast, request.timeout)) {
    return Err(ClassicError::kBadField);
  }
  return request;
}

/// Old servers name one socket and one room.
bool ReadWhom(const Fields& fields, ClassicRequest& request) {
  if (const auto options = fields.Find("opts")) return fields.ReadFilter(*options, request.filter);
  return fields.ReadText("sid", request.sid) && !request.sid.empty();
}

bool ReadRoomsToChange(const Fields& fields, ClassicRequest& request) {
  if (request.sid.empty()) return fields.ReadRooms("rooms", request.rooms);
  request.rooms.resize(1);
  return fields.ReadRoom("room", request.rooms.front());
}

bool ReadServerSide(const Fields& fields, ClassicRequest& request) {
  const auto data = fields.Find("data");
  if (!data || !data->is_array()) return false;
  const auto name = base::JsonArrayReader(*data).Next();
  if (!name || !name->is_string()) return false;
  request.arguments_json = data->text;
  return true;
}

Result<ClassicRequest, ClassicError> ReadJsonRequest(JsonValue object) {
  const Fields fields(object);
  const auto type = fields.ReadInteger("type");
  if (!type) return Err(ClassicError::kMissingField);
  // Broadcasts come as MessagePack: only that can carry binary.
  if (*type < 0 || *type > 6) return Err(ClassicError::kUnknownType);
  ClassicRequest request;
  request.type = static_cast<ClassicRequestType>(*type);
  if (!fields.ReadOptionalId("uid", request.uid)) return Err(ClassicError::kBadField);
  if (!fields.ReadOptionalId("requestId", request.request_id)) return Err(ClassicError::kBadField);
  bool good = true;
  switch (request.type) {
    case ClassicRequestType::kSockets:
      good = !request.request_id.empty() && fields.ReadRooms("rooms", request.filter.rooms);
      break;
    case ClassicRequestType::kAllRooms:
      good = !request.request_id.empty();
      break;
    case ClassicRequestType::kJoin:
    case ClassicRequestType::kLeave:
      good = ReadWhom(fields, request) && ReadRoomsToChange(fields, request);
      break;
    case ClassicRequestType::kDisconnect:
      good = ReadWhom(fields, request);
      request.close = fields.IsTrue("close");
      break;
    case ClassicRequestType::kFetch:
      good = !request.request_id.empty() && fields.Find("opts") && ReadWhom(fields, request);
      break;
    case ClassicRequestType::kServerSideEmit:
      good = ReadServerSide(fields, request);
      break;
    case ClassicRequestType::kBroadcast:
      good = false;
      break;
  }
  if (!good) return Err(ClassicError::kBadField);
  return request;
}

}  // namespace

const char* ToString(ClassicError error) {
  switch (error) {
    case ClassicError::kTooLarge:
      return "larger than allowed";
    case ClassicError::kBadMsgpack:
      return "no MessagePack";
    case ClassicError::kBadJson:
      return "no JSON";
    case ClassicError::kUnknownType:
      return "of an unknown type";
    case ClassicError::kMissingField:
      return "without a field that it needs";
    case ClassicError::kBadField:
      return "with a field of another kind";
    case ClassicError::kBadPacket:
      return "with a packet that is no event";
  }
  return "";
}

Result<ClassicBroadcast, ClassicError> DecodeClassicBroadcast(std::string_view bytes,
                                                              const MsgpackLimits& limits) {
  if (bytes.size() > limits.max_bytes) return Err(ClassicError::kTooLarge);
  const auto message = ParseMsgpack(bytes, limits);
  if (!message || !message->is_array()) return Err(ClassicError::kBadMsgpack);
  if (message->items.size() < 3) return Err(ClassicError::kMissingField);
  ClassicBroadcast result;
  if (!classic::ReadId(message->items[0], result.uid)) return Err(ClassicError::kBadField);
  if (!ReadPacket(message->items[1], limits, result.nsp, result.broadcast)) {
    return Err(ClassicError::kBadPacket);
  }
  std::chrono::milliseconds unused{0};
  if (!ReadOptions(message->items[2], result.broadcast, unused)) {
    return Err(ClassicError::kBadField);
  }
  return result;
}

Result<ClassicRequest, ClassicError> DecodeClassicRequest(std::string_view bytes,
                                                          const MsgpackLimits& limits) {
  if (bytes.size() > limits.max_bytes) return Err(ClassicError::kTooLarge);
  std::string converted;
  if (bytes.empty() || bytes.front() != '{') {
    const auto message = ParseMsgpack(bytes, limits);
    if (!message || !message->is_map()) return Err(ClassicError::kBadMsgpack);
    const MsgpackValue* type = message->Find("type");
    if (type == nullptr) return Err(ClassicError::kMissingField);
    if (type->AsInteger() == static_cast<int64_t>(ClassicRequestType::kBroadcast)) {
      return ReadBroadcastRequest(*message, limits);
    }
    auto json = UnpackJson(*message);
    if (!json) return Err(ClassicError::kBadMsgpack);
    converted = std::move(*json);
    bytes = converted;
  }
  const auto json = base::ScanJson(bytes, limits.max_depth);
  if (!json || !json->is_object()) return Err(ClassicError::kBadJson);
  return ReadJsonRequest(*json);
}

}  // namespace trackwire::socketio
