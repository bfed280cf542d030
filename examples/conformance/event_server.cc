#include "event_server.h"

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <trackwire/socketio/socketio.h>
#include <vector>

namespace trackwire::conformance {
namespace {

using socketio::Ack;
using socketio::Args;
using socketio::Namespace;
using socketio::Reply;
using socketio::Socket;

constexpr size_t kMaxReasons = 100;

/// The reasons of the sockets that ended last. Sockets end on every shard: an example can afford
/// the lock.
class Reasons {
 public:
  void Add(socketio::DisconnectReason reason) {
    const std::lock_guard lock(mutex_);
    if (reasons_.size() == kMaxReasons) reasons_.pop_front();
    reasons_.push_back(ToString(reason));
  }
  std::vector<std::string_view> All() {
    const std::lock_guard lock(mutex_);
    return {reasons_.begin(), reasons_.end()};
  }

 private:
  std::mutex mutex_;
  std::deque<std::string_view> reasons_;
};

void EmitAuth(Socket& socket) {
  socket.Emit("auth", socketio::Json{socket.handshake()->auth_json, {}});
}

void AddEchoes(Namespace& nsp) {
  nsp.On("message", [](Socket& socket, const Args& all) { socket.Emit("message-back", all); });
  nsp.On("message-with-ack", [](const Args& all, const Ack& ack) { ack(all); });
  nsp.On("volatile-me", [](Socket& socket, const std::string& name, const Args& rest) {
    socket.Volatile().Emit(name, rest);
  });
}

void AddRooms(Namespace& nsp) {
  nsp.On("join", [](Socket& socket, const std::string& room, const Ack& ack) {
    socket.Join(room);
    ack();
  });
  nsp.On("leave", [](Socket& socket, const std::string& room, const Ack& ack) {
    socket.Leave(room);
    ack();
  });
  nsp.On("to-room", [](Socket& socket, std::string room, const std::string& name,
                       const Args& rest) { socket.nsp().To(room).Emit(name, rest); });
  nsp.On("to-room-except-me", [](Socket& socket, std::string room, const std::string& name,
                                 const Args& rest) { socket.To(room).Emit(name, rest); });
  nsp.On("broadcast", [](Socket& socket, const std::string& name, const Args& rest) {
    socket.nsp().Emit(name, rest);
  });
}

/// Asks the client `question` and tells it as `answer` what it said, or `answer-timeout`.
void Ask(Socket& socket, const Args& question, std::chrono::milliseconds timeout) {
  const auto result = [&nsp = socket.nsp(), &shard = socket.shard(),
                       ref = socket.ref()](const Reply<Args>& reply) {
    Socket* self = nsp.Find(shard, ref);
    if (self == nullptr) return;
    if (reply.timed_out()) return self->Emit("answer-timeout");
    self->Emit("answer", reply.value());
  };
  socket.Timeout(timeout).EmitWithAck("question", question, result);
}

void AddQuestions(Namespace& nsp) {
  nsp.On("ask-me", [](Socket& socket, const Args& question) {
    Ask(socket, question, std::chrono::seconds(10));
  });
  nsp.On("ask-me-timeout", [](Socket& socket, const Args& question) {
    Ask(socket, question, std::chrono::milliseconds(100));
  });
}

void AddEnds(Namespace& nsp) {
  nsp.On("kick", [](Socket& socket) { socket.Disconnect(false); });
  nsp.On("kick-close", [](Socket& socket) { socket.Disconnect(true); });
  const auto reasons = std::make_shared<Reasons>();
  nsp.OnDisconnect([reasons](Socket&, socketio::DisconnectReason reason) { reasons->Add(reason); });
  nsp.On("last-reasons", [reasons](const Ack& ack) { ack(reasons->All()); });
}

/// What a client says of itself when it connects.
struct Credentials {
  std::string token;
};

}  // namespace
}  // namespace trackwire::conformance

template <>
struct trackwire::socketio::Codec<trackwire::conformance::Credentials> {
  static bool Read(ArgsReader& in, conformance::Credentials& credentials) {
    return in.Member("token", credentials.token);
  }
};

namespace trackwire::conformance {
namespace {

void Guard(Socket& socket, socketio::Next next) {
  const auto credentials = socketio::FromJson<Credentials>(socket.handshake()->auth_json);
  if (credentials && credentials->token == "secret") return next(std::nullopt);
  next(socketio::ConnectError{"not allowed", R"({"code":"forbidden"})"});
}

}  // namespace

void AddHandlers(socketio::Server& server) {
  for (const char* name : {"/", "/custom", "/guarded"}) {
    Namespace& nsp = server.Of(name);
    nsp.OnConnection(EmitAuth);
    AddEchoes(nsp);
    AddRooms(nsp);
    AddQuestions(nsp);
    AddEnds(nsp);
  }
  server.Of("/guarded").Use(Guard);
}

}  // namespace trackwire::conformance
