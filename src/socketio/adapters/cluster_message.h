#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "socketio/adapter.h"
#include "socketio/msgpack.h"

namespace trackwire::socketio {

/// What servers of one cluster say to each other when they speak as the npm package
/// `@socket.io/redis-streams-adapter` does.
enum class ClusterMessageType : uint8_t {
  kInitialHeartbeat = 1,
  kHeartbeat,
  kBroadcast,
  kSocketsJoin,
  kSocketsLeave,
  kDisconnectSockets,
  kFetchSockets,
  kFetchSocketsResponse,
  kServerSideEmit,
  kServerSideEmitResponse,
  kBroadcastClientCount,
  kBroadcastAck,
  kAdapterClose,
};

/// The ways such a message can be wrong.
enum class ClusterMessageError : uint8_t {
  kTooLarge,
  kMissingField,  ///< no sender, namespace, type, or what the type needs
  kBadField,      ///< a field of another kind
  kBadEncoding,   ///< neither JSON nor base64
  kBadMsgpack,
  kBadPacket,  ///< the packet of a broadcast is no event
};
const char* ToString(ClusterMessageError error);

/// One message. Which members count depends on its type.
struct ClusterMessage {
  std::string uid;  ///< of the sending server
  std::string nsp;
  ClusterMessageType type = ClusterMessageType::kHeartbeat;

  std::string request_id;  ///< of requests and their answers; a broadcast with it wants acks
  SocketFilter filter;     ///< whom it concerns: kBroadcast to kFetchSockets
  bool is_volatile = false;
  std::chrono::milliseconds timeout{0};  ///< for acks; 0: none was given
  std::string event;                     ///< kBroadcast
  /// Of a broadcast, a serverSideEmit (its name is the first) or an answer (one value, or none).
  Args args;
  std::vector<std::string> rooms;     ///< to join or leave
  bool close = false;                 ///< kDisconnectSockets: the whole connection
  std::vector<RemoteSocket> sockets;  ///< kFetchSocketsResponse
  uint64_t client_count = 0;          ///< kBroadcastClientCount
};

/// Names and values of a stream's entry.
using StreamFields = std::vector<std::pair<std::string, std::string>>;

/// The stream's form: `uid`, `nsp`, `type`, and `data` as JSON or, with attachments, as MessagePack
/// in base64.
StreamFields EncodeStreamEntry(const ClusterMessage& message);
Result<ClusterMessage, ClusterMessageError> DecodeStreamEntry(const StreamFields& fields,
                                                              const MsgpackLimits& limits);
/// The form of requests and answers on channels: MessagePack.
std::string EncodeClusterMessage(const ClusterMessage& message);
Result<ClusterMessage, ClusterMessageError> DecodeClusterMessage(std::string_view bytes,
                                                                 const MsgpackLimits& limits);

/// The first of several arguments, with the attachments of all; what it does not use is harmless.
Args FirstArgument(Args args);

}  // namespace trackwire::socketio
