#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "socketio/cluster.h"
#include "socketio/msgpack.h"
#include "socketio/namespace.h"

namespace trackwire::socketio {

/// The ways a message of the classic Redis adapter can be wrong.
enum class ClassicError : uint8_t {
  kTooLarge,
  kBadMsgpack,
  kBadJson,
  kUnknownType,
  kMissingField,
  kBadField,   ///< a field of another kind
  kBadPacket,  ///< the packet of a broadcast is no event that clients may get
};
const char* ToString(ClassicError error);

/// A broadcast, as servers and the npm package `@socket.io/redis-emitter` publish it.
struct ClassicBroadcast {
  std::string uid;  ///< of the sending server, or `emitter`
  std::string nsp = "/";
  Broadcast broadcast;
};

enum class ClassicRequestType : uint8_t {
  kSockets,
  kAllRooms,
  kJoin,
  kLeave,
  kDisconnect,
  kFetch,
  kServerSideEmit,
  kBroadcast,  ///< with acknowledgements
};

/// What a server asks of the others. Which members count depends on its type.
struct ClassicRequest {
  ClassicRequestType type = ClassicRequestType::kSockets;
  std::string uid;
  std::string request_id;
  SocketFilter filter;
  std::string sid;                 ///< the form of old servers: one socket instead of a filter
  std::vector<std::string> rooms;  ///< to join or leave
  bool close = false;              ///< kDisconnect: the whole connection
  std::string arguments_json;      ///< kServerSideEmit: an array, first the event's name
  std::string nsp = "/";           ///< kBroadcast
  Broadcast broadcast;             ///< kBroadcast
  std::chrono::milliseconds timeout{0};  ///< kBroadcast; 0: none was given
};

/// What a server answers; which kind, the asker knows by the request.
struct ClassicResponse {
  enum class Kind : uint8_t { kOther, kServerSideEmit, kClientCount, kBroadcastAck };
  Kind kind = Kind::kOther;
  std::string request_id;
  std::optional<std::vector<RemoteSocket>> sockets;
  std::string answer_json = "null";  ///< kServerSideEmit
  uint64_t client_count = 0;         ///< kClientCount
  Args answer;                       ///< kBroadcastAck: one value
};

Result<ClassicBroadcast, ClassicError> DecodeClassicBroadcast(std::string_view bytes,
                                                              const MsgpackLimits& limits);
/// JSON when it begins with `{`, else MessagePack.
Result<ClassicRequest, ClassicError> DecodeClassicRequest(std::string_view bytes,
                                                          const MsgpackLimits& limits);
Result<ClassicResponse, ClassicError> DecodeClassicResponse(std::string_view bytes,
                                                            const MsgpackLimits& limits);

/// In the very bytes that the npm package writes, as far as JavaScript's numbers allow.
std::string EncodeClassicBroadcast(std::string_view uid, std::string_view nsp,
                                   const Broadcast& broadcast);
std::string EncodeClassicRequest(const ClassicRequest& request);
std::string EncodeClassicSids(std::string_view request_id, const std::vector<std::string>& sids);
std::string EncodeClassicRooms(std::string_view request_id, const std::vector<std::string>& rooms);
std::string EncodeClassicSockets(std::string_view request_id,
                                 const std::vector<RemoteSocket>& sockets);
/// That a request of the old form has been done.
std::string EncodeClassicDone(std::string_view request_id);
std::string EncodeClassicServerSideAnswer(std::string_view request_id, std::string_view json);
std::string EncodeClassicClientCount(std::string_view request_id, uint64_t clients);
/// The first of what the client acknowledged with: the format carries no more.
std::string EncodeClassicAck(std::string_view request_id, const Args& answer);

}  // namespace trackwire::socketio
