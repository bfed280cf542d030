// Connections that never join a namespace, and packets whose attachments never come.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/socketio/server_harness.h"

namespace trackwire::socketio {
namespace {

using namespace std::chrono_literals;
using testing::EventClient;
using testing::HttpClient;
using testing::Reply;

constexpr const char* kPolling = "/socket.io/?EIO=4&transport=polling";

class UnfinishedTest : public testing::ServerFixture {
 protected:
  void ServeFew(uint32_t max_unfinished) {
    Options options;
    options.max_unfinished = max_unfinished;
    Prepare(std::move(options)).On("message", [](Socket& socket, const Event&, const AckFn&) {
      socket.Emit("message-back", {"1", {}});
    });
    Serve();
  }
  Counters Now() {
    Counters counters;
    shards_->shards()[0]->Run([&] { counters = server_->counters(*shards_->shards()[0]); });
    return counters;
  }
  Reply Handshake() { return HttpClient(shards_->port()).Do("GET", kPolling); }
};

INSTANTIATE_TEST_SUITE_P(OneShard, UnfinishedTest, ::testing::Values(1));

TEST_P(UnfinishedTest, TheOldestMakesRoomAndTheSeatedStay) {
  ServeFew(2);
  EventClient seated = Connected();
  EXPECT_EQ(Now().unfinished, 0u);

  EventClient first = Client();
  EventClient second = Client();
  EventClient third = Client();
  EXPECT_EQ(first.Read(), "<closed>");
  EXPECT_EQ(Now().unfinished, 2u);
  EXPECT_EQ(Now().unfinished_evicted, 1u);

  second.Connect();
  EXPECT_EQ(Now().unfinished, 1u);
  EventClient fourth = Client();
  third.Connect();
  fourth.Connect();
  for (EventClient* client : {&seated, &second, &third, &fourth}) {
    client->Send(R"(2["message"])");
    EXPECT_EQ(client->Read(), R"(2["message-back",1])");
  }
  EXPECT_EQ(Now().unfinished, 0u);
  EXPECT_EQ(Now().unfinished_evicted, 1u);
}

TEST_P(UnfinishedTest, PollingHandshakesThatNeverPollMakeRoom) {
  ServeFew(5);
  EventClient seated = Connected();
  std::vector<std::string> sids;
  for (int i = 0; i < 50; ++i) {
    const Reply reply = Handshake();
    ASSERT_EQ(reply.status, 200);
    sids.push_back(testing::Member(reply.body, "sid"));
  }
  EXPECT_EQ(Now().unfinished, 5u);
  EXPECT_EQ(Now().unfinished_evicted, 45u);
  HttpClient client(shards_->port());
  EXPECT_EQ(client.Do("POST", std::string(kPolling) + "&sid=" + sids.front(), {}, "40").status,
            400);
  EXPECT_EQ(client.Do("POST", std::string(kPolling) + "&sid=" + sids.back(), {}, "40").status, 200);
  EXPECT_EQ(Now().unfinished, 4u);
  seated.Send(R"(2["message"])");
  EXPECT_EQ(seated.Read(), R"(2["message-back",1])");
}

TEST_P(UnfinishedTest, WhoLeavesIsNotCountedAnyMore) {
  ServeFew(100);
  for (int i = 0; i < 20; ++i) {
    EventClient client = Client();
    EXPECT_EQ(Now().unfinished, 1u);
    if (i % 2 == 0) client.Send("9");
    client.websocket().Cut();
    while (Now().unfinished != 0) {
    }
  }
  EXPECT_EQ(Now().unfinished_evicted, 0u);
}

TEST_P(UnfinishedTest, ARefusedConnectLeavesItUnfinished) {
  ServeFew(100);
  EventClient client = Client();
  client.Send("0/nowhere,");
  EXPECT_EQ(client.Read(), R"(4/nowhere,{"message":"Invalid namespace"})");
  EXPECT_EQ(Now().unfinished, 1u);
}

TEST_P(UnfinishedTest, AttachmentsThatAreOwedCountUntilTheyEnd) {
  ServeFew(100);
  const auto held = [this] {
    uint64_t bytes = 0;
    shards_->shards()[0]->Run([&] { bytes = shards_->shards()[0]->counters().input_bytes; });
    return bytes;
  };
  EventClient client = Connected();
  const std::string part(300'000, 'x');
  client.Send(R"(52-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
  client.SendBinary(part);
  while (held() < 250'000) {
  }
  client.SendBinary(part);
  EXPECT_EQ(client.Read(), R"(2["message-back",1])");
  EXPECT_EQ(held(), 0u);

  client.Send(R"(52-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
  client.SendBinary(part);
  while (held() < 250'000) {
  }
  client.websocket().Cut();
  while (held() != 0) {
  }
}

}  // namespace
}  // namespace trackwire::socketio
