#include <utility>

#include "base/json_scanner.h"
#include "socketio/adapters/classic_fields.h"
#include "socketio/adapters/classic_message.h"
#include "socketio/msgpack_json.h"

namespace trackwire::socketio {
namespace {

using base::JsonValue;
using classic::Fields;

constexpr int64_t kServerSideEmitType = 6;
constexpr int64_t kClientCountType = 8;
constexpr int64_t kAckType = 9;
/// More clients than a server can have: whoever says so lies.
constexpr int64_t kMaxClients = 1'000'000'000;

std::string ObjectText(const Fields& fields, std::string_view name) {
  const auto value = fields.Find(name);
  return value && value->is_object() ? std::string(value->text) : "{}";
}

/// Servers older than remote sockets answer with ids alone.
bool ReadSockets(JsonValue list, std::vector<RemoteSocket>& sockets) {
  for (base::JsonArrayReader reader(list); const auto item = reader.Next();) {
    RemoteSocket socket;
    if (item->is_string()) {
      socket.sid = base::DecodeJsonString(item->text);
    } else if (item->is_object()) {
      const Fields fields(*item);
      if (!fields.ReadText("id", socket.sid)) return false;
      if (!fields.ReadRooms("rooms", socket.rooms)) return false;
      socket.handshake_json = ObjectText(fields, "handshake");
      socket.data_json = ObjectText(fields, "data");
    } else {
      return false;
    }
    sockets.push_back(std::move(socket));
  }
  return true;
}

Result<ClassicResponse, ClassicError> ReadJsonResponse(JsonValue object) {
  const Fields fields(object);
  ClassicResponse response;
  if (!fields.ReadOptionalId("requestId", response.request_id)) {
    return Err(ClassicError::kBadField);
  }
  if (response.request_id.empty()) return Err(ClassicError::kMissingField);
  const auto type = fields.ReadInteger("type");
  if (type == kServerSideEmitType) {
    response.kind = ClassicResponse::Kind::kServerSideEmit;
    if (const auto data = fields.Find("data")) response.answer_json = data->text;
  } else if (type == kClientCountType) {
    response.kind = ClassicResponse::Kind::kClientCount;
    const auto count = fields.ReadInteger("clientCount");
    if (!count || *count < 0 || *count > kMaxClients) return Err(ClassicError::kBadField);
    response.client_count = static_cast<uint64_t>(*count);
  } else if (const auto sockets = fields.Find("sockets")) {
    response.sockets.emplace();
    if (!sockets->is_array() || !ReadSockets(*sockets, *response.sockets)) {
      return Err(ClassicError::kBadField);
    }
  }
  return response;
}

Result<ClassicResponse, ClassicError> ReadAck(const MsgpackValue& map,
                                              const MsgpackLimits& limits) {
  ClassicResponse response;
  response.kind = ClassicResponse::Kind::kBroadcastAck;
  const MsgpackValue* id = map.Find("requestId");
  if (id == nullptr) return Err(ClassicError::kMissingField);
  if (!classic::ReadId(*id, response.request_id)) return Err(ClassicError::kBadField);
  const MsgpackValue* packet = map.Find("packet");
  // A client that acknowledged with nothing.
  if (packet == nullptr || packet->is_undefined()) return response;
  auto answer = UnpackArgs({packet, 1}, limits);
  if (!answer) return Err(ClassicError::kBadMsgpack);
  response.answer = std::move(*answer);
  return response;
}

}  // namespace

Result<ClassicResponse, ClassicError> DecodeClassicResponse(std::string_view bytes,
                                                            const MsgpackLimits& limits) {
  if (bytes.size() > limits.max_bytes) return Err(ClassicError::kTooLarge);
  std::string converted;
  if (bytes.empty() || bytes.front() != '{') {
    const auto message = ParseMsgpack(bytes, limits);
    if (!message || !message->is_map()) return Err(ClassicError::kBadMsgpack);
    const MsgpackValue* type = message->Find("type");
    if (type != nullptr && type->AsInteger() == kAckType) return ReadAck(*message, limits);
    auto json = UnpackJson(*message);
    if (!json) return Err(ClassicError::kBadMsgpack);
    converted = std::move(*json);
    bytes = converted;
  }
  const auto json = base::ScanJson(bytes, limits.max_depth);
  if (!json || !json->is_object()) return Err(ClassicError::kBadJson);
  return ReadJsonResponse(*json);
}

}  // namespace trackwire::socketio
