#include <algorithm>

#include "base/json_scanner.h"
#include "socketio/adapters/classic_message.h"
#include "socketio/msgpack_json.h"

namespace trackwire::socketio {
namespace {

enum : int64_t { kServerSideEmitType = 6, kBroadcastType, kClientCountType, kAckType };

void WriteTexts(MsgpackWriter& to, const std::vector<std::string>& texts) {
  to.Array(texts.size());
  for (const std::string& text : texts) to.String(text);
}

void WritePacket(std::string& out, std::string_view nsp, const Broadcast& broadcast) {
  MsgpackWriter to(out);
  const PackedArgs packed = PackArgs(broadcast.args);
  to.Map(3);
  to.Key("type").Int(static_cast<int64_t>(2));
  to.Key("data").Array(1 + packed.count);
  to.String(broadcast.event);
  out += packed.bytes;
  to.Key("nsp").String(nsp);
}

void WriteOptions(std::string& out, const Broadcast& broadcast,
                  std::optional<std::chrono::milliseconds> timeout) {
  MsgpackWriter to(out);
  to.Map(3);
  WriteTexts(to.Key("rooms"), broadcast.rooms);
  WriteTexts(to.Key("except"), broadcast.except);
  to.Key("flags").Map((broadcast.is_volatile ? 1 : 0) + (broadcast.compress ? 0 : 1) +
                      (timeout ? 1 : 0));
  if (broadcast.is_volatile) to.Key("volatile").Bool(true);
  if (!broadcast.compress) to.Key("compress").Bool(false);
  if (timeout) to.Key("timeout").Int(timeout->count());
}

/// An object that is written member by member.
class Object {
 public:
  Object& Json(std::string_view key, std::string_view json) {
    out_ += out_.size() > 1 ? ",\"" : "\"";
    out_ += key;
    out_ += "\":";
    out_ += json;
    return *this;
  }
  Object& Text(std::string_view key, std::string_view text) {
    std::string json;
    base::AppendJsonString(json, text);
    return Json(key, json);
  }
  Object& Texts(std::string_view key, const std::vector<std::string>& texts) {
    std::string json;
    base::AppendJsonArray(json, texts, false);
    return Json(key, json);
  }
  Object& Number(std::string_view key, uint64_t value) { return Json(key, std::to_string(value)); }
  std::string Take() { return std::move(out_) + "}"; }

 private:
  std::string out_ = "{";
};

std::string FilterJson(const SocketFilter& filter) {
  return Object().Texts("rooms", filter.rooms).Texts("except", filter.except).Take();
}

std::string EncodeBroadcastRequest(const ClassicRequest& request) {
  std::string out;
  MsgpackWriter to(out);
  to.Map(5);
  to.Key("uid").String(request.uid);
  to.Key("requestId").String(request.request_id);
  to.Key("type").Int(kBroadcastType);
  to.String("packet");
  WritePacket(out, request.nsp, request.broadcast);
  to.String("opts");
  WriteOptions(out, request.broadcast, request.timeout);
  return out;
}

}  // namespace

std::string EncodeClassicBroadcast(std::string_view uid, std::string_view nsp,
                                   const Broadcast& broadcast) {
  std::string out;
  MsgpackWriter to(out);
  to.Array(3);
  to.String(uid);
  WritePacket(out, nsp, broadcast);
  WriteOptions(out, broadcast, std::nullopt);
  return out;
}

std::string EncodeClassicRequest(const ClassicRequest& request) {
  if (request.type == ClassicRequestType::kBroadcast) return EncodeBroadcastRequest(request);
  Object object;
  object.Text("uid", request.uid);
  if (!request.request_id.empty()) object.Text("requestId", request.request_id);
  object.Number("type", static_cast<uint64_t>(request.type));
  switch (request.type) {
    case ClassicRequestType::kSockets:
      object.Texts("rooms", request.filter.rooms);
      break;
    case ClassicRequestType::kJoin:
    case ClassicRequestType::kLeave:
      object.Json("opts", FilterJson(request.filter)).Texts("rooms", request.rooms);
      break;
    case ClassicRequestType::kDisconnect:
      object.Json("opts", FilterJson(request.filter));
      object.Json("close", request.close ? "true" : "false");
      break;
    case ClassicRequestType::kFetch:
      object.Json("opts", FilterJson(request.filter));
      break;
    case ClassicRequestType::kServerSideEmit:
      object.Json("data", request.arguments_json);
      break;
    case ClassicRequestType::kAllRooms:
    case ClassicRequestType::kBroadcast:
      break;
  }
  return object.Take();
}

std::string EncodeClassicSids(std::string_view request_id, const std::vector<std::string>& sids) {
  return Object().Text("requestId", request_id).Texts("sockets", sids).Take();
}

std::string EncodeClassicRooms(std::string_view request_id, const std::vector<std::string>& rooms) {
  return Object().Text("requestId", request_id).Texts("rooms", rooms).Take();
}

std::string EncodeClassicSockets(std::string_view request_id,
                                 const std::vector<RemoteSocket>& sockets) {
  std::vector<std::string> list;
  list.reserve(sockets.size());
  for (const RemoteSocket& socket : sockets) {
    list.push_back(Object()
                       .Text("id", socket.sid)
                       .Json("handshake", socket.handshake_json)
                       .Texts("rooms", socket.rooms)
                       .Json("data", socket.data_json)
                       .Take());
  }
  std::string json;
  base::AppendJsonArray(json, list, true);
  return Object().Text("requestId", request_id).Json("sockets", json).Take();
}

std::string EncodeClassicDone(std::string_view request_id) {
  return Object().Text("requestId", request_id).Take();
}

std::string EncodeClassicServerSideAnswer(std::string_view request_id, std::string_view json) {
  return Object()
      .Number("type", kServerSideEmitType)
      .Text("requestId", request_id)
      .Json("data", json)
      .Take();
}

std::string EncodeClassicClientCount(std::string_view request_id, uint64_t clients) {
  return Object()
      .Number("type", kClientCountType)
      .Text("requestId", request_id)
      .Number("clientCount", clients)
      .Take();
}

std::string EncodeClassicAck(std::string_view request_id, const Args& answer) {
  const std::string array = "[" + answer.json + "]";
  base::JsonArrayReader reader({base::JsonType::kArray, array});
  const auto first = reader.Next();
  std::string out;
  MsgpackWriter to(out);
  to.Map(3);
  to.Key("type").Int(kAckType);
  to.Key("requestId").String(request_id);
  to.String("packet");
  if (first) {
    out += PackArgs({std::string(first->text), answer.attachments}).bytes;
  } else {
    to.Extension(0, std::string_view("\0", 1));  // undefined, as notepack.io writes it
  }
  return out;
}

}  // namespace trackwire::socketio
