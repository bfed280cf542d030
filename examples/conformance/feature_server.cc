#include "feature_server.h"

#include <memory>
#include <string>
#include <thread>
#include <trackwire/base/json_scanner.h>
#include <utility>

namespace trackwire::conformance {
namespace {

using socketio::AckFn;
using socketio::Args;
using socketio::Event;
using socketio::Socket;

Args SameArgs(const Event& event) {
  Args args{std::string(event.args_json.substr(1, event.args_json.size() - 2)), {}};
  for (const std::string_view bytes : event.attachments) args.attachments.emplace_back(bytes);
  return args;
}

std::string Quoted(std::string_view text) {
  std::string json;
  base::AppendJsonString(json, text);
  return json;
}

std::string FirstString(const Event& event) {
  const auto first = base::JsonArrayReader({base::JsonType::kArray, event.args_json}).Next();
  return first && first->is_string() ? base::DecodeJsonString(first->text) : std::string();
}

/// `/dynamic-1` and so on, for everybody.
void AddNumbered(socketio::Server& server) {
  socketio::ParentNamespace& parent = server.OfRegex(R"(^\/dynamic-\d+$)");
  parent.On("message", [](Socket& socket, const Event& event, const AckFn&) {
    socket.Emit("message-back", SameArgs(event));
  });
  parent.On("name", [](Socket& socket, const Event&, const AckFn& ack) {
    if (ack) ack({Quoted(socket.nsp().name()), {}});
  });
  parent.On("to-all", [&parent](Socket&, const Event& event, const AckFn&) {
    parent.Emit("news", SameArgs(event));
  });
}

/// `/by-auth-…`, for those who know the word; another thread says so.
void AddGuarded(socketio::Server& server) {
  server.OfMatching([](std::string_view name, const socketio::Handshake& handshake, auto answer) {
    if (name.substr(0, 9) != "/by-auth-") return answer(false);
    const auto token = base::FindMember({base::JsonType::kObject, handshake.auth_json}, "token");
    const bool good = token && token->text == R"("secret")";
    std::thread([answer, good] { answer(good); }).detach();
  });
}

/// What one socket heard, as the elements of a JSON array.
struct Heard final : socketio::SocketData {
  void Add(const char* direction, const Event& event) {
    const std::string args = SameArgs(event).json;
    list += (list.empty() ? "[\"" : ",[\"") + std::string(direction) + "\"," + Quoted(event.name) +
            (args.empty() ? "" : ",") + args + "]";
  }
  std::string list;
};

Heard& HeardBy(Socket& socket) { return static_cast<Heard&>(*socket.data()); }

/// `/listeners`: all handlers are the sockets' own.
void AddListeners(socketio::Server& server) {
  server.Of("/listeners").OnConnection([](Socket& socket) {
    socket.set_data(std::make_unique<Heard>());
    const auto in = socket.OnAny([](Socket& self, const Event& e) { HeardBy(self).Add("in", e); });
    socket.OnAnyOutgoing([](Socket& self, const Event& e) { HeardBy(self).Add("out", e); });
    socket.Use([](Socket&, const Event& event, AckFn&) { return event.name != "blocked"; });
    for (const char* name : {"first", "second"}) {
      socket.On("both", [name](Socket& self, const Event&, const AckFn&) { self.Emit(name, {}); });
    }
    socket.Once("once", [](Socket& self, const Event&, const AckFn&) { self.Emit("once", {}); });
    socket.On("blocked", [](Socket& self, const Event&, const AckFn&) { self.Emit("never", {}); });
    socket.On("everybody", [](Socket& self, const Event& event, const AckFn&) {
      self.nsp().Emit("news", SameArgs(event));
    });
    socket.On("deaf", [in](Socket& self, const Event&, const AckFn&) { self.OffAny(in); });
    socket.On("heard", [](Socket& self, const Event&, const AckFn& ack) {
      if (ack) ack({"[" + HeardBy(self).list + "]", {}});
    });
  });
}

}  // namespace

void AddFeatures(socketio::Server& server) {
  AddListeners(server);
  AddNumbered(server);
  AddGuarded(server);
  server.Of("/").On("exists", [&server](Socket&, const Event& event, const AckFn& ack) {
    if (ack) ack({server.Find(FirstString(event)) == nullptr ? "false" : "true", {}});
  });
}

}  // namespace trackwire::conformance
