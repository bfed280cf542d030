#include "socketio/server.h"

#include <gtest/gtest.h>

#include "socketio/client.h"
#include "tests/socketio/server_harness.h"

namespace trackwire::socketio {
namespace {

using namespace std::chrono_literals;
using testing::EventClient;
using testing::HttpClient;
using testing::Member;

static_assert(sizeof(Socket) + sizeof(Client) <= 224, "an idle client must stay small");

Args Same(const Event& event) {
  Args args;
  args.json = std::string(event.args_json.substr(1, event.args_json.size() - 2));
  for (const auto bytes : event.attachments) args.attachments.emplace_back(bytes);
  return args;
}

class ServerTest : public testing::ServerFixture {
 protected:
  Namespace& PrepareEcho(Options options = {}) {
    Namespace& nsp = Prepare(std::move(options));
    nsp.On("message", [](Socket& socket, const Event& event, const AckFn&) {
      socket.Emit("message-back", Same(event));
    });
    nsp.On("ask-ack", [](Socket&, const Event& event, const AckFn& ack) { ack(Same(event)); });
    nsp.OnOther([](Socket& socket, const Event& event, const AckFn&) {
      socket.Emit("any", {"\"" + std::string(event.name) + "\"", {}});
    });
    nsp.OnDisconnect([this](Socket&, DisconnectReason reason) { notes_.Add(ToString(reason)); });
    return nsp;
  }
  void ServeEcho(Options options = {}) {
    PrepareEcho(std::move(options));
    Serve();
  }
};

INSTANTIATE_TEST_SUITE_P(Shards, ServerTest, ::testing::Values(1, 2));

TEST_P(ServerTest, AnswersConnectWithASidAndJoinsNothingByItself) {
  Namespace& nsp = PrepareEcho();
  nsp.OnConnection([](Socket& socket) {
    socket.Emit("auth", {socket.handshake()->auth_json, {}});
    EXPECT_EQ(socket.handshake()->query.Find("x"), "1");
    EXPECT_EQ(socket.handshake()->address, "127.0.0.1");
    EXPECT_EQ(socket.transport(), "websocket");
  });
  Serve();
  EventClient client = Client("&x=1");
  const std::string answer = client.Connect("/", R"({"a":{"__proto__":1.0}})");
  EXPECT_EQ(answer, R"({"sid":")" + Member(answer, "sid") + R"("})");
  EXPECT_EQ(Member(answer, "sid").size(), 20u);
  EXPECT_EQ(client.Read(), R"(2["auth",{"a":{"__proto__":1.0}}])");
  EXPECT_EQ(Sum().sockets, 1u);
}

TEST_P(ServerTest, UnknownNamespacesAreRefusedAndTheConnectionStays) {
  ServeEcho();
  EventClient client = Client();
  client.Send("0/nope,");
  EXPECT_EQ(client.Read(), R"(4/nope,{"message":"Invalid namespace"})");
  client.Send("0/?x=1,");
  EXPECT_EQ(client.Read(), R"(4/?x=1,{"message":"Invalid namespace"})");
  client.Connect();
  client.Send(R"(2["message",1])");
  EXPECT_EQ(client.Read(), R"(2["message-back",1])");
}

TEST_P(ServerTest, PassesArgumentsOnByteForByte) {
  ServeEcho();
  EventClient client = Connected();
  for (const char* args : {R"(48.8583701,1E5, {"a" : [ ]})", R"("\u00e9\ud83d\ude00€")",
                           R"({"__proto__":{"x":1}})", "null,true,-0.0"}) {
    client.Send("2[\"message\"," + std::string(args) + "]");
    EXPECT_EQ(client.Read(), "2[\"message-back\"," + std::string(args) + "]");
    client.Send("257[ \"ask-ack\" ," + std::string(args) + "]");
    EXPECT_EQ(client.Read(), "357[" + std::string(args) + "]");
  }
  client.Send(R"(2["message"])");
  EXPECT_EQ(client.Read(), R"(2["message-back"])");
  client.Send(R"(20["ask-ack"])");
  EXPECT_EQ(client.Read(), "30[]");
  client.Send(R"(299999999999999999999["ask-ack","x"])");
  EXPECT_EQ(client.Read(), R"(399999999999999999999["x"])");
  client.Send(R"(2["\u006dessage",1])");
  EXPECT_EQ(client.Read(), R"(2["message-back",1])");
}

TEST_P(ServerTest, PassesAttachmentsBothWays) {
  ServeEcho();
  EventClient client = Connected();
  client.Send(R"(52-["message",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}])");
  client.SendBinary("first");
  client.SendBinary(std::string("\0\xff", 2));
  EXPECT_EQ(client.Read(),
            R"(52-["message-back",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}])");
  EXPECT_EQ(client.Read(), "binary:first");
  EXPECT_EQ(client.Read(), std::string("binary:\0\xff", 9));
  client.Send(R"(51-8["ask-ack",{"_placeholder":true,"num":0}])");
  client.SendBinary("");
  EXPECT_EQ(client.Read(), R"(61-8[{"_placeholder":true,"num":0}])");
  EXPECT_EQ(client.Read(), "binary:");
}

/// The table of odd input: what closes the whole connection.
TEST_P(ServerTest, ClosesOnWhatTheProtocolForbids) {
  ServeEcho();
  for (const std::string packet : {
           "0",
           R"(4{"message":"x"})",
           "7",
           "abc",
           "",
           "0[1]",
           R"(0"s")",
           "0null",
           "0{bad",
           "1{}",
           "2[]",
           "2{}",
           R"(2"s")",
           "2[null]",
           "2[{}]",
           R"(2["connect"])",
           R"(21e3["x"])",
           R"(2-1["x"])",
           R"(2abc["x"])",
           R"(50-["x"])",
           R"(511-["x"])",
           R"(5["x"])",
           R"(51.5-["x"])",
           R"(51-["x",{"_placeholder":true}])",
           R"(51-["x",{"_placeholder":true,"num":-1}])",
           R"(51-["x",{"_placeholder":true,"num":5}])",
           R"(51-["x",{"_placeholder":true,"num":"splice"}])",
           R"(2/other,["x"])",
           "1/other,",
       }) {
    EventClient client = Connected();
    client.Send(packet);
    EXPECT_EQ(client.Read(), "<closed>") << packet;
    EXPECT_EQ(notes_.Take(), "forced close") << packet;
  }
  const std::string deep(6000, '[');
  EventClient client = Connected();
  client.Send(R"(2["message",)" + deep + std::string(6000, ']') + "]");
  EXPECT_EQ(client.Read(), "<closed>");
  EXPECT_EQ(notes_.Take(), "forced close");
  EXPECT_EQ(Sum().sockets, 0u);
}

TEST_P(ServerTest, ClosesOnAttachmentsOutOfPlace) {
  ServeEcho();
  EventClient unexpected = Connected();
  unexpected.SendBinary("x");
  EXPECT_EQ(unexpected.Read(), "<closed>");
  EventClient owed = Connected();
  owed.Send(R"(51-["message",{"_placeholder":true,"num":0}])");
  owed.Send(R"(2["message"])");
  EXPECT_EQ(owed.Read(), "<closed>");
}

TEST_P(ServerTest, ClosesWhenAttachmentsDoNotCome) {
  Options options;
  options.connect_timeout = 50ms;
  ServeEcho(options);
  EventClient client = Connected();
  client.Send(R"(52-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
  client.SendBinary("one of two");
  EXPECT_EQ(client.Read(), "<closed>");
  EXPECT_EQ(notes_.Take(), "forced close");
}

TEST_P(ServerTest, LimitsTheAttachmentsOfAPacketTogether) {
  Options options;
  options.max_attachment_bytes = 1'000;
  ServeEcho(options);
  const std::string packet =
      R"(55-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":4}])";
  EventClient client = Connected();
  client.Send(packet);
  for (int i = 0; i < 5; ++i) client.SendBinary(std::string(200, 'x'));
  EXPECT_EQ(client.Read().substr(0, 18), R"(55-["message-back")");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(client.Read().size(), 207u);
  client.Send(packet);
  for (int i = 0; i < 4; ++i) client.SendBinary(std::string(200, 'x'));
  client.SendBinary(std::string(201, 'x'));
  EXPECT_EQ(client.Read(), "<closed>");
}

TEST_P(ServerTest, AcceptsTheOddButHarmless) {
  ServeEcho();
  EventClient client = Connected();
  client.Send("2");
  client.Send("3999[]");
  client.Send("3[]");
  client.Send(R"(2["error",{}])");
  EXPECT_EQ(client.Read(), R"(2["any","error"])");
  client.Send("2[1,2]");
  EXPECT_EQ(client.Read(), R"(2["any","1"])");
  client.Send(R"(51-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}])");
  client.SendBinary("b");
  EXPECT_EQ(client.Read(),
            R"(51-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}])");
  EXPECT_EQ(client.Read(), "binary:b");
}

TEST_P(ServerTest, NothingButConnectComesFirst) {
  ServeEcho();
  for (const char* packet : {R"(2["message"])", "1", "30[]", R"(51-["x"])"}) {
    EventClient client = Client();
    client.Send(packet);
    if (packet[0] == '5') client.SendBinary("x");
    EXPECT_EQ(client.Read(), "<closed>") << packet;
  }
  EXPECT_TRUE(notes_.empty());
}

TEST_P(ServerTest, TellsTheOfficialReasons) {
  Options options;
  options.engine.ping_interval = 30s;
  ServeEcho(options);
  {
    EventClient client = Connected();
    client.Send("1");
    EXPECT_EQ(notes_.Take(), "client namespace disconnect");
  }
  EventClient cut = Connected();
  cut.websocket().Cut();
  EXPECT_EQ(notes_.Take(), "transport close");
  EventClient polite = Connected();
  polite.websocket().Send("", 8);
  EXPECT_EQ(notes_.Take(), "transport close");
  EventClient packet = Connected();
  packet.websocket().Send("1");
  EXPECT_EQ(notes_.Take(), "transport close");
  EventClient parse = Connected();
  parse.websocket().Send("7");
  EXPECT_EQ(notes_.Take(), "parse error");
  EventClient empty = Connected();
  empty.websocket().Send("");
  EXPECT_EQ(notes_.Take(), "parse error");
  EventClient ping = Connected();
  ping.websocket().Send("2");
  EXPECT_EQ(notes_.Take(), "transport error");
  EventClient drained = Connected();
  server_->Drain(0, [] {});
  EXPECT_EQ(drained.Read(), "<closed>") << "no packet 41: the client is to come back";
  EXPECT_EQ(notes_.Take(), "server shutting down");
}

TEST_P(ServerTest, ClosesClientsThatJoinNothing) {
  Options options;
  options.connect_timeout = 50ms;
  ServeEcho(options);
  EventClient idle = Client();
  EXPECT_EQ(idle.Read(), "<closed>");
  EventClient wrong = Client();
  wrong.Send("0/nope,");
  EXPECT_EQ(wrong.Read(), R"(4/nope,{"message":"Invalid namespace"})");
  EXPECT_EQ(wrong.Read(), "<closed>");
}

TEST_P(ServerTest, ARefusedSecondNamespaceLeavesTheConnectionAlone) {
  Options options;
  options.connect_timeout = 50ms;
  PrepareEcho(options);
  server_->Of("/closed").Use([](Socket&, Next next) { next(ConnectError{"not allowed", ""}); });
  Serve();
  EventClient client = Connected();
  client.Send("0/closed,");
  EXPECT_EQ(client.Read(), R"(4/closed,{"message":"not allowed"})");
  // Another that joins nothing, and came later, has met the time-out when it is closed.
  EventClient idle = Client();
  EXPECT_EQ(idle.Read(), "<closed>");
  client.Send(R"(2["message",1])");
  EXPECT_EQ(client.Read(), R"(2["message-back",1])");
}

TEST_P(ServerTest, MiddlewaresDecideInOrderNowOrLater) {
  Namespace& nsp = PrepareEcho();
  nsp.Use([this](Socket& socket, Next next) {
    notes_.Add("first");
    EXPECT_FALSE(socket.connected());
    next(std::nullopt);
    next(ConnectError{"called twice", ""});
  });
  nsp.Use([this](Socket& socket, Next next) {
    notes_.Add("second");
    const bool good = socket.handshake()->auth_json == R"({"token":"x"})";
    // Later, from elsewhere: the answer of a key server, say.
    auto later = std::make_shared<Next>(std::move(next));
    shards_->shard(0).Post([later, good] {
      (*later)(good ? std::nullopt
                    : std::optional(ConnectError{"not \"allowed\"", R"({"code":7})"}));
    });
  });
  Serve();
  EventClient client = Client();
  client.Send("0");
  EXPECT_EQ(client.Read(), R"(4{"message":"not \"allowed\"","data":{"code":7}})");
  client.Connect("/", R"({"token":"x"})");
  client.Send(R"(2["message",1])");
  EXPECT_EQ(client.Read(), R"(2["message-back",1])");
  EXPECT_EQ(notes_.Take(), "first");
  EXPECT_EQ(notes_.Take(), "second");
  EXPECT_EQ(Sum().connect_errors, 1u);
  EXPECT_EQ(Sum().sockets, 1u);
}

TEST_P(ServerTest, AMiddlewareThatNeverAnswersEndsWithTheTimeOut) {
  Options options;
  options.connect_timeout = 50ms;
  Namespace& nsp = PrepareEcho(options);
  nsp.Use([](Socket&, const Next&) {});
  Serve();
  EventClient client = Client();
  client.Send("0");
  EXPECT_EQ(client.Read(), "<closed>");
  EXPECT_TRUE(notes_.empty()) << "it was never connected";
}

TEST_P(ServerTest, SeveralNamespacesOnOneConnection) {
  PrepareEcho();
  Namespace& custom = server_->Of("custom");
  EXPECT_EQ(custom.name(), "/custom");
  custom.OnConnection([](Socket& socket) {
    ASSERT_NE(socket.handshake(), nullptr);
    EXPECT_EQ(socket.handshake()->query.Find("EIO"), "4");
  });
  custom.On("message", [](Socket& socket, const Event& event, const AckFn&) {
    socket.Emit("custom-back", Same(event));
  });
  Serve();
  EventClient client = Client();
  const std::string one = client.Connect();
  const std::string two = client.Connect("/custom");
  EXPECT_NE(Member(one, "sid"), Member(two, "sid"));
  client.Send(R"(2/custom,["message",1])");
  EXPECT_EQ(client.Read(), R"(2/custom,["custom-back",1])");
  client.Send("1/custom,");
  client.Send(R"(2["message",2])");
  EXPECT_EQ(client.Read(), R"(2["message-back",2])");
  client.Connect("/custom");
  client.Send("1");
  EXPECT_EQ(notes_.Take(), "client namespace disconnect");
  client.Send(R"(2["message",3])");
  EXPECT_EQ(client.Read(), "<closed>");
}

TEST_P(ServerTest, LimitsTheNamespacesOfAClient) {
  Options options;
  options.max_namespaces_per_client = 2;
  PrepareEcho(options);
  server_->Of("/a");
  server_->Of("/b");
  Serve();
  EventClient client = Client();
  client.Connect("/a");
  client.Connect("/b");
  client.Send("0");
  EXPECT_EQ(client.Read(), "<closed>");
}

TEST_P(ServerTest, TheServerDisconnectsFromANamespaceOrAltogether) {
  Namespace& nsp = PrepareEcho();
  nsp.On("kick", [](Socket& socket, const Event&, const AckFn& ack) {
    socket.Disconnect(false);
    socket.Emit("after", {});
    if (ack) ack({});
    socket.Disconnect(true);
  });
  nsp.On("kick-close", [](Socket& socket, const Event&, const AckFn&) { socket.Disconnect(true); });
  nsp.On("cut", [](Socket& socket, const Event&, const AckFn&) { socket.CloseConnection(); });
  server_->Of("/other").OnDisconnect(
      [this](Socket&, DisconnectReason reason) { notes_.Add(ToString(reason)); });
  Serve();
  EventClient kicked = Connected();
  kicked.Connect("/other");
  kicked.Send(R"(21["kick"])");
  EXPECT_EQ(kicked.Read(), "1");
  EXPECT_EQ(notes_.Take(), "server namespace disconnect");
  kicked.Connect();
  kicked.Send(R"(2["kick-close"])");
  EXPECT_EQ(kicked.Read(), "1");
  EXPECT_EQ(kicked.Read(), "1/other,");
  EXPECT_EQ(kicked.Read(), "<closed>");
  EXPECT_EQ(notes_.Take(), "server namespace disconnect");
  EXPECT_EQ(notes_.Take(), "server namespace disconnect");

  EventClient cut = Connected();
  cut.Send(R"(2["cut"])");
  EXPECT_EQ(cut.Read(), "<closed>");
  EXPECT_EQ(notes_.Take(), "forced server close");
}

TEST_P(ServerTest, OnlyTheFirstAckCountsAndLateOnesAreHarmless) {
  Namespace& nsp = PrepareEcho();
  auto kept = std::make_shared<std::vector<AckFn>>();
  nsp.On("keep", [kept](Socket&, const Event&, AckFn ack) {
    ack({"1", {}});
    ack({"2", {}});
    kept->push_back(std::move(ack));
  });
  nsp.On("later", [kept](Socket&, const Event&, AckFn ack) { kept->push_back(std::move(ack)); });
  nsp.OnDisconnect([kept](Socket&, DisconnectReason) {
    for (const AckFn& ack : *kept) ack({});
    kept->clear();
  });
  Serve();
  EventClient client = Connected();
  client.Send(R"(25["keep"])");
  client.Send(R"(26["later"])");
  client.Send(R"(27["ask-ack"])");
  EXPECT_EQ(client.Read(), "35[1]");
  EXPECT_EQ(client.Read(), "37[]");
  client.websocket().Cut();
  EXPECT_EQ(notes_.Take(), "transport close");
}

TEST_P(ServerTest, AsksClientsAndHearsTheAnswerOrTheTimeOut) {
  Namespace& nsp = PrepareEcho();
  const auto ask = [this](Socket& socket, std::chrono::milliseconds timeout) {
    socket.EmitWithAck("question", {"1", {}}, timeout,
                       [this](bool timed_out, std::string_view args,
                              const std::vector<std::string_view>& attachments) {
                         std::string note = timed_out ? "timeout" : std::string(args);
                         for (const auto bytes : attachments) note += "+" + std::string(bytes);
                         notes_.Add(note);
                       });
  };
  nsp.On("ask", [ask](Socket& socket, const Event&, const AckFn&) { ask(socket, 1h); });
  nsp.On("ask-quick", [ask](Socket& socket, const Event&, const AckFn&) { ask(socket, 20ms); });
  Serve();
  EventClient client = Connected();
  client.Send(R"(2["ask"])");
  std::string question = client.Read();
  ASSERT_EQ(question.substr(2), R"(["question",1])");
  client.Send("3" + question.substr(1, 1) + R"([{"a":1}])");
  EXPECT_EQ(notes_.Take(), R"([{"a":1}])");
  client.Send("3" + question.substr(1, 1) + "[2]");

  client.Send(R"(2["ask"])");
  question = client.Read();
  client.Send("61-" + question.substr(1, 1) + R"([{"_placeholder":true,"num":0}])");
  client.SendBinary("bytes");
  EXPECT_EQ(notes_.Take(), R"([{"_placeholder":true,"num":0}]+bytes)");

  client.Send(R"(2["ask-quick"])");
  EXPECT_EQ(notes_.Take(), "timeout");
  client.Send(R"(2["ask"])");
  client.Read();
  client.Read();
  client.websocket().Cut();
  EXPECT_EQ(notes_.Take(), "transport close");
  EXPECT_EQ(notes_.Take(), "timeout") << "nobody waits for ever";
}

TEST_P(ServerTest, AHandlerThatThrowsEndsItsOwnConnection) {
  Namespace& nsp = PrepareEcho();
  nsp.On("throw", [](Socket&, const Event&, const AckFn&) { throw std::runtime_error("no"); });
  nsp.On("throw number", [](Socket&, const Event&, const AckFn&) { throw 7; });
  nsp.OnConnection([](Socket& socket) {
    if (socket.handshake()->auth_json != "{}") throw std::runtime_error("no");
  });
  Serve();
  EventClient other = Connected();
  for (const char* packet : {R"(2["throw"])", R"(21["throw"])", R"(2["throw number"])"}) {
    EventClient client = Connected();
    client.Send(packet);
    EXPECT_EQ(client.Read(), "<closed>") << packet;
    EXPECT_EQ(notes_.Take(), "forced close") << packet;
  }
  EventClient client = Client();
  client.Connect("/", R"({"a":1})");
  EXPECT_EQ(client.Read(), "<closed>");
  EXPECT_EQ(notes_.Take(), "forced close");
  EXPECT_EQ(Sum().sockets, 1u);
  other.Send(R"(2["message",1])");
  EXPECT_EQ(other.Read(), R"(2["message-back",1])");
}

TEST_P(ServerTest, AMiddlewareThatThrowsRefuses) {
  Namespace& nsp = PrepareEcho();
  nsp.Use([](Socket& socket, Next next) {
    if (socket.handshake()->auth_json != "{}") throw std::runtime_error("no");
    next(std::nullopt);
  });
  Serve();
  EventClient client = Client();
  client.Send(R"(0{"a":1})");
  EXPECT_EQ(client.Read(), R"(4{"message":"Internal server error"})");
  client.Connect();
  EXPECT_EQ(Sum().sockets, 1u);
}

TEST_P(ServerTest, WhatDisconnectHandlersAndAckResultsThrowDisturbsNothing) {
  Namespace& nsp = Prepare();
  nsp.OnDisconnect([](Socket&, DisconnectReason) { throw std::runtime_error("no"); });
  nsp.OnDisconnect([this](Socket&, DisconnectReason reason) { notes_.Add(ToString(reason)); });
  nsp.On("ask", [this](Socket& socket, const Event&, const AckFn&) {
    socket.EmitWithAck(
        "question", {}, 1h,
        [this](bool timed_out, std::string_view, const std::vector<std::string_view>&) {
          notes_.Add(timed_out ? "timeout" : "answer");
          throw std::runtime_error("no");
        });
  });
  Serve();
  EventClient client = Connected();
  client.Send(R"(2["ask"])");
  EXPECT_EQ(client.Read(), R"(20["question"])");
  client.Send("30[]");
  EXPECT_EQ(notes_.Take(), "answer");
  client.Send(R"(2["ask"])");
  EXPECT_EQ(client.Read(), R"(21["question"])") << "the connection lives on";
  client.websocket().Cut();
  EXPECT_EQ(notes_.Take(), "transport close");
  EXPECT_EQ(notes_.Take(), "timeout");
  EXPECT_EQ(Sum().sockets, 0u);
  for (net::Shard* shard : shards_->shards()) {
    shard->Run([&] { EXPECT_EQ(server_->engine().counters(*shard).websocket_sessions, 0u); });
  }
}

TEST_P(ServerTest, VolatileEventsAreDroppedWhileNoGetWaits) {
  Namespace& nsp = PrepareEcho();
  nsp.On("volatile", [](Socket& socket, const Event&, const AckFn&) {
    socket.EmitVolatile("fleeting", {});
    socket.Emit("kept", {});
  });
  Serve();
  EventClient client = Connected();
  client.Send(R"(2["volatile"])");
  EXPECT_EQ(client.Read(), R"(2["fleeting"])");
  EXPECT_EQ(client.Read(), R"(2["kept"])");

  HttpClient http(shards_->port());
  const std::string target = "/socket.io/?EIO=4&transport=polling";
  const std::string sid = Member(http.Get(target).body, "sid");
  http.Post(target + "&sid=" + sid,
            "40\x1e"
            R"(42["volatile"])");
  const std::string body = http.Get(target + "&sid=" + sid).body;
  EXPECT_EQ(body.find("fleeting"), std::string::npos) << body;
  EXPECT_NE(body.find("kept"), std::string::npos) << body;
}

TEST_P(ServerTest, ASingleNamespaceFreesTheHandshake) {
  Namespace& nsp = PrepareEcho();
  nsp.On("handshake", [](Socket& socket, const Event&, const AckFn&) {
    socket.Emit("handshake", {socket.handshake() == nullptr ? "null" : "1", {}});
  });
  Serve();
  EventClient client = Connected();
  client.Send(R"(2["handshake"])");
  EXPECT_EQ(client.Read(), R"(2["handshake",null])");
  client.Send("1");
  client.Send("0");
  EXPECT_EQ(client.Read(), "<closed>") << "it has to come anew";
}

}  // namespace
}  // namespace trackwire::socketio
