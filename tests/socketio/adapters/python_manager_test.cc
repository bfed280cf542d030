#include "socketio/adapters/python_manager.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/socketio/adapters/cluster_harness.h"
#include "tests/support/await.h"

namespace trackwire::socketio {
namespace {

using testing::ClusterNode;
using testing::EventClient;
using testing::MemoryHub;

class PythonManagerTest : public ::testing::Test {
 protected:
  PythonManagerTest() {
    a_.UsePython();
    b_.UsePython();
  }
  void Publish(const std::string& message) {
    a_.bus().Publish(Bus::Kind::kPlain, "socketio", message);
  }

  MemoryHub hub_;
  ClusterNode a_{hub_};
  ClusterNode b_{hub_};
};

TEST_F(PythonManagerTest, EventsReachTheClientsOfAllServersOnce) {
  EventClient on_a = a_.Member("r");
  EventClient on_b = b_.Member("r");
  a_.nsp().Emit("one", {"1", {}}, {"r"});
  a_.nsp().Emit("two", {"1,2", {}}, {"r", "s"});
  a_.nsp().Emit("none", {"", {}});
  for (EventClient* client : {&on_a, &on_b}) {
    EXPECT_EQ(client->Read(), R"(2["one",1])");
    EXPECT_EQ(client->Read(), R"(2["two",1,2])");
    EXPECT_EQ(client->Read(), R"(2["none"])");
  }
}

TEST_F(PythonManagerTest, WhatPythonProgramsSayIsDone) {
  EventClient client = b_.Client();
  const std::string sid = testing::Member(client.Connect(), "sid");
  Publish(R"({"method":"enter_room","sid":")" + sid + R"(","namespace":"/","room":"r"})");
  Publish(R"({"method":"emit","event":"e","data":["x"],"namespace":"/","room":"r"})");
  EXPECT_EQ(client.Read(), R"(2["e","x"])");
  Publish(R"({"method":"emit","event":"skipped","data":1,"room":null,"skip_sid":")" + sid + "\"}");
  Publish(R"({"method":"emit","event":"b","binary":true,)"
          R"("data":[[{"_placeholder":true,"num":0}],"AQI="]})");
  EXPECT_EQ(client.Read(), R"(51-["b",{"_placeholder":true,"num":0}])");
  EXPECT_EQ(client.Read(), "binary:\x01\x02");
  Publish(R"({"method":"leave_room","sid":")" + sid + R"(","namespace":"/","room":"r"})");
  Publish(R"({"method":"emit","event":"left","data":null,"namespace":"/","room":"r"})");
  Publish(R"({"method":"enter_room","sid":")" + sid + R"(","namespace":"/","room":"s"})");
  Publish(R"({"method":"close_room","namespace":"/","room":"s"})");
  Publish(R"({"method":"emit","event":"closed","data":null,"namespace":"/","room":"s"})");
  Publish(R"({"method":"disconnect","sid":")" + sid + R"(","namespace":"/"})");
  EXPECT_EQ(client.Read(), "1");
}

TEST_F(PythonManagerTest, AcknowledgementsGoBackToTheOneWhoAsked) {
  net::Loop loop("python");
  loop.Start();
  testing::Notes heard;
  testing::MemoryBus python(hub_, loop);
  python.Subscribe(Bus::Kind::kPlain, "socketio",
                   [&](auto, std::string_view message) { heard.Add(std::string(message)); }, {});
  EventClient client = b_.Member("r");
  const std::string ask = R"({"method":"emit","event":"ask","data":[1],"room":"r","namespace":"/",)"
                          R"("callback":["r","/",41],"host_id":"theirs"})";
  Publish(ask);
  EXPECT_EQ(client.Read(), R"(20["ask",1])");
  client.Send(R"(30["yes",2])");
  EXPECT_EQ(heard.Take(), ask);
  EXPECT_EQ(heard.Take(),
            R"({"method":"callback","host_id":"theirs","namespace":"/","sid":"r","id":41,)"
            R"("args":["yes",2]})");
  loop.Stop();
}

TEST_F(PythonManagerTest, ClientsOfOtherServersAcknowledge) {
  EventClient on_a = a_.Member("r");
  EventClient on_b = b_.Member("r");
  std::promise<BroadcastAcks> acks;
  a_.nsp().EmitWithAck({"ask", {"", {}}, {"r"}, {}}, std::chrono::milliseconds(2'000),
                       [&](BroadcastAcks got) { acks.set_value(std::move(got)); });
  for (EventClient* client : {&on_a, &on_b}) {
    EXPECT_EQ(client->Read(), R"(20["ask"])");
    client->Send("30[7]");
  }
  EXPECT_EQ(acks.get_future().get().answers.size(), 2u);
}

TEST_F(PythonManagerTest, OperationsOnNamedSocketsReachOtherServers) {
  EventClient client = b_.Client();
  const std::string sid = testing::Member(client.Connect(), "sid");
  a_.nsp().SocketsJoin({{sid}, {}}, {"r", "s"});
  a_.nsp().SocketsLeave({{"s"}, {}}, {"s"});
  a_.nsp().Emit("s", {"", {}}, {"s"});
  a_.nsp().Emit("r", {"", {}}, {"r"});
  EXPECT_EQ(client.Read(), R"(2["r"])");
  a_.nsp().DisconnectSockets({{sid}, {}}, false);
  EXPECT_EQ(client.Read(), "1");
}

TEST_F(PythonManagerTest, WhatTheFormatCannotSayIsRefused) {
  const auto found = test::Await<Result<std::vector<RemoteSocket>>>(
      [this](auto done) { a_.nsp().FetchSockets({}, std::move(done)); });
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, "unsupported");
  a_.nsp().SocketsJoin({}, {"r"});
  a_.Settle();
  a_.OnLoop([this] { EXPECT_EQ(a_.python().counters().unsupported, 2u); });
}

TEST_F(PythonManagerTest, PicklesAndGarbageAreCountedAndTheNextMessagesHeard) {
  EventClient client = b_.Member("r");
  Publish(
      std::string("\x80\x04\x95\x2c\0\0\0\0\0\0\0}\x94(\x8c\x06method\x94\x8c\x04"
                  "emit\x94u.",
                  32));
  Publish("\x80");
  Publish("");
  Publish("{\"method\":");
  Publish(std::string(1'000'000, '['));
  Publish(R"({"method":"emit","event":{},"data":1})");
  Publish(R"({"method":"emit","event":"elsewhere","data":1,"namespace":"/unknown"})");
  Publish(R"({"method":"callback","host_id":"x","sid":"y","id":1,"args":[]})");
  Publish(R"({"method":"emit","event":"e","data":[1]})");
  EXPECT_EQ(client.Read(), R"(2["e",1])");
  b_.OnLoop([this] {
    EXPECT_EQ(b_.python().counters().pickles, 2u);
    EXPECT_EQ(b_.python().counters().bad_messages, 4u);
  });
}

TEST(PythonGreedyTest, OnlySoManyEventsWaitForAcknowledgements) {
  MemoryHub hub;
  ClusterNode a(hub);
  PythonOptions options;
  options.max_under_way = 1;
  a.UsePython(options);
  EventClient client = a.Member("r");
  const auto ask = [&a](const std::string& event) {
    const uint64_t dropped = a.counters().dropped;
    a.bus().Publish(Bus::Kind::kPlain, "socketio",
                    R"({"method":"emit","event":")" + event +
                        R"(","namespace":"/","room":"r","callback":["r","/",1],"host_id":"x"})");
    a.Settle();
    return a.counters().dropped == dropped;
  };
  EXPECT_TRUE(ask("first"));
  EXPECT_FALSE(ask("second"));
  EXPECT_EQ(client.Read(), R"(20["first"])");
  client.Send("30[1]");
  while (!ask("third")) continue;  // once the answer has come
  EXPECT_EQ(client.Read(), R"(21["third"])");
}

}  // namespace
}  // namespace trackwire::socketio
