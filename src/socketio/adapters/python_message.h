#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "socketio/socket.h"

namespace trackwire::socketio {

/// What the managers of python-socketio (RedisManager and its kin) tell each other.
struct PythonMessage {
  enum class Method : uint8_t {
    kEmit,
    kCallback,
    kDisconnect,
    kEnterRoom,
    kLeaveRoom,
    kCloseRoom,
  };
  /// Who is to hear what the clients acknowledge, with the number it knows the request by.
  struct Callback {
    std::string room;
    std::string nsp;
    int64_t id = 0;
  };

  Method method = Method::kEmit;
  std::string host_id;  ///< of the sender; of the addressee in kCallback
  std::string nsp = "/";
  std::string event;
  /// kEmit, kCallback.
  Args args;
  /// kEmit: whom; the whole namespace when empty. Python's rooms may be sids.
  std::vector<std::string> rooms;
  std::vector<std::string> except;
  std::optional<Callback> callback;  ///< kEmit with a wish for acknowledgements
  std::string sid;                   ///< all but kEmit and kCloseRoom; kCallback: the room asked
  std::string room;                  ///< kEnterRoom, kLeaveRoom, kCloseRoom
  int64_t id = 0;                    ///< kCallback
};

/// The ways such a message can be wrong.
enum class PythonMessageError : uint8_t {
  kTooLarge,
  /// Python's own serialization, which runs code where it is read: never looked into.
  kPickle,
  kBadJson,
  kUnknownMethod,
  kMissingField,
  kBadField,
  kBadAttachment,  ///< no base64, or a placeholder without an attachment
};
const char* ToString(PythonMessageError error);

/// Reads a message in JSON, as managers since 5.14 write it.
///
/// `data` may be a list (its elements are the arguments), null (there are none) or any other value
/// (the only argument). Linear; any thread.
Result<PythonMessage, PythonMessageError> DecodePythonMessage(std::string_view text,
                                                              size_t max_bytes);
/// Writes a message in JSON, which managers of every age read. A single argument that is no list
/// stands bare: those before 5.15.1 would take a list for the argument.
std::string EncodePythonMessage(const PythonMessage& message);

}  // namespace trackwire::socketio
