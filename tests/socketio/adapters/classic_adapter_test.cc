#include "socketio/adapters/classic_adapter.h"

#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <string>
#include <vector>

#include "tests/socketio/adapters/cluster_harness.h"
#include "tests/support/await.h"

namespace trackwire::socketio {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::ClusterNode;
using testing::EventClient;
using testing::MemoryBus;
using testing::MemoryHub;
using Found = Result<std::vector<RemoteSocket>>;

/// Hears and says what it likes on the bus.
class Stranger {
 public:
  explicit Stranger(MemoryHub& hub) : bus_(hub, loop_) { loop_.Start(); }
  ~Stranger() { loop_.Stop(); }

  void Say(const std::string& channel, const std::string& message) {
    bus_.Publish(Bus::Kind::kPlain, channel, message);
  }
  void Hear(const std::string& channel) {
    std::promise<void> stands;
    bus_.Subscribe(
        Bus::Kind::kPlain, channel,
        [this](std::string_view, std::string_view text) { heard_.Add(std::string(text)); },
        [&stands] { stands.set_value(); });
    stands.get_future().wait();
  }
  std::string Next() { return heard_.Take(); }

 private:
  testing::Notes heard_;
  net::Loop loop_{"stranger"};
  MemoryBus bus_;
};

class ClassicAdapterTest : public ::testing::Test {
 protected:
  ClassicAdapterTest() {
    for (ClusterNode* node : {&a_, &b_}) {
      node->nsp().OnServerSide(
          "ask", [this](std::string_view args, const ServerSideAnswer& answer) {
            heard_.Add(std::string(args));
            if (!answer) return;
            answer("\"first\"");
            answer("\"second\"");
          });
      node->nsp().OnServerSide("mute", [](std::string_view, const ServerSideAnswer&) {});
    }
    ClassicAdapter::Options options;
    options.request_timeout = kTimeout;
    a_.UseClassic(options);
    b_.UseClassic(options);
  }

  static constexpr std::chrono::milliseconds kTimeout = 200ms;
  MemoryHub hub_;
  testing::Notes heard_;
  ClusterNode a_{hub_};
  ClusterNode b_{hub_, 1};
};

TEST_F(ClassicAdapterTest, BroadcastsReachTheClientsOfAllServersOnce) {
  EventClient on_a = a_.Member("r");
  EventClient on_b = b_.Member("r");
  EventClient other = b_.Member("other");
  a_.nsp().Emit("to-room", {"1", {}}, {"r"});
  a_.nsp().Emit("excepted", {"2", {}}, {}, {"other"});
  a_.nsp().Emit("bytes", {R"({"_placeholder":true,"num":0})", {"b"}}, {"r", "none"});
  for (EventClient* client : {&on_a, &on_b}) {
    EXPECT_EQ(client->Read(), R"(2["to-room",1])");
    EXPECT_EQ(client->Read(), R"(2["excepted",2])");
    EXPECT_EQ(client->Read(), R"(51-["bytes",{"_placeholder":true,"num":0}])");
    EXPECT_EQ(client->Read(), "binary:b");
  }
  a_.nsp().Emit("last", {"", {}});
  for (EventClient* client : {&on_a, &on_b, &other}) EXPECT_EQ(client->Read(), R"(2["last"])");
}

TEST_F(ClassicAdapterTest, WhatIsLocalOrDeliveredStays) {
  EventClient on_a = a_.Member("r");
  EventClient on_b = b_.Member("r");
  Broadcast local{"local", {"", {}}, {}, {}};
  local.local_only = true;
  a_.nsp().Emit(local);
  a_.nsp().local().Emit(local);
  a_.nsp().Deliver({EncodeDelivery("/", local, {})});
  a_.nsp().Emit("last", {"", {}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(on_a.Read(), R"(2["local"])");
  EXPECT_EQ(on_a.Read(), R"(2["last"])");
  EXPECT_EQ(on_b.Read(), R"(2["last"])");
}

TEST_F(ClassicAdapterTest, JoinsLeavesAndDisconnectionsReachTheOthers) {
  EventClient on_b = b_.Member("r");
  a_.nsp().SocketsJoin({{"r"}, {}}, {"x", "y"});
  a_.nsp().Emit("joined", {"", {}}, {"x"});
  EXPECT_EQ(on_b.Read(), R"(2["joined"])");
  a_.nsp().SocketsLeave({{"r"}, {}}, {"x"});
  a_.nsp().Emit("left", {"", {}}, {"x"});
  a_.nsp().Emit("still", {"", {}}, {"y"});
  EXPECT_EQ(on_b.Read(), R"(2["still"])");
  a_.nsp().DisconnectSockets({{"y"}, {}}, false);
  EXPECT_EQ(on_b.Read(), "1");
}

TEST_F(ClassicAdapterTest, SocketsOfAllServersAreFetched) {
  EventClient on_a = a_.Member("r");
  EventClient on_b = b_.Member("r");
  EventClient other = b_.Member("other");
  const auto found = test::Await<Found>(
      [&](auto done) { a_.nsp().FetchSockets({{"r"}, {}}, std::move(done)); });
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2u);
  for (const RemoteSocket& socket : *found) {
    EXPECT_EQ(socket.rooms, (std::vector<std::string>{socket.sid, "r"}));
    EXPECT_NE(socket.handshake_json.find("\"address\":\"127.0.0.1\""), std::string::npos);
    EXPECT_NE(socket.handshake_json.find("\"query\":{\"EIO\":\"4\""), std::string::npos);
  }
}

TEST_F(ClassicAdapterTest, ClientsOfAllServersAcknowledge) {
  EventClient on_a = a_.Member("r");
  EventClient on_b = b_.Member("r");
  std::promise<BroadcastAcks> acks;
  a_.nsp().EmitWithAck({"ask", {"7", {}}, {"r"}, {}}, 20s,
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

TEST_F(ClassicAdapterTest, AcknowledgementsThatCameAreToldWhenOthersDoNot) {
  EventClient on_a = a_.Member("r");
  EventClient on_b = b_.Member("r");
  std::promise<BroadcastAcks> acks;
  a_.nsp().EmitWithAck({"ask", {"", {}}, {}, {}}, 300ms,
                       [&](BroadcastAcks got) { acks.set_value(std::move(got)); });
  EXPECT_EQ(on_b.Read(), R"(20["ask"])");
  on_b.Send("30[1,2]");
  const BroadcastAcks got = acks.get_future().get();
  EXPECT_TRUE(got.timed_out);
  EXPECT_EQ(got.expected, 2u);
  ASSERT_EQ(got.answers.size(), 1u);
  EXPECT_EQ(got.answers[0].json, "1");
}

TEST_F(ClassicAdapterTest, OtherServersAnswerOnce) {
  const auto answers = test::Await<ServerAnswers>(
      [&](auto done) { a_.nsp().ServerSideEmitJson(R"(["ask",1,"two"])", std::move(done)); });
  EXPECT_FALSE(answers.timed_out);
  EXPECT_EQ(answers.answers, std::vector<std::string>{"\"first\""});
  EXPECT_EQ(heard_.Take(), R"([1,"two"])");
  b_.nsp().ServerSideEmitJson(R"(["ask"])");
  EXPECT_EQ(heard_.Take(), "[]");
  EXPECT_TRUE(heard_.empty());
}

TEST_F(ClassicAdapterTest, AServerThatKeepsSilentIsNotWaitedForLong) {
  const auto answers = test::Await<ServerAnswers>(
      [&](auto done) { a_.nsp().ServerSideEmitJson(R"(["mute"])", std::move(done)); });
  EXPECT_TRUE(answers.timed_out);
  EXPECT_TRUE(answers.answers.empty());

  Stranger stranger(hub_);
  stranger.Hear("socket.io-request#/#");
  const auto found =
      test::Await<Found>([&](auto done) { a_.nsp().FetchSockets({}, std::move(done)); });
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, "timeout");
  EXPECT_EQ(a_.counters().timeouts, 2u);
  const auto count = test::Await<Result<uint64_t>>(
      [&](auto done) { a_.nsp().ServerCount(std::move(done)); });
  EXPECT_EQ(count.value(), 3u);
}

TEST_F(ClassicAdapterTest, AnswersWhatServersAsk) {
  EventClient on_b = b_.Member("r");
  Stranger stranger(hub_);
  stranger.Hear("socket.io-response#/#");
  const auto sid_of = [&] {
    const auto found = test::Await<std::vector<RemoteSocket>>([&](auto done) {
      b_.nsp().local().Fetch({}, b_.bus().loop(), std::move(done));
    });
    return found.at(0).sid;
  };
  const std::string sid = sid_of();
  const auto ask = [&](const std::string& request) {
    stranger.Say("socket.io-request#/#", request);
  };
  ask(R"({"type":2,"requestId":"j","sid":")" + sid + R"(","room":"x"})");
  EXPECT_EQ(stranger.Next(), R"({"requestId":"j"})");
  b_.nsp().Emit("x", {"", {}}, {"x"});
  EXPECT_EQ(on_b.Read(), R"(2["x"])");
  ask(R"({"type":0,"requestId":"s","rooms":["x"]})");
  const std::string mine = R"({"requestId":"s","sockets":[")" + sid + R"("]})";
  const std::string none = R"({"requestId":"s","sockets":[]})";
  std::vector<std::string> both = {stranger.Next(), stranger.Next()};
  std::sort(both.begin(), both.end());
  EXPECT_EQ(both, (std::vector<std::string>{mine, none}));
  ask(R"({"type":4,"requestId":"d","sid":")" + sid + R"("})");
  EXPECT_EQ(stranger.Next(), R"({"requestId":"d"})");
  EXPECT_EQ(on_b.Read(), "1");
}

TEST_F(ClassicAdapterTest, CountsWhatItCannotUnderstand) {
  EventClient on_a = a_.Member("r");
  const auto before = a_.counters();
  Stranger stranger(hub_);
  for (const char* channel : {"socket.io#/#", "socket.io#/#r#", "socket.io-request#/#",
                              "socket.io-response#/#"}) {
    for (const std::string& text : {std::string("garbage"), std::string(), std::string("\xc1"),
                                    std::string("{\"type\":"), std::string(100'000, '[')}) {
      stranger.Say(channel, text);
    }
  }
  const Broadcast elsewhere{"elsewhere", {"", {}}, {}, {}};
  stranger.Say("socket.io#/#", EncodeClassicBroadcast("u", "/other", elsewhere));
  stranger.Say("socket.io-response#/#", R"({"requestId":"nobody's"})");
  const Broadcast last{"last", {"", {}}, {}, {}};
  stranger.Say("socket.io#/#", EncodeClassicBroadcast("emitter", "/", last));
  EXPECT_EQ(on_a.Read(), R"(2["last"])");
  const auto after = a_.counters();
  EXPECT_EQ(after.bad - before.bad, 20u);
  EXPECT_EQ(after.ignored - before.ignored, 2u);
  EXPECT_EQ(after.received - before.received, 1u);
}

TEST(ClassicAdapterLimitsTest, RequestsOverTheLimitAreDropped) {
  MemoryHub hub;
  ClusterNode a(hub);
  ClassicAdapter::Options options;
  options.max_under_way = 1;
  a.UseClassic(options);
  Stranger stranger(hub);
  stranger.Hear("socket.io-request#/#");
  // Nobody answers, so the first one stays under way.
  a.nsp().ServerSideEmitJson(R"(["ask"])", [](const ServerAnswers&) {});
  const auto found =
      test::Await<Found>([&](auto done) { a.nsp().FetchSockets({}, std::move(done)); });
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, "overloaded");
  EXPECT_EQ(a.counters().dropped, 1u);
}

TEST(ClassicAdapterAloneTest, WithNobodyElseAnswersComeAtOnce) {
  MemoryHub hub;
  ClusterNode a(hub);
  a.UseClassic();
  EventClient client = a.Member("r");
  const auto found =
      test::Await<Found>([&](auto done) { a.nsp().FetchSockets({}, std::move(done)); });
  EXPECT_EQ(found.value().size(), 1u);
  const auto answers = test::Await<ServerAnswers>(
      [&](auto done) { a.nsp().ServerSideEmitJson(R"(["ask"])", std::move(done)); });
  EXPECT_FALSE(answers.timed_out);
}

}  // namespace
}  // namespace trackwire::socketio
