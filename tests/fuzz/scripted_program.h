#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/json_scanner.h"
#include "socketio/server.h"

namespace trackwire::fuzz {

using namespace std::chrono_literals;  // NOLINT

/// What a server does with its clients' events, most things that one can do; keeps count of what
/// must happen exactly once. Outlives the server.
class Program {
 public:
  void Prepare(socketio::Server& server) {
    Handlers(server.Of("/"));
    auto& guarded = server.Of("/guarded");
    Handlers(guarded);
    guarded.Use([this](socketio::Socket& socket, socketio::Next next) {
      const std::string& auth = socket.handshake()->auth_json;
      if (auth.find("yes") != std::string::npos) return next({});
      if (auth.find("throw") != std::string::npos) throw std::runtime_error("no");
      if (auth.find("later") != std::string::npos) return kept_next_.push_back(std::move(next));
      if (auth.find("never") == std::string::npos) {
        next(socketio::ConnectError{"no", "{\"why\":\"auth\"}"});
      }
    });
  }

  void CallKept() {
    for (auto& next : std::exchange(kept_next_, {})) next({});
    for (auto& ack : std::exchange(kept_acks_, {})) {
      ack({"\"late\"", {}});
      ack({"\"twice\"", {}});
    }
  }
  void Broadcast() {
    root_->Emit("news", {"1,{\"a\":[true]}", {}});
    root_->Emit("bytes", {R"({"_placeholder":true,"num":0})", {std::string("\0\x1e\xff", 3)}});
    root_->Emit("room", {"2", {}}, {"red", "blue"}, {"green"});
  }
  void AskEveryone() {
    ++asked_;
    socketio::Broadcast question;
    question.event = "all?";
    root_->EmitWithAck(question, 1500ms, [this](socketio::BroadcastAcks) { ++answered_; });
  }
  void EndAll() { root_->DisconnectSockets({}, false); }

  /// Once nobody is left: what began has ended, what was asked was answered.
  void CheckDone() const {
    CHECK(connected_ == disconnected_);
    CHECK(made_ == destroyed_);
    CHECK(asked_ == answered_);
  }

 private:
  /// Knows whether its socket was told its end already.
  struct Data final : socketio::SocketData {
    explicit Data(Program& owner) : program(owner) { ++program.made_; }
    ~Data() override { ++program.destroyed_; }
    Program& program;
    bool ended = false;
  };

  static Data& DataOf(socketio::Socket& socket) {
    CHECK(socket.data() != nullptr);
    return static_cast<Data&>(*socket.data());
  }

  void Handlers(socketio::Namespace& nsp) {
    if (root_ == nullptr) root_ = &nsp;
    nsp.OnConnection([this](socketio::Socket& socket) {
      ++connected_;
      CHECK(socket.connected() && socket.data() == nullptr && socket.handshake() != nullptr);
      socket.set_data(std::make_unique<Data>(*this));
      if (socket.handshake()->auth_json.find("crash") != std::string::npos) {
        throw std::runtime_error("crash");
      }
    });
    nsp.OnDisconnect([this](socketio::Socket& socket, socketio::DisconnectReason reason) {
      ++disconnected_;
      CHECK(!std::exchange(DataOf(socket).ended, true));
      CHECK(socketio::ToString(reason)[0] != '\0');
      socket.Emit("late", {"1", {}});
    });
    nsp.UseEvents([](socketio::Socket&, const socketio::Event& event, socketio::AckFn&) {
      return event.name != "kept back";
    });
    nsp.OnOther([](socketio::Socket& socket, const socketio::Event& event, socketio::AckFn ack) {
      CHECK(!DataOf(socket).ended);
      const auto args = Inside(event);
      if (ack) ack(args);
      socket.Emit("echo", args);
    });
    Ends(nsp);
    Rooms(nsp);
    nsp.On("later", [this](socketio::Socket&, const socketio::Event&, socketio::AckFn ack) {
      if (ack) kept_acks_.push_back(std::move(ack));
    });
    nsp.On("ask", [this](socketio::Socket& socket, const socketio::Event& event, socketio::AckFn) {
      ++asked_;
      const auto timeout = event.args_json.size() % 2 == 0 ? 0ms : 1200ms;
      socket.EmitWithAck("question", Inside(event), timeout,
                         [this](bool timed_out, std::string_view args,
                                const std::vector<std::string_view>& attachments) {
                           ++answered_;
                           if (timed_out) return;
                           CHECK(base::ScanJson(args).has_value() && attachments.size() <= 4);
                         });
    });
  }

  /// Events that end the socket in the middle of its own handler.
  void Ends(socketio::Namespace& nsp) {
    nsp.On("bye", [](socketio::Socket& socket, const socketio::Event& event, socketio::AckFn ack) {
      socket.Disconnect(event.args_json.size() > 2);
      if (ack) ack({"1", {}});
      socket.Emit("late", {"1", {}});
    });
    nsp.On("cut", [](socketio::Socket& socket, const socketio::Event&, socketio::AckFn ack) {
      socket.CloseConnection();
      if (ack) ack({"1", {}});
    });
    nsp.On("throw", [](socketio::Socket&, const socketio::Event&, socketio::AckFn) {
      throw std::runtime_error("throw");
    });
    nsp.On("all", [this](socketio::Socket&, const socketio::Event& event, socketio::AckFn) {
      event.args_json.size() > 2 ? EndAll() : Broadcast();
    });
  }

  void Rooms(socketio::Namespace& nsp) {
    nsp.On("join", [](socketio::Socket& socket, const socketio::Event& event, socketio::AckFn) {
      // What a client sends names the room: bounded, as a program must.
      const std::string_view room = event.args_json.substr(0, 12);
      socket.Join(room);
      CHECK(socket.InRoom(room));
      socket.Join("red");
      if (socket.Rooms().size() > 4) {
        for (const std::string& one : socket.Rooms()) socket.Leave(one);
        CHECK(socket.Rooms().empty());
      }
    });
    nsp.On("flood", [](socketio::Socket& socket, const socketio::Event& event, socketio::AckFn) {
      for (int i = 0; i < 30; ++i) socket.Emit("flood", {"\"" + std::string(1000, 'x') + "\"", {}});
      socket.EmitVolatile("maybe", Inside(event));
    });
  }

  static socketio::Args Inside(const socketio::Event& event) {
    CHECK(base::ScanJson(event.args_json).has_value());
    socketio::Args args;
    args.json = event.args_json.substr(1, event.args_json.size() - 2);
    for (const auto bytes : event.attachments) args.attachments.emplace_back(bytes);
    return args;
  }

  socketio::Namespace* root_ = nullptr;
  std::vector<socketio::Next> kept_next_;
  std::vector<socketio::AckFn> kept_acks_;
  int connected_ = 0;
  int disconnected_ = 0;
  int made_ = 0;
  int destroyed_ = 0;
  int asked_ = 0;
  int answered_ = 0;
};

}  // namespace trackwire::fuzz
