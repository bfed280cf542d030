#include "socketio/adapters/streams_adapter.h"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "socketio/adapters/cluster_message.h"
#include "tests/socketio/adapters/cluster_harness.h"
#include "tests/support/await.h"

namespace trackwire::socketio {
namespace {

using testing::ClusterNode;
using testing::EventClient;
using testing::MemoryHub;

class StreamsAdapterTest : public ::testing::Test {
 protected:
  StreamsAdapterTest() {
    a_.UseStreams();
    b_.UseStreams();
  }
  /// As a Node server would write it.
  std::string Foreign(const std::string& type, const std::string& data,
                      const std::string& nsp = "/") {
    return a_.bus().AppendTo(
        "socket.io", {{"uid", "ffffffffffffffff"}, {"nsp", nsp}, {"type", type}, {"data", data}});
  }

  MemoryHub hub_;
  ClusterNode a_{hub_};
  ClusterNode b_{hub_};
};

TEST_F(StreamsAdapterTest, BroadcastsReachTheClientsOfAllServersOnce) {
  EventClient on_a = a_.Member("r");
  EventClient on_b = b_.Member("r");
  EventClient other = b_.Member("other");
  a_.nsp().Emit("to-room", {"1", {}}, {"r"});
  a_.nsp().Emit("to-all", {"2", {}}, {}, {"other"});
  for (EventClient* client : {&on_a, &on_b}) {
    EXPECT_EQ(client->Read(), R"(2["to-room",1])");
    EXPECT_EQ(client->Read(), R"(2["to-all",2])");
  }
  a_.nsp().Emit("last", {"", {}});
  for (EventClient* client : {&on_a, &on_b, &other}) EXPECT_EQ(client->Read(), R"(2["last"])");
}

TEST_F(StreamsAdapterTest, BinaryGoesThroughTheStream) {
  EventClient on_b = b_.Member("r");
  a_.nsp().Emit("b", {R"({"_placeholder":true,"num":0})", {std::string("\0\xfe", 2)}});
  EXPECT_EQ(on_b.Read(), R"(51-["b",{"_placeholder":true,"num":0}])");
  EXPECT_EQ(on_b.Read(), "binary:" + std::string("\0\xfe", 2));
}

TEST_F(StreamsAdapterTest, JoinsLeavesAndDisconnectionsReachTheOthers) {
  EventClient on_b = b_.Member("r");
  a_.nsp().SocketsJoin({{"r"}, {}}, {"x"});
  a_.nsp().Emit("joined", {"", {}}, {"x"});
  EXPECT_EQ(on_b.Read(), R"(2["joined"])");
  a_.nsp().SocketsLeave({{"r"}, {}}, {"x"});
  a_.nsp().Emit("left", {"", {}}, {"x"});
  a_.nsp().Emit("still", {"", {}}, {"r"});
  EXPECT_EQ(on_b.Read(), R"(2["still"])");
  a_.nsp().DisconnectSockets({{"r"}, {}}, false);
  EXPECT_EQ(on_b.Read(), "1");
}

TEST_F(StreamsAdapterTest, SocketsOfAllServersAreFetched) {
  EventClient on_a = a_.Member("r");
  EventClient on_b = b_.Member("r");
  EventClient other = b_.Member("other");
  const auto found = test::Await<Result<std::vector<RemoteSocket>>>([this](auto done) {
    a_.nsp().FetchSockets({{"r"}, {}}, std::move(done));
  });
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2u);
  for (const RemoteSocket& socket : *found) {
    EXPECT_EQ(socket.sid.size(), 20u);
    EXPECT_NE(std::find(socket.rooms.begin(), socket.rooms.end(), "r"), socket.rooms.end());
  }
}

TEST_F(StreamsAdapterTest, ClientsOfAllServersAcknowledge) {
  EventClient on_a = a_.Member("r");
  EventClient on_b = b_.Member("r");
  std::promise<BroadcastAcks> acks;
  a_.nsp().EmitWithAck({"ask", {"7", {}}, {"r"}, {}}, std::chrono::seconds(20),
                       [&](BroadcastAcks got) { acks.set_value(std::move(got)); });
  for (EventClient* client : {&on_a, &on_b}) {
    EXPECT_EQ(client->Read(), R"(20["ask",7])");
    client->Send(R"(30["yes"])");
  }
  const BroadcastAcks got = acks.get_future().get();
  EXPECT_EQ(got.expected, 2u);
  EXPECT_FALSE(got.timed_out);
  ASSERT_EQ(got.answers.size(), 2u);
  for (const Args& answer : got.answers) EXPECT_EQ(answer.json, "\"yes\"");
}

TEST(StreamsServerSideTest, OtherServersHearAndAnswer) {
  MemoryHub hub;
  ClusterNode a(hub);
  ClusterNode b(hub);
  b.nsp().OnServerSide("ping", [](std::string_view args, const ServerSideAnswer& answer) {
    EXPECT_EQ(args, "[1]");
    if (answer) answer("\"pong\"");
  });
  a.UseStreams();
  b.UseStreams();
  const auto answers = test::Await<ServerAnswers>(
      [&](auto done) { a.nsp().ServerSideEmitJson(R"(["ping",1])", std::move(done)); });
  EXPECT_EQ(answers.answers, (std::vector<std::string>{"\"pong\""}));
  EXPECT_FALSE(answers.timed_out);
}

TEST(StreamsServerSideTest, AServerThatDoesNotAnswerIsNotWaitedForLong) {
  MemoryHub hub;
  ClusterNode a(hub);
  StreamsOptions options;
  options.request_timeout = std::chrono::milliseconds(30);
  a.UseStreams(options);
  net::Loop loop("mute");
  loop.Start();
  {
    testing::MemoryBus mute(hub, loop);
    mute.Subscribe(Bus::Kind::kPlain, "socket.io#/#", [](auto, auto) {}, {});
    const auto found = test::Await<Result<std::vector<RemoteSocket>>>(
        [&](auto done) { a.nsp().FetchSockets({}, std::move(done)); });
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, "timeout");
    const auto answers = test::Await<ServerAnswers>(
        [&](auto done) { a.nsp().ServerSideEmitJson(R"(["ping"])", std::move(done)); });
    EXPECT_TRUE(answers.timed_out);
    EXPECT_EQ(a.counters().timeouts, 2u);
    loop.Stop();
  }
}

TEST_F(StreamsAdapterTest, BadEntriesAreCountedAndTheNextOnesHeard) {
  EventClient client = a_.Member("r");
  const uint64_t bad = a_.counters().bad;
  Foreign("3", "{");
  Foreign("3", std::string(1'000'000, 'A'));
  Foreign("3", "wcHB");
  Foreign("", "");
  Foreign("77", "{}");
  Foreign("3", R"({"packet":{"type":2,"data":"e"},"opts":{}})");
  Foreign("3", R"({"packet":{"type":2,"data":["lost"]},"opts":{}})", "/unknown");
  a_.bus().AppendTo("socket.io", {{"something", "else"}});
  a_.bus().AppendTo("socket.io", {});
  a_.bus().Publish(Bus::Kind::kPlain, "socket.io#/#", "\xc1");
  a_.bus().Publish(Bus::Kind::kPlain, "socket.io#/#", std::string(3'000'000, '\x91'));
  a_.bus().Publish(Bus::Kind::kPlain, "socket.io#/#", "");
  Foreign("3", R"({"packet":{"type":2,"data":["found",1]},"opts":{"rooms":["r"],"except":[]}})");
  EXPECT_EQ(client.Read(), R"(2["found",1])");
  a_.Settle();
  EXPECT_EQ(a_.counters().bad - bad, 9u);
  a_.OnLoop([this] { EXPECT_EQ(a_.streams().counters().bad_entries, 2u); });
}

TEST_F(StreamsAdapterTest, AStreamThatTakesNothingIsCounted) {
  EventClient client = a_.Member("r");
  a_.OnLoop([this] { a_.bus().FailAppends(Error{"unavailable", "no link"}); });
  a_.nsp().Emit("local", {"", {}});
  EXPECT_EQ(client.Read(), R"(2["local"])");
  a_.Settle();
  a_.OnLoop([this] { EXPECT_EQ(a_.streams().counters().append_failures, 1u); });
}

TEST(StreamsRecoveryFallbackTest, WhatTheStreamDoesNotTakeIsDoneHereAtLeast) {
  MemoryHub hub;
  ClusterNode a(hub);
  StreamsOptions options;
  options.recovery = true;
  a.UseStreams(options);
  EventClient client = a.Member("r");
  a.OnLoop([&a] { a.bus().FailAppends(Error{"unavailable", "no link"}); });
  a.nsp().SocketsJoin({{"r"}, {}}, {"x"});
  a.nsp().Emit("joined", {"", {}}, {"x"});
  EXPECT_EQ(client.Read(), R"(2["joined"])");
  a.nsp().SocketsLeave({{"r"}, {}}, {"x"});
  a.nsp().Emit("left", {"", {}}, {"x"});
  a.nsp().Emit("still", {"", {}}, {"r"});
  EXPECT_EQ(client.Read(), R"(2["still"])");
  a.nsp().DisconnectSockets({{"r"}, {}}, false);
  EXPECT_EQ(client.Read(), "1");
}

/// A server that asks for acknowledgements that clients never give.
class StreamsGreedyServerTest : public ::testing::Test {
 protected:
  explicit StreamsGreedyServerTest(
      std::chrono::milliseconds max_ack_timeout = std::chrono::minutes(5)) {
    StreamsOptions options;
    options.max_under_way = 1;
    options.max_ack_timeout = max_ack_timeout;
    a_.UseStreams(options);
  }
  /// Whether the question went to the clients.
  bool Ask(const std::string& event) {
    const uint64_t dropped = a_.counters().dropped;
    ClusterMessage request;
    request.uid = "ffffffffffffffff";
    request.nsp = "/";
    request.type = ClusterMessageType::kBroadcast;
    request.event = event;
    request.request_id = event;
    request.timeout = std::chrono::hours(1);
    a_.bus().Publish(Bus::Kind::kPlain, "socket.io#/#", EncodeClusterMessage(request));
    a_.Settle();
    return a_.counters().dropped == dropped;
  }

  MemoryHub hub_;
  ClusterNode a_{hub_};
};

TEST_F(StreamsGreedyServerTest, OnlySoManyOfItsQuestionsAreUnderWay) {
  EventClient client = a_.Member("r");
  EXPECT_TRUE(Ask("first"));
  EXPECT_FALSE(Ask("second"));
  EXPECT_EQ(client.Read(), R"(20["first"])");
  client.Send("30[1]");
  while (!Ask("third")) continue;  // once the answer has come
  EXPECT_EQ(client.Read(), R"(21["third"])");
}

class StreamsGreedyServerTimeoutTest : public StreamsGreedyServerTest {
 protected:
  StreamsGreedyServerTimeoutTest() : StreamsGreedyServerTest(std::chrono::milliseconds(20)) {}
};

TEST_F(StreamsGreedyServerTimeoutTest, AnHourIsNotWaitedFor) {
  EventClient client = a_.Member("r");
  EXPECT_TRUE(Ask("first"));
  EXPECT_EQ(client.Read(), R"(20["first"])");
  while (!Ask("second")) continue;  // once nobody is waited for
  EXPECT_EQ(client.Read(), R"(21["second"])");
}

TEST(StreamOfTest, IsTheNpmAdaptersChoice) {
  StreamsOptions options;
  EXPECT_EQ(StreamOf("/", options), "socket.io");
  options.stream_count = 4;
  EXPECT_EQ(StreamOf("/", options), "socket.io-3");
  EXPECT_EQ(StreamOf("/notifications", options), "socket.io--3");
  EXPECT_EQ(StreamOf("/chat", options), "socket.io-3");
  EXPECT_EQ(StreamOf("/\u00e9\U0001f600", options), "socket.io-1");
}

}  // namespace
}  // namespace trackwire::socketio
