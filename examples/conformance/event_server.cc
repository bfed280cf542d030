#include "conformance/event_server.h"

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/json_scanner.h"

namespace trackwire::conformance {
namespace {

using socketio::AckFn;
using socketio::Args;
using socketio::Event;
using socketio::Namespace;
using socketio::Socket;

constexpr size_t kMaxReasons = 100;

std::string Inside(std::string_view array) {
  return std::string(array.substr(1, array.size() - 2));
}

/// The arguments as they came, attachments too.
Args SameArgs(const Event& event) {
  Args args;
  args.json = Inside(event.args_json);
  for (const std::string_view bytes : event.attachments) args.attachments.emplace_back(bytes);
  return args;
}

/// Takes leading string arguments off an event; what is left can be sent on.
class ArgReader {
 public:
  explicit ArgReader(const Event& event) : event_(event), reader_(Array(event)) {}

  std::optional<std::string> NextString() {
    const auto value = reader_.Next();
    if (!value || !value->is_string()) return std::nullopt;
    return base::DecodeJsonString(value->text);
  }
  Args Rest() {
    Args args = SameArgs(event_);
    args.json.clear();
    while (const auto value = reader_.Next()) {
      if (!args.json.empty()) args.json += ',';
      args.json += value->text;
    }
    return args;
  }

 private:
  static base::JsonValue Array(const Event& event) {
    return {base::JsonType::kArray, event.args_json};
  }

  const Event& event_;
  base::JsonArrayReader reader_;
};

/// The reasons of the sockets that ended last. Sockets end on every shard: an example can afford
/// the lock.
class Reasons {
 public:
  void Add(socketio::DisconnectReason reason) {
    const std::lock_guard lock(mutex_);
    if (reasons_.size() == kMaxReasons) reasons_.pop_front();
    reasons_.push_back(ToString(reason));
  }
  std::string Json() {
    const std::lock_guard lock(mutex_);
    std::string json = "[";
    for (const std::string_view reason : reasons_) {
      if (json.size() > 1) json += ',';
      base::AppendJsonString(json, reason);
    }
    return json + "]";
  }

 private:
  std::mutex mutex_;
  std::deque<std::string_view> reasons_;
};

void EmitAuth(Socket& socket) { socket.Emit("auth", {socket.handshake()->auth_json, {}}); }

void AddEchoes(Namespace& nsp) {
  nsp.On("message", [](Socket& socket, const Event& event, const AckFn&) {
    socket.Emit("message-back", SameArgs(event));
  });
  nsp.On("message-with-ack", [](Socket&, const Event& event, const AckFn& ack) {
    if (ack) ack(SameArgs(event));
  });
  nsp.On("volatile-me", [](Socket& socket, const Event& event, const AckFn&) {
    ArgReader args(event);
    if (const auto name = args.NextString()) socket.EmitVolatile(*name, args.Rest());
  });
}

void AddRooms(Namespace& nsp) {
  nsp.On("join", [](Socket& socket, const Event& event, const AckFn& ack) {
    if (const auto room = ArgReader(event).NextString()) socket.Join(*room);
    if (ack) ack({});
  });
  nsp.On("leave", [](Socket& socket, const Event& event, const AckFn& ack) {
    if (const auto room = ArgReader(event).NextString()) socket.Leave(*room);
    if (ack) ack({});
  });
  nsp.On("to-room", [](Socket& socket, const Event& event, const AckFn&) {
    ArgReader args(event);
    const auto room = args.NextString();
    const auto name = args.NextString();
    if (room && name) socket.nsp().Emit(*name, args.Rest(), {*room});
  });
  nsp.On("to-room-except-me", [](Socket& socket, const Event& event, const AckFn&) {
    ArgReader args(event);
    const auto room = args.NextString();
    const auto name = args.NextString();
    if (room && name) socket.nsp().Emit(*name, args.Rest(), {*room}, {socket.sid()});
  });
  nsp.On("broadcast", [](Socket& socket, const Event& event, const AckFn&) {
    ArgReader args(event);
    if (const auto name = args.NextString()) socket.nsp().Emit(*name, args.Rest());
  });
}

/// Asks the client `question` and tells it as `answer` what it said, or `on_timeout`.
void Ask(Socket& socket, const Args& question, std::chrono::milliseconds timeout) {
  Namespace& nsp = socket.nsp();
  net::Shard& shard = socket.shard();
  const auto result = [&nsp, &shard, ref = socket.ref()](
                          bool timed_out, std::string_view args_json,
                          const std::vector<std::string_view>& attachments) {
    Socket* self = nsp.Find(shard, ref);
    if (self == nullptr) return;
    if (timed_out) return self->Emit("answer-timeout", {});
    self->Emit("answer", SameArgs({"answer", args_json, attachments}));
  };
  socket.EmitWithAck("question", question, timeout, result);
}

void AddQuestions(Namespace& nsp) {
  nsp.On("ask-me", [](Socket& socket, const Event& event, const AckFn&) {
    Ask(socket, SameArgs(event), std::chrono::seconds(10));
  });
  nsp.On("ask-me-timeout", [](Socket& socket, const Event& event, const AckFn&) {
    Ask(socket, SameArgs(event), std::chrono::milliseconds(100));
  });
}

void AddEnds(Namespace& nsp) {
  nsp.On("kick", [](Socket& socket, const Event&, const AckFn&) { socket.Disconnect(false); });
  nsp.On("kick-close", [](Socket& socket, const Event&, const AckFn&) { socket.Disconnect(true); });
  const auto reasons = std::make_shared<Reasons>();
  nsp.OnDisconnect([reasons](Socket&, socketio::DisconnectReason reason) { reasons->Add(reason); });
  nsp.On("last-reasons", [reasons](Socket&, const Event&, const AckFn& ack) {
    if (ack) ack({reasons->Json(), {}});
  });
}

void Guard(Socket& socket, socketio::Next next) {
  const base::JsonValue auth{base::JsonType::kObject, socket.handshake()->auth_json};
  const auto token = base::FindMember(auth, "token");
  const bool allowed =
      token && token->is_string() && base::DecodeJsonString(token->text) == "secret";
  if (allowed) return next(std::nullopt);
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
