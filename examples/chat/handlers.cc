#include "handlers.h"

#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace chat {
namespace {

using trackwire::Result;
using trackwire::socketio::Ack;
using trackwire::socketio::DisconnectReason;
using trackwire::socketio::FromJson;
using trackwire::socketio::Namespace;
using trackwire::socketio::Socket;
using trackwire::socketio::ToJson;

/// Who sits on a socket; nobody until they joined.
struct Person final : trackwire::socketio::SocketData {
  std::string name;
  std::string room;
};

Person* PersonOf(Socket& socket) { return static_cast<Person*>(socket.data()); }

/// What the server calls a room of the chat: each socket has a room called as its sid, and people
/// choose what they like.
std::string RoomOf(const std::string& room) { return "room:" + room; }

class Chat {
 public:
  Chat(Namespace& nsp, Lobby& lobby) : nsp_(nsp), lobby_(lobby) {}

  void Join(Socket& socket, const std::string& name, const std::string& room, const Ack& ack) {
    Leave(socket);
    const Result<View> view = Enter(socket, name, room);
    if (!view) return ack(view.error().detail);
    ack(nullptr, *view);
  }

  /// A client that was away for a moment: its rooms and what it missed are there again already.
  void Resume(Socket& socket) {
    const auto seat = FromJson<std::pair<std::string, std::string>>(socket.recovery_data());
    if (!seat || !Enter(socket, seat->first, seat->second)) socket.Emit("expired");
  }

  void Leave(Socket& socket) {
    Person* person = PersonOf(socket);
    if (person == nullptr) return;
    const auto [name, room] = std::pair(std::move(person->name), std::move(person->room));
    socket.set_data(nullptr);
    lobby_.Leave(name, room);
    if (socket.connected()) {
      socket.set_recovery_data("");
      socket.Leave(RoomOf(room));
    }
    socket.To(RoomOf(room)).Emit("left", name);
    TellPeople(room);
  }

  void Say(Socket& socket, std::string text, const Ack& ack) {
    Person* person = PersonOf(socket);
    if (person == nullptr) return ack("Join a room first.");
    const auto message = lobby_.Say(person->room, person->name, std::move(text));
    if (!message) return ack(message.error().detail);
    nsp_.To(RoomOf(person->room)).Emit("message", *message);
    ack(nullptr);
  }

  void Whisper(Socket& socket, const std::string& to, std::string text, const Ack& ack) {
    Person* person = PersonOf(socket);
    if (person == nullptr) return ack("Join a room first.");
    const auto whispered = lobby_.Whisper(person->name, to, std::move(text));
    if (!whispered) return ack(whispered.error().detail);
    const auto& [message, sid] = *whispered;
    nsp_.To({sid, socket.sid()}).Emit("private", message, to);
    ack(nullptr);
  }

  void Type(Socket& socket, bool typing) {
    Person* person = PersonOf(socket);
    if (person == nullptr) return;
    // Nobody minds when one of these is lost.
    socket.To(RoomOf(person->room)).Volatile().Emit("typing", person->name, typing);
  }

 private:
  Result<View> Enter(Socket& socket, const std::string& name, const std::string& room) {
    // First of all, so that what is said from now on arrives; the page knows messages by their id.
    socket.Join(RoomOf(room));
    Result<View> view = lobby_.Enter(name, room, socket.sid());
    if (!view) {
      socket.Leave(RoomOf(room));
      return view;
    }
    auto person = std::make_unique<Person>();
    person->name = name;
    person->room = room;
    socket.set_data(std::move(person));
    socket.set_recovery_data(ToJson(std::pair(name, room)).text);
    socket.To(RoomOf(room)).Emit("joined", name);
    TellPeople(room);
    return view;
  }

  void TellPeople(const std::string& room) {
    const std::lock_guard lock(telling_);
    nsp_.To(RoomOf(room)).Emit("people", lobby_.People(room));
  }

  Namespace& nsp_;
  Lobby& lobby_;
  std::mutex telling_;  // or an older list could overtake a newer one
};

}  // namespace

void AddHandlers(Namespace& nsp, Lobby& lobby) {
  const auto chat = std::make_shared<Chat>(nsp, lobby);
  nsp.OnConnection([chat](Socket& socket) {
    if (socket.recovered()) chat->Resume(socket);
  });
  nsp.On("join", [chat](Socket& socket, std::string name, std::string room, Ack ack) {
    chat->Join(socket, name, room, ack);
  });
  nsp.On("message", [chat](Socket& socket, std::string text, Ack ack) {
    chat->Say(socket, std::move(text), ack);
  });
  nsp.On("private", [chat](Socket& socket, std::string to, std::string text, Ack ack) {
    chat->Whisper(socket, to, std::move(text), ack);
  });
  nsp.On("typing", [chat](Socket& socket, bool typing) { chat->Type(socket, typing); });
  nsp.OnDisconnect([chat](Socket& socket, DisconnectReason) { chat->Leave(socket); });
}

}  // namespace chat
