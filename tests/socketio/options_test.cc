#include "socketio/options.h"

#include <gtest/gtest.h>

#include "socketio/memory_recovery.h"
#include "tests/socketio/server_harness.h"

namespace trackwire::socketio {
namespace {

using testing::EventClient;
using testing::HttpClient;
using testing::Member;
using testing::WsClient;

class OptionsTest : public testing::ServerFixture {
 protected:
  void TearDown() override {
    ServerFixture::TearDown();
    recovery_.reset();
  }
  std::unique_ptr<MemoryRecovery> recovery_;
};

INSTANTIATE_TEST_SUITE_P(Shards, OptionsTest, ::testing::Values(1, 2));

TEST_P(OptionsTest, KeepsTheHandshakeIfItIsTo) {
  for (const bool keep : {true, false}) {
    shards_ = std::make_unique<testing::TestShards>(static_cast<uint16_t>(GetParam()));
    Options options;
    options.keep_handshake = keep;
    Namespace& nsp = Prepare(options);
    nsp.On("auth", [](Socket& socket, const Event&, const AckFn& ack) {
      ack({socket.handshake() == nullptr ? "null" : socket.handshake()->auth_json, {}});
    });
    Serve();
    EventClient client = Connected(R"({"a":1})");
    client.Send(R"(21["auth"])");
    EXPECT_EQ(client.Read(), keep ? R"(31[{"a":1}])" : "31[null]");
    shards_->Stop();
    server_.reset();
  }
}

TEST_P(OptionsTest, SocketsMayBeNamedByTheProgram) {
  Options options;
  options.make_sid = [](const Socket& socket) -> std::string {
    if (socket.handshake()->auth_json == "{}") throw std::runtime_error("no name");
    const auto& auth = socket.handshake()->auth_json;
    return Member(auth, "name");
  };
  Namespace& nsp = Prepare(options);
  nsp.OnDisconnect([this](Socket& socket, DisconnectReason) { notes_.Add(socket.sid()); });
  Serve();
  EventClient ada = Client();
  EXPECT_EQ(ada.Connect("/", R"({"name":"ada"})"), R"({"sid":"ada"})");
  EventClient random = Client();
  EXPECT_EQ(Member(random.Connect(), "sid").size(), 20u);
  nsp.Emit("hi", {}, {"ada"});
  EXPECT_EQ(ada.Read(), R"(2["hi"])");
}

TEST_P(OptionsTest, AFormerSocketOfTheNameMayEndTheNewOneWithIt) {
  shards_ = std::make_unique<testing::TestShards>(uint16_t{1});
  Options options;
  options.make_sid = [](const Socket& socket) {
    return std::string(socket.nsp().name() == "/" ? "same" : "");
  };
  Namespace& nsp = Prepare(options);
  Namespace& other = server_->Of("/other");
  SocketRef last;
  other.OnConnection([&last](Socket& socket) { last = socket.ref(); });
  nsp.OnDisconnect([&](Socket&, DisconnectReason) {
    other.WithSocket(last, [](Socket& socket) { socket.Disconnect(true); });
  });
  Serve();
  EventClient former = Connected();
  EventClient client = Client();
  client.Connect("/other");
  client.Send("0");
  EXPECT_EQ(client.Read(), "1/other,");
  EXPECT_EQ(client.Read(), "<closed>");
  nsp.Emit("nobody hears", {});
  EXPECT_EQ(Sum().sockets, 0u);
}

TEST_P(OptionsTest, WhoResumesMayPassByTheMiddlewares) {
  for (const bool skips : {true, false}) {
    shards_ = std::make_unique<testing::TestShards>(static_cast<uint16_t>(GetParam()));
    Options options;
    options.recovery_skips_middlewares = skips;
    Namespace& nsp = Prepare(options);
    recovery_ = std::make_unique<MemoryRecovery>();
    server_->UseRecovery(nsp, recovery_.get(), nullptr);
    nsp.Use([](Socket& socket, Next next) {
      if (Member(socket.handshake()->auth_json, "token") == "good") return next(std::nullopt);
      next(ConnectError{"no token", {}});
    });
    nsp.OnConnection([](Socket& socket) { socket.Emit("hello", {}); });
    nsp.OnDisconnect([this](Socket&, DisconnectReason reason) { notes_.Add(ToString(reason)); });
    Serve();
    EventClient client = Client();
    const std::string pid = Member(client.Connect("/", R"({"token":"good"})"), "pid");
    const std::string hello = client.Read();
    const std::string offset = hello.substr(11, hello.size() - 13);
    client.websocket().Cut();
    EXPECT_EQ(notes_.Take(), "transport close");

    EventClient back = Client();
    back.Send(R"(0{"pid":")" + pid + R"(","offset":")" + offset + R"("})");
    EXPECT_EQ(back.Read().substr(0, 7), skips ? R"(0{"sid")" : R"(4{"mess)");
    EventClient unknown = Client();
    unknown.Send(R"(0{"pid":"nobody","offset":")" + offset + R"("})");
    EXPECT_EQ(unknown.Read(), R"(4{"message":"no token"})");
    EventClient good = Client();
    EXPECT_NE(Member(good.Connect("/", R"({"token":"good","pid":"nobody","offset":"x"})"), "sid"),
              "");
    shards_->Stop();
    recovery_.reset();
    server_.reset();
    while (!notes_.empty()) notes_.Take();
  }
}

TEST_P(OptionsTest, TellsWhenAClientChangesItsTransport) {
  Namespace& nsp = Prepare();
  nsp.OnUpgrade([this](Socket& socket) { notes_.Add("nsp " + std::string(socket.transport())); });
  nsp.OnConnection([this](Socket& socket) {
    notes_.Add(std::string(socket.transport()));
    socket.OnUpgrade([this](Socket& self) { notes_.Add("own " + std::string(self.transport())); });
  });
  Serve();
  HttpClient http(shards_->port());
  const std::string path = "/socket.io/?EIO=4&transport=";
  const std::string sid = Member(http.Get(path + "polling").body, "sid");
  EXPECT_EQ(http.Post(path + "polling&sid=" + sid, "40").status, 200);
  EXPECT_EQ(notes_.Take(), "polling");
  WsClient websocket(shards_->port(), path + "websocket&sid=" + sid);
  websocket.Send("2probe");
  EXPECT_EQ(websocket.ReadText(), "3probe");
  websocket.Send("5");
  EXPECT_EQ(notes_.Take(), "nsp websocket");
  EXPECT_EQ(notes_.Take(), "own websocket");
}

TEST_P(OptionsTest, CloseEndsEverybodyAtOnce) {
  Namespace& nsp = Prepare();
  nsp.OnDisconnect([this](Socket&, DisconnectReason reason) { notes_.Add(ToString(reason)); });
  Serve();
  EventClient one = Connected();
  EventClient two = Connected();
  server_->Close([this] { notes_.Add("closed"); });
  for (EventClient* client : {&one, &two}) EXPECT_EQ(client->Read(), "<closed>");
  EXPECT_EQ(notes_.Take(), "server shutting down");
  EXPECT_EQ(notes_.Take(), "server shutting down");
  EXPECT_EQ(notes_.Take(), "closed");
}

}  // namespace
}  // namespace trackwire::socketio
