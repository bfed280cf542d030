#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <trackwire/base/result.h>
#include <trackwire/socketio/codec.h>
#include <utility>
#include <vector>

namespace chat {

struct Message {
  uint64_t id = 0;  ///< grows, over starts of the program too
  std::string from;
  std::string text;
  int64_t at = 0;  ///< in milliseconds since 1970
};

/// What one sees who enters a room.
struct View {
  std::vector<std::string> people;
  std::vector<Message> history;
};

/// Who is in which room, and what was said there last. Thread-safe: clients are on many threads,
/// and what they share is here.
class Lobby {
 public:
  static constexpr size_t kMaxName = 24;      ///< bytes, of people and rooms
  static constexpr size_t kMaxText = 2'000;   ///< bytes
  static constexpr size_t kMaxHistory = 100;  ///< messages a room
  static constexpr size_t kMaxRooms = 200;    ///< those where nobody is are forgotten beyond

  Lobby();

  /// Takes the name for the socket `sid` and enters. Errors, in words for people: `bad_name`,
  /// `bad_room`, `name_taken`, `too_many_rooms`.
  trackwire::Result<View> Enter(const std::string& name, const std::string& room,
                                const std::string& sid);
  /// Gives the name back.
  void Leave(const std::string& name, const std::string& room);
  /// Keeps what is said. Errors: `bad_text`.
  trackwire::Result<Message> Say(const std::string& room, const std::string& from,
                                 std::string text);
  /// A message that is kept nowhere, for the socket whose sid comes with it. Errors: `bad_text`,
  /// `not_here` when nobody has the name.
  trackwire::Result<std::pair<Message, std::string>> Whisper(const std::string& from,
                                                             const std::string& to,
                                                             std::string text);
  std::vector<std::string> People(const std::string& room) const;

 private:
  struct Room {
    std::set<std::string> people;
    std::deque<Message> history;
  };

  /// Whether there is room for one more, if need be after one was forgotten.
  bool MakePlace();
  trackwire::Result<Message> MakeMessage(const std::string& from, std::string text);

  mutable std::mutex mutex_;
  std::map<std::string, Room> rooms_;
  std::map<std::string, std::string> sids_;  // by name
  uint64_t last_id_;
};

}  // namespace chat

template <>
struct trackwire::socketio::Codec<chat::Message> {
  static void Write(const chat::Message& message, ArgsWriter& out) {
    out.BeginObject();
    out.Member("id", message.id);
    out.Member("from", message.from);
    out.Member("text", message.text);
    out.Member("at", message.at);
    out.EndObject();
  }
};

template <>
struct trackwire::socketio::Codec<chat::View> {
  static void Write(const chat::View& view, ArgsWriter& out) {
    out.BeginObject();
    out.Member("people", view.people);
    out.Member("history", view.history);
    out.EndObject();
  }
};
