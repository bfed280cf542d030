#include "socketio/adapters/classic_fields.h"

#include <utility>

#include "socketio/msgpack_json.h"

namespace trackwire::socketio::classic {
namespace {

using base::JsonValue;

bool RoomName(const JsonValue& value, std::string& name) {
  if (value.is_string()) {
    name = base::DecodeJsonString(value.text);
    return true;
  }
  name = value.text;
  return value.is_number();
}

}  // namespace

bool ReadId(const MsgpackValue& value, std::string& id) {
  if (!value.is_string() || value.bytes.size() > kMaxIdBytes) return false;
  id = ToUtf8(value.bytes);
  return true;
}

bool ReadRooms(const MsgpackValue* value, std::vector<std::string>& rooms) {
  if (value == nullptr || value->is_nil() || value->is_undefined()) return true;
  if (!value->is_array()) return false;
  rooms.reserve(value->items.size());
  for (const MsgpackValue& item : value->items) {
    if (item.is_string()) {
      rooms.push_back(ToUtf8(item.bytes));
    } else if (const auto number = item.AsInteger()) {
      rooms.push_back(std::to_string(*number));
    } else {
      return false;
    }
  }
  return true;
}

bool IsTrue(const MsgpackValue* value) {
  return value != nullptr && value->type == MsgpackValue::Type::kBool && value->integer != 0;
}

std::optional<int64_t> Fields::ReadInteger(std::string_view name) const {
  const auto value = Find(name);
  if (!value || !value->is_number()) return std::nullopt;
  return base::JsonInteger(*value);
}

bool Fields::IsTrue(std::string_view name) const {
  const auto value = Find(name);
  return value && value->type == base::JsonType::kTrue;
}

bool Fields::ReadText(std::string_view name, std::string& text) const {
  const auto value = Find(name);
  if (!value || !value->is_string()) return false;
  text = base::DecodeJsonString(value->text);
  return true;
}

bool Fields::ReadOptionalId(std::string_view name, std::string& text) const {
  const auto value = Find(name);
  if (!value || value->is_null()) return true;
  return ReadText(name, text) && text.size() <= kMaxIdBytes;
}

bool Fields::ReadRoom(std::string_view name, std::string& room) const {
  const auto value = Find(name);
  return value && RoomName(*value, room);
}

bool Fields::ReadRooms(std::string_view name, std::vector<std::string>& rooms) const {
  const auto value = Find(name);
  if (!value || value->is_null()) return true;
  if (!value->is_array()) return false;
  for (base::JsonArrayReader reader(*value); const auto item = reader.Next();) {
    std::string room;
    if (!RoomName(*item, room)) return false;
    rooms.push_back(std::move(room));
  }
  return true;
}

bool Fields::ReadFilter(JsonValue options, SocketFilter& filter) const {
  if (!options.is_object()) return false;
  const Fields inner(options);
  return inner.ReadRooms("rooms", filter.rooms) && inner.ReadRooms("except", filter.except);
}

}  // namespace trackwire::socketio::classic
