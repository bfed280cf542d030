#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_scanner.h"
#include "socketio/cluster.h"
#include "socketio/msgpack.h"

// Reads single fields of the messages in classic_message.h, whose types are what any stranger
// chose. A read that finds another kind of value says false.
namespace trackwire::socketio::classic {

/// Ids of servers and requests; longer ones than this are nobody's.
inline constexpr size_t kMaxIdBytes = 128;

bool ReadId(const MsgpackValue& value, std::string& id);
/// A list of rooms, which JavaScript may also call by numbers. Nothing, nil and undefined: none.
bool ReadRooms(const MsgpackValue* value, std::vector<std::string>& rooms);
bool IsTrue(const MsgpackValue* value);

/// The members of an object.
class Fields {
 public:
  explicit Fields(base::JsonValue object) : object_(object) {}

  std::optional<base::JsonValue> Find(std::string_view name) const {
    return base::FindMember(object_, name);
  }
  std::optional<int64_t> ReadInteger(std::string_view name) const;
  bool IsTrue(std::string_view name) const;
  bool ReadText(std::string_view name, std::string& text) const;
  /// True when there is none: `text` stays empty.
  bool ReadOptionalId(std::string_view name, std::string& text) const;
  bool ReadRoom(std::string_view name, std::string& room) const;
  /// True when there are none.
  bool ReadRooms(std::string_view name, std::vector<std::string>& rooms) const;
  bool ReadFilter(base::JsonValue options, SocketFilter& filter) const;

 private:
  base::JsonValue object_;
};

}  // namespace trackwire::socketio::classic
