// Writes cluster messages. Both forms come from one JSON text: MessagePack is that text with the
// attachments in their places.
#include "base/json_scanner.h"
#include "base/text.h"
#include "socketio/adapters/cluster_message.h"
#include "socketio/msgpack_json.h"

namespace trackwire::socketio {
namespace {

using Type = ClusterMessageType;
using base::AppendJsonArray;
using base::AppendJsonString;

/// Appends the members of an object, with what stands between them.
class MemberWriter {
 public:
  explicit MemberWriter(std::string& out) : out_(out) { out_ += '{'; }
  void End() { out_ += '}'; }

  std::string& Key(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    AppendJsonString(out_, name);
    out_ += ':';
    return out_;
  }
  void Text(std::string_view name, std::string_view text) { AppendJsonString(Key(name), text); }
  void Texts(std::string_view name, const std::vector<std::string>& texts) {
    AppendJsonArray(Key(name), texts, false);
  }

 private:
  std::string& out_;
};

void AppendOptions(MemberWriter& data, const ClusterMessage& message) {
  MemberWriter options(data.Key("opts"));
  options.Texts("rooms", message.filter.rooms);
  options.Texts("except", message.filter.except);
  MemberWriter flags(options.Key("flags"));
  if (message.is_volatile) flags.Key("volatile") += "true";
  if (message.timeout.count() > 0) flags.Key("timeout") += std::to_string(message.timeout.count());
  flags.End();
  options.End();
}

void AppendPacket(MemberWriter& data, const ClusterMessage& message) {
  std::string& out = data.Key("packet");
  out += "{\"type\":2,\"data\":[";
  AppendJsonString(out, message.event);
  if (!message.args.json.empty()) out += ',' + message.args.json;
  out += "]}";
}

void AppendSockets(MemberWriter& data, const std::vector<RemoteSocket>& sockets) {
  std::string& out = data.Key("sockets");
  char before = '[';
  for (const RemoteSocket& socket : sockets) {
    out += std::exchange(before, ',');
    MemberWriter item(out);
    item.Text("id", socket.sid);
    item.Key("handshake") += socket.handshake_json;
    item.Texts("rooms", socket.rooms);
    item.Key("data") += socket.data_json;
    item.End();
  }
  out += before == '[' ? "[]" : "]";
}

void AppendData(std::string& out, const ClusterMessage& message) {
  MemberWriter data(out);
  switch (message.type) {
    case Type::kBroadcast:
      AppendPacket(data, message);
      AppendOptions(data, message);
      break;
    case Type::kSocketsJoin:
    case Type::kSocketsLeave:
      AppendOptions(data, message);
      data.Texts("rooms", message.rooms);
      break;
    case Type::kDisconnectSockets:
      AppendOptions(data, message);
      data.Key("close") += message.close ? "true" : "false";
      break;
    case Type::kFetchSockets:
      AppendOptions(data, message);
      break;
    case Type::kFetchSocketsResponse:
      AppendSockets(data, message.sockets);
      break;
    case Type::kServerSideEmit:
      data.Key("packet") += '[' + message.args.json + ']';
      break;
    case Type::kServerSideEmitResponse:
    case Type::kBroadcastAck:
      if (!message.args.json.empty()) data.Key("packet") += message.args.json;
      break;
    case Type::kBroadcastClientCount:
      data.Key("clientCount") += std::to_string(message.client_count);
      break;
    case Type::kInitialHeartbeat:
    case Type::kHeartbeat:
    case Type::kAdapterClose:
      break;
  }
  if (!message.request_id.empty()) data.Text("requestId", message.request_id);
  data.End();
}

}  // namespace

StreamFields EncodeStreamEntry(const ClusterMessage& message) {
  std::string data;
  AppendData(data, message);
  if (!message.args.attachments.empty()) {
    data = base::Base64Encode(PackArgs({std::move(data), message.args.attachments}).bytes);
  }
  return {{"uid", message.uid},
          {"nsp", message.nsp},
          {"type", std::to_string(static_cast<int>(message.type))},
          {"data", std::move(data)}};
}

Args FirstArgument(Args args) {
  const std::string list = '[' + args.json + ']';
  const auto first = base::JsonArrayReader({base::JsonType::kArray, list}).Next();
  args.json = first ? std::string(first->text) : std::string();
  return args;
}

std::string EncodeClusterMessage(const ClusterMessage& message) {
  std::string json;
  MemberWriter whole(json);
  whole.Text("uid", message.uid);
  whole.Text("nsp", message.nsp);
  whole.Key("type") += std::to_string(static_cast<int>(message.type));
  AppendData(whole.Key("data"), message);
  whole.End();
  return PackArgs({std::move(json), message.args.attachments}).bytes;
}

}  // namespace trackwire::socketio
