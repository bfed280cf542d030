#include "socketio/adapters/cluster_message.h"

#include <charconv>
#include <optional>

#include "base/json_scanner.h"
#include "base/text.h"
#include "socketio/msgpack_json.h"
#include "socketio/packet.h"

namespace trackwire::socketio {
namespace {

using Type = ClusterMessageType;
using Error = ClusterMessageError;

/// Text, or a number in its place: JavaScript does not tell rooms `1` and `"1"` apart for long.
std::optional<std::string> TextOf(const MsgpackValue* value) {
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return ToUtf8(value->bytes);
  if (const auto number = value->AsInteger()) return std::to_string(*number);
  return std::nullopt;
}

bool IsAbsent(const MsgpackValue* value) {
  return value == nullptr || value->is_nil() || value->is_undefined();
}

bool IsTrue(const MsgpackValue* value) {
  return value != nullptr && value->type == MsgpackValue::Type::kBool && value->integer != 0;
}

/// Reads the `data` of a message. The first fault stays.
class DataReader {
 public:
  DataReader(const MsgpackValue& data, const MsgpackLimits& limits, ClusterMessage& message)
      : data_(data), limits_(limits), message_(message) {}

  bool Run();
  Error error() const { return error_; }

 private:
  bool Fail(Error error) {
    error_ = error;
    return false;
  }
  bool Texts(const MsgpackValue* value, std::vector<std::string>& out);
  bool RequestId(bool required);
  bool Options();
  bool Packet();
  bool Value(const MsgpackValue* value);
  bool List(const MsgpackValue* value);
  bool Sockets();

  const MsgpackValue& data_;
  const MsgpackLimits& limits_;
  ClusterMessage& message_;
  Error error_ = Error::kMissingField;
};

bool DataReader::Texts(const MsgpackValue* value, std::vector<std::string>& out) {
  if (IsAbsent(value)) return true;
  if (!value->is_array()) return Fail(Error::kBadField);
  for (const MsgpackValue& item : value->items) {
    auto text = TextOf(&item);
    if (!text) return Fail(Error::kBadField);
    out.push_back(std::move(*text));
  }
  return true;
}

bool DataReader::RequestId(bool required) {
  const MsgpackValue* id = data_.Find("requestId");
  if (IsAbsent(id)) return !required || Fail(Error::kMissingField);
  if (!id->is_string() || id->bytes.empty() || id->bytes.size() > 64) return Fail(Error::kBadField);
  message_.request_id = ToUtf8(id->bytes);
  return true;
}

bool DataReader::Options() {
  const MsgpackValue* options = data_.Find("opts");
  if (IsAbsent(options)) return Fail(Error::kMissingField);
  if (!options->is_map()) return Fail(Error::kBadField);
  if (!Texts(options->Find("rooms"), message_.filter.rooms) ||
      !Texts(options->Find("except"), message_.filter.except)) {
    return false;
  }
  const MsgpackValue* flags = options->Find("flags");
  if (IsAbsent(flags)) return true;
  message_.is_volatile = IsTrue(flags->Find("volatile"));
  if (const MsgpackValue* timeout = flags->Find("timeout")) {
    const auto ms = timeout->AsInteger();
    if (ms && *ms > 0 && *ms < 86'400'000) message_.timeout = std::chrono::milliseconds(*ms);
  }
  return true;
}

/// The packet of a broadcast: `{type: 2, data: [event, …]}`.
bool DataReader::Packet() {
  const MsgpackValue* packet = data_.Find("packet");
  if (packet == nullptr || !packet->is_map()) return Fail(Error::kBadPacket);
  const MsgpackValue* type = packet->Find("type");
  const MsgpackValue* values = packet->Find("data");
  if (type == nullptr || type->AsInteger() != 2) return Fail(Error::kBadPacket);
  if (values == nullptr || !values->is_array() || values->items.empty()) {
    return Fail(Error::kBadPacket);
  }
  const auto event = TextOf(&values->items[0]);
  if (!event || IsReservedEvent(*event)) return Fail(Error::kBadPacket);
  auto args = UnpackArgs({values->items.data() + 1, values->items.size() - 1}, limits_);
  if (!args) return Fail(Error::kBadPacket);
  message_.event = *event;
  message_.args = std::move(*args);
  return true;
}

/// One value, or none where JavaScript had `undefined`.
bool DataReader::Value(const MsgpackValue* value) {
  if (value == nullptr) return true;
  auto args = UnpackArgs({value, 1}, limits_);
  if (!args) return Fail(Error::kBadField);
  message_.args = std::move(*args);
  return true;
}

bool DataReader::List(const MsgpackValue* value) {
  if (value == nullptr || !value->is_array() || value->items.empty()) {
    return Fail(Error::kBadPacket);
  }
  if (!value->items[0].is_string()) return Fail(Error::kBadPacket);
  auto args = UnpackArgs(value->items, limits_);
  if (!args) return Fail(Error::kBadField);
  message_.args = std::move(*args);
  return true;
}

bool DataReader::Sockets() {
  const MsgpackValue* sockets = data_.Find("sockets");
  if (sockets == nullptr || !sockets->is_array()) return Fail(Error::kMissingField);
  for (const MsgpackValue& item : sockets->items) {
    const MsgpackValue* id = item.Find("id");
    if (id == nullptr || !id->is_string()) return Fail(Error::kMissingField);
    RemoteSocket& socket = message_.sockets.emplace_back();
    socket.sid = ToUtf8(id->bytes);
    if (!Texts(item.Find("rooms"), socket.rooms)) return false;
    for (const auto& [name, json] :
         {std::pair{"handshake", &socket.handshake_json}, {"data", &socket.data_json}}) {
      const MsgpackValue* value = item.Find(name);
      if (value == nullptr || !value->is_map()) continue;
      auto text = UnpackJson(*value);
      if (!text) return Fail(Error::kBadField);
      *json = std::move(*text);
    }
  }
  return true;
}

bool DataReader::Run() {
  switch (message_.type) {
    case Type::kBroadcast:
      return Options() && Packet() && RequestId(false);
    case Type::kSocketsJoin:
    case Type::kSocketsLeave:
      return Options() && Texts(data_.Find("rooms"), message_.rooms);
    case Type::kDisconnectSockets:
      message_.close = IsTrue(data_.Find("close"));
      return Options();
    case Type::kFetchSockets:
      return Options() && RequestId(true);
    case Type::kFetchSocketsResponse:
      return RequestId(true) && Sockets();
    case Type::kServerSideEmit:
      return RequestId(false) && List(data_.Find("packet"));
    case Type::kServerSideEmitResponse:
    case Type::kBroadcastAck:
      return RequestId(true) && Value(data_.Find("packet"));
    case Type::kBroadcastClientCount: {
      const MsgpackValue* count = data_.Find("clientCount");
      const auto number = count == nullptr ? std::nullopt : count->AsInteger();
      if (!number || *number < 0) return Fail(Error::kBadField);
      message_.client_count = static_cast<uint64_t>(*number);
      return RequestId(true);
    }
    case Type::kInitialHeartbeat:
    case Type::kHeartbeat:
    case Type::kAdapterClose:
      return true;
  }
  return true;
}

bool HasData(Type type) {
  return type != Type::kInitialHeartbeat && type != Type::kHeartbeat && type != Type::kAdapterClose;
}

Result<ClusterMessage, Error> ReadData(ClusterMessage message, const MsgpackValue* data,
                                       const MsgpackLimits& limits) {
  if (message.uid.empty() || message.nsp.empty()) return Err(Error::kMissingField);
  if (!base::IsUtf8(message.uid) || !base::IsUtf8(message.nsp)) return Err(Error::kBadField);
  if (!HasData(message.type)) return message;
  if (data == nullptr) return Err(Error::kMissingField);
  if (!data->is_map()) return Err(Error::kBadField);
  DataReader reader(*data, limits, message);
  if (!reader.Run()) return Err(reader.error());
  return message;
}

bool SetType(ClusterMessage& message, int64_t type) {
  if (type < 1 || type > static_cast<int64_t>(Type::kAdapterClose)) return false;
  message.type = static_cast<Type>(type);
  return true;
}

/// `data` as MessagePack, whichever of the two forms it came in.
Result<std::string, Error> DataBytes(const std::string& data) {
  if (data.empty() || data[0] != '{') {
    auto bytes = base::Base64Decode(data);
    if (!bytes) return Err(Error::kBadEncoding);
    return std::move(*bytes);
  }
  if (!base::ScanJson(data)) return Err(Error::kBadEncoding);
  std::string bytes;
  PackJson(bytes, data);
  return bytes;
}

}  // namespace

const char* ToString(ClusterMessageError error) {
  switch (error) {
    case Error::kTooLarge:
      return "too large";
    case Error::kMissingField:
      return "missing field";
    case Error::kBadField:
      return "bad field";
    case Error::kBadEncoding:
      return "bad encoding";
    case Error::kBadMsgpack:
      return "bad MessagePack";
    case Error::kBadPacket:
      return "bad packet";
  }
  return "";
}

Result<ClusterMessage, Error> DecodeStreamEntry(const StreamFields& fields,
                                                const MsgpackLimits& limits) {
  ClusterMessage message;
  const std::string* data = nullptr;
  int64_t type = 0;
  for (const auto& [name, value] : fields) {
    if (value.size() > limits.max_bytes) return Err(Error::kTooLarge);
    if (name == "uid") message.uid = value;
    if (name == "nsp") message.nsp = value;
    if (name == "data" && !value.empty()) data = &value;
    if (name != "type") continue;
    const auto end = value.data() + value.size();
    if (std::from_chars(value.data(), end, type).ptr != end) return Err(Error::kBadField);
  }
  if (!SetType(message, type)) return Err(Error::kBadField);
  if (data == nullptr || !HasData(message.type)) {
    return ReadData(std::move(message), nullptr, limits);
  }
  const auto bytes = DataBytes(*data);
  if (!bytes) return Err(bytes.error());
  const auto value = ParseMsgpack(*bytes, limits);
  if (!value) return Err(Error::kBadMsgpack);
  return ReadData(std::move(message), &*value, limits);
}

Result<ClusterMessage, Error> DecodeClusterMessage(std::string_view bytes,
                                                   const MsgpackLimits& limits) {
  if (bytes.size() > limits.max_bytes) return Err(Error::kTooLarge);
  const auto value = ParseMsgpack(bytes, limits);
  if (!value) return Err(Error::kBadMsgpack);
  if (!value->is_map()) return Err(Error::kBadField);
  ClusterMessage message;
  message.uid = TextOf(value->Find("uid")).value_or("");
  message.nsp = TextOf(value->Find("nsp")).value_or("");
  const MsgpackValue* type = value->Find("type");
  if (type == nullptr) return Err(Error::kMissingField);
  if (!SetType(message, type->AsInteger().value_or(0))) return Err(Error::kBadField);
  return ReadData(std::move(message), value->Find("data"), limits);
}

}  // namespace trackwire::socketio
