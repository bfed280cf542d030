#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "socketio/server.h"
#include "tests/engineio/raw_client.h"
#include "tests/engineio/test_shards.h"

namespace trackwire::testing {

using namespace std::chrono_literals;  // NOLINT: a language for tests

/// What handlers noted, from any shard.
class Notes {
 public:
  void Add(std::string note) {
    const std::lock_guard lock(mutex_);
    notes_.push_back(std::move(note));
  }
  /// Waits for the next note.
  std::string Take() {
    for (;;) {
      const std::lock_guard lock(mutex_);
      if (notes_.empty()) continue;
      std::string first = notes_.front();
      notes_.pop_front();
      return first;
    }
  }
  bool empty() {
    const std::lock_guard lock(mutex_);
    return notes_.empty();
  }

 private:
  std::mutex mutex_;
  std::deque<std::string> notes_;
};

/// A Socket.IO client that speaks raw packets over a WebSocket.
class EventClient {
 public:
  explicit EventClient(uint16_t port, const std::string& query = "")
      : websocket_(port, "/socket.io/?EIO=4&transport=websocket" + query) {
    EXPECT_TRUE(websocket_.open());
    EXPECT_EQ(websocket_.ReadText().substr(0, 2), "0{");
  }

  /// Sends a Socket.IO packet.
  void Send(const std::string& packet) { websocket_.Send("4" + packet); }
  void SendBinary(const std::string& bytes) { websocket_.SendBinary(bytes); }
  /// The next Socket.IO packet (or `binary:…`, or `<closed>`).
  std::string Read() {
    std::string text = websocket_.ReadText();
    return text.substr(0, 1) == "4" ? text.substr(1) : text;
  }
  /// Joins a namespace; the JSON of the answer.
  std::string Connect(const std::string& nsp = "/", const std::string& auth = "") {
    const std::string prefix = nsp == "/" ? "" : nsp + ",";
    Send("0" + prefix + auth);
    const std::string answer = Read();
    EXPECT_EQ(answer.substr(0, 2 + prefix.size()), "0" + prefix + "{") << answer;
    return answer.substr(std::min(answer.size(), 1 + prefix.size()));
  }
  WsClient& websocket() { return websocket_; }

 private:
  WsClient websocket_;
};

/// A string member of a flat JSON object.
inline std::string Member(const std::string& json, const std::string& name) {
  const size_t at = json.find("\"" + name + "\":\"");
  if (at == std::string::npos) return "";
  const size_t start = at + name.size() + 4;
  return json.substr(start, json.find('"', start) - start);
}

/// A server on as many shards as the parameter says, with a few handlers.
class ServerFixture : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    shards_ = std::make_unique<TestShards>(static_cast<uint16_t>(GetParam()));
  }
  void TearDown() override { shards_->Stop(); }

  socketio::Namespace& Prepare(socketio::Options options = {}) {
    server_ = std::make_unique<socketio::Server>(shards_->shards(), std::move(options));
    return server_->Of("/");
  }
  void Serve() { shards_->Listen("/socket.io/", server_->handler()); }
  EventClient Client(const std::string& query = "") { return EventClient(shards_->port(), query); }
  EventClient Connected(const std::string& auth = "") {
    EventClient client = Client();
    client.Connect("/", auth);
    return client;
  }
  socketio::Counters Sum() {
    socketio::Counters sum;
    for (net::Shard* shard : shards_->shards()) {
      shard->Run([&] {
        const socketio::Counters& one = server_->counters(*shard);
        sum.sockets += one.sockets;
        sum.connects += one.connects;
        sum.connect_errors += one.connect_errors;
        sum.parse_errors += one.parse_errors;
        sum.bad_arguments += one.bad_arguments;
        sum.deliveries += one.deliveries;
        sum.resumed += one.resumed;
        sum.resume_refused += one.resume_refused;
      });
    }
    return sum;
  }

  std::unique_ptr<TestShards> shards_;
  std::unique_ptr<socketio::Server> server_;
  Notes notes_;
};

}  // namespace trackwire::testing
