#include "socketio/adapters/session_value.h"

#include "base/json_scanner.h"
#include "base/text.h"
#include "socketio/msgpack_json.h"

namespace trackwire::socketio {
namespace {

constexpr std::string_view kOpaque = "trackwire";

void PackData(MsgpackWriter& writer, std::string& out, const std::string& data) {
  const auto json = base::ScanJson(data);
  if (json && json->is_object()) {
    PackJson(out, data);
  } else if (data.empty()) {
    writer.Map(0);
  } else {
    writer.Map(1);
    writer.Key(kOpaque).Binary(data);
  }
}

std::optional<std::string> UnpackData(const MsgpackValue* data) {
  if (data == nullptr || data->is_nil() || data->is_undefined()) return "";
  if (!data->is_map()) return std::nullopt;
  if (data->items.empty()) return "";
  const MsgpackValue* opaque = data->Find(kOpaque);
  if (opaque != nullptr && opaque->type == MsgpackValue::Type::kBinary && data->items.size() == 2) {
    return std::string(opaque->bytes);
  }
  auto json = UnpackJson(*data);
  if (!json) return std::nullopt;
  return std::move(*json);
}

}  // namespace

std::string EncodeSessionValue(const RecoveryRecord& record) {
  std::string bytes;
  MsgpackWriter writer(bytes);
  writer.Map(4);
  writer.Key("sid").String(record.sid);
  writer.Key("pid").String(record.pid);
  writer.Key("rooms").Array(record.rooms.size() + 1);
  writer.String(record.sid);
  for (const std::string& room : record.rooms) writer.String(room);
  writer.String("data");
  PackData(writer, bytes, record.data);
  return base::Base64Encode(bytes);
}

std::optional<RecoveryRecord> DecodeSessionValue(std::string_view value,
                                                 const MsgpackLimits& limits) {
  const auto bytes = base::Base64Decode(value);
  if (!bytes) return std::nullopt;
  const auto session = ParseMsgpack(*bytes, limits);
  if (!session) return std::nullopt;
  const MsgpackValue* sid = session->Find("sid");
  const MsgpackValue* pid = session->Find("pid");
  const MsgpackValue* rooms = session->Find("rooms");
  if (sid == nullptr || !sid->is_string() || pid == nullptr || !pid->is_string() ||
      rooms == nullptr || !rooms->is_array() || sid->bytes.empty()) {
    return std::nullopt;
  }
  RecoveryRecord record;
  record.sid = ToUtf8(sid->bytes);
  record.pid = ToUtf8(pid->bytes);
  for (const MsgpackValue& room : rooms->items) {
    if (!room.is_string()) return std::nullopt;
    if (room.bytes != sid->bytes) record.rooms.push_back(ToUtf8(room.bytes));
  }
  auto data = UnpackData(session->Find("data"));
  if (!data) return std::nullopt;
  record.data = std::move(*data);
  return record;
}

}  // namespace trackwire::socketio
