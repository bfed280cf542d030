// Connection state recovery shared by the servers of a cluster of streams adapters.
#include "socketio/adapters/streams_recovery.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"
#include "socketio/adapters/session_value.h"
#include "tests/socketio/adapters/cluster_harness.h"
#include "tests/support/await.h"

namespace trackwire::socketio {
namespace {

using testing::ClusterNode;
using testing::EventClient;
using testing::Member;
using testing::MemoryHub;

StreamsOptions WithRecovery() {
  StreamsOptions options;
  options.recovery = true;
  return options;
}

/// The last argument of an event: its offset.
std::string OffsetOf(const std::string& packet) {
  const size_t end = packet.rfind('"');
  const size_t start = packet.rfind('"', end - 1);
  return packet.substr(start + 1, end - start - 1);
}

class StreamsRecoveryTest : public ::testing::Test {
 protected:
  StreamsRecoveryTest() {
    a_.UseStreams(WithRecovery());
    b_.UseStreams(WithRecovery());
  }

  struct Seat {
    EventClient client;
    std::string sid;
    std::string pid;
    std::string offset;
  };
  /// A client in `room` that has had one event.
  static Seat SeatIn(ClusterNode& node, const std::string& room) {
    EventClient client = node.Client();
    const std::string answer = client.Connect();
    client.Send("20[\"join\",\"" + room + "\"]");
    EXPECT_EQ(client.Read(), "30[]");
    node.nsp().Emit("first", {"", {}}, {room});
    const std::string packet = client.Read();
    EXPECT_EQ(packet.substr(0, 10), R"(2["first",)");
    return {std::move(client), Member(answer, "sid"), Member(answer, "pid"), OffsetOf(packet)};
  }
  static std::string Auth(const Seat& seat) {
    return "{\"pid\":\"" + seat.pid + "\",\"offset\":\"" + seat.offset + "\"}";
  }
  /// Everything a node has emitted so far has come out of the stream.
  void SettleAll() {
    for (int i = 0; i < 2; ++i) {
      a_.Settle();
      b_.Settle();
    }
  }
  uint64_t Refused(ClusterNode& node) {
    uint64_t refused = 0;
    node.OnLoop([&] { refused = node.streams().counters().resume_refused; });
    return refused;
  }

  MemoryHub hub_;
  ClusterNode a_{hub_};
  ClusterNode b_{hub_};
};

TEST_F(StreamsRecoveryTest, EventsCarryTheIdOfTheirEntryOnEveryServer) {
  EventClient on_a = a_.Member("r");
  EventClient on_b = b_.Member("r");
  a_.nsp().Emit("e", {"1", {}}, {"r"});
  SettleAll();
  b_.nsp().Emit("f", {"2", {}}, {"r"});
  const std::string first = on_a.Read();
  EXPECT_EQ(on_b.Read(), first) << "in one order, with one offset";
  EXPECT_EQ(on_a.Read(), on_b.Read());
  EXPECT_TRUE(StreamId::Parse(OffsetOf(first))) << first;
}

TEST_F(StreamsRecoveryTest, AClientGoesOnWithAnotherServer) {
  Seat seat = SeatIn(a_, "r");
  seat.client.websocket().Cut();
  SettleAll();
  a_.nsp().Emit("missed", {"1", {}}, {"r"});
  SettleAll();
  b_.nsp().Emit("missed", {"2", {}}, {"r"});
  b_.nsp().Emit("not for it", {"3", {}}, {"other"});
  b_.nsp().Emit("not for it", {"4", {}}, {}, {"r"});
  SettleAll();
  a_.nsp().Emit("to the socket", {"5", {}}, {seat.sid});
  SettleAll();

  EventClient back = b_.Client();
  const std::string answer = back.Connect("/", Auth(seat));
  EXPECT_EQ(Member(answer, "sid"), seat.sid);
  EXPECT_EQ(Member(answer, "pid"), seat.pid);
  EXPECT_EQ(back.Read().substr(0, 13), R"(2["missed",1,)");
  EXPECT_EQ(back.Read().substr(0, 13), R"(2["missed",2,)");
  EXPECT_EQ(back.Read().substr(0, 20), R"(2["to the socket",5,)");
  a_.nsp().Emit("live", {"6", {}}, {"r"});
  EXPECT_EQ(back.Read().substr(0, 11), R"(2["live",6,)") << "it is in its rooms again";
}

TEST_F(StreamsRecoveryTest, AnEventToOneSocketIsRecoveredToo) {
  EventClient client = a_.Client();
  const std::string answer = client.Connect();
  a_.nsp().On("echo", [](Socket&, const Event&, const AckFn&) {});
  a_.nsp().Emit("x", {"", {}}, {Member(answer, "sid")});
  const std::string offset = OffsetOf(client.Read());
  client.websocket().Cut();
  SettleAll();
  b_.nsp().Emit("y", {"7", {}}, {Member(answer, "sid")});
  EventClient back = b_.Client();
  back.Connect("/", "{\"pid\":\"" + Member(answer, "pid") + "\",\"offset\":\"" + offset + "\"}");
  EXPECT_EQ(back.Read().substr(0, 8), R"(2["y",7,)");
}

TEST_F(StreamsRecoveryTest, TheRecordIsThereWhileTheClientIs) {
  Seat seat = SeatIn(a_, "r");
  a_.Settle();
  const auto value = hub_.Value("sio:session:" + seat.pid);
  ASSERT_TRUE(value) << "a server that dies takes no record with it";
  const auto record = DecodeSessionValue(*value, {});
  ASSERT_TRUE(record);
  EXPECT_EQ(record->sid, seat.sid);
  EXPECT_EQ(record->rooms, (std::vector<std::string>{"r"}));
  EXPECT_EQ(record->data, R"({"user":"u"})");
  seat.client.Send("1");
  EXPECT_TRUE(test::Until([&] { return !hub_.Value("sio:session:" + seat.pid); }))
      << "who leaves for good leaves nothing";
}

TEST_F(StreamsRecoveryTest, AClientThatANodeServerDroppedIsTakenOver) {
  Seat seat = SeatIn(a_, "r");
  seat.client.websocket().Cut();
  SettleAll();
  // {sid, pid, rooms: [sid, "r"], data: {name: "n"}} as @msgpack/msgpack writes it
  RecoveryRecord record{"nodes-pid", "nodes-sid-0123456789", "/", {"r"}, R"({"name":"n"})", {}};
  {
    const std::lock_guard lock(hub_.mutex);
    hub_.values["sio:session:nodes-pid"] = EncodeSessionValue(record);
  }
  b_.nsp().Emit("missed", {"", {}}, {"r"});
  SettleAll();
  EventClient back = a_.Client();
  const std::string answer =
      back.Connect("/", R"({"pid":"nodes-pid","offset":")" + seat.offset + "\"}");
  EXPECT_EQ(Member(answer, "sid"), record.sid);
  EXPECT_EQ(back.Read().substr(0, 11), R"(2["missed",)");
}

TEST_F(StreamsRecoveryTest, ARecordIsTakenOnce) {
  Seat seat = SeatIn(a_, "r");
  seat.client.websocket().Cut();
  SettleAll();
  EventClient first = b_.Client();
  EXPECT_EQ(Member(first.Connect("/", Auth(seat)), "sid"), seat.sid);
  // The one who comes next, here or there, has the pid too and takes over in turn.
  EventClient second = b_.Client();
  EXPECT_EQ(Member(second.Connect("/", Auth(seat)), "sid"), seat.sid);
  EXPECT_EQ(first.Read(), "<closed>");
}

TEST_F(StreamsRecoveryTest, OthersStartAnew) {
  Seat seat = SeatIn(a_, "r");
  seat.client.websocket().Cut();
  SettleAll();
  const auto starts_anew = [&](const std::string& auth) {
    EventClient client = b_.Client();
    return Member(client.Connect("/", auth), "sid") != seat.sid;
  };
  EXPECT_TRUE(starts_anew("{\"pid\":\"unknown\",\"offset\":\"" + seat.offset + "\"}"));
  EXPECT_TRUE(starts_anew("{\"pid\":\"" + seat.pid + "\",\"offset\":\"x\"}"));
  EXPECT_TRUE(starts_anew("{\"pid\":\"a b\",\"offset\":\"1-0\"}"));
  EXPECT_TRUE(starts_anew("{\"pid\":\"" + seat.pid + "\",\"offset\":\"1-0\"}"))
      << "an entry that is not in the stream (any more)";
  EXPECT_EQ(Refused(b_), 2u) << "the others were not even looked for";
  {
    const std::lock_guard lock(hub_.mutex);
    hub_.values["sio:session:garbage"] = "????";
  }
  EXPECT_TRUE(starts_anew("{\"pid\":\"garbage\",\"offset\":\"" + seat.offset + "\"}"));
}

TEST_F(StreamsRecoveryTest, AServerThatIsBehindWaitsUntilItHasReadTheOffset) {
  Seat seat = SeatIn(a_, "r");
  SettleAll();
  b_.OnLoop([this] { b_.bus().Hold(true); });
  a_.nsp().Emit("had", {"", {}}, {"r"});
  seat.offset = OffsetOf(seat.client.Read());
  seat.client.websocket().Cut();
  a_.Settle();
  a_.nsp().Emit("missed", {"", {}}, {"r"});
  a_.Settle();

  EventClient back = b_.Client();
  back.Send("0" + Auth(seat));
  b_.Settle();
  b_.OnLoop([this] { b_.bus().Hold(false); });
  EXPECT_EQ(Member(back.Read(), "sid"), seat.sid);
  EXPECT_EQ(back.Read().substr(0, 11), R"(2["missed",)");
  a_.nsp().Emit("live", {"", {}}, {"r"});
  EXPECT_EQ(back.Read().substr(0, 9), R"(2["live",)") << "nothing twice";
}

TEST_F(StreamsRecoveryTest, NothingIsMissedOrDoubledUnderTraffic) {
  constexpr int kEvents = 3'000;
  Seat seat = SeatIn(a_, "r");
  std::thread traffic([this] {
    for (int i = 0; i < kEvents; ++i) {
      (i % 2 == 0 ? a_ : b_).nsp().Emit("n", {std::to_string(i), {}}, {"r"});
      if (i % 2 == 1) SettleAll();
    }
  });
  std::vector<int> seen(kEvents, 0);
  auto client = std::make_unique<EventClient>(std::move(seat.client));
  int total = 0;
  bool resumed = true;
  for (int visits = 0; total < kEvents && resumed; ++visits) {
    for (int i = 0; i < 100 && total < kEvents; ++i) {
      const std::string packet = client->Read();
      ++seen[static_cast<size_t>(std::stoi(packet.substr(6)))];
      seat.offset = OffsetOf(packet);
      ++total;
    }
    client->websocket().Cut();
    client = std::make_unique<EventClient>((visits % 2 == 0 ? b_ : a_).Client());
    resumed = Member(client->Connect("/", Auth(seat)), "sid") == seat.sid;
  }
  traffic.join();
  ASSERT_TRUE(resumed);
  for (int i = 0; i < kEvents; ++i) ASSERT_EQ(seen[static_cast<size_t>(i)], 1) << i;
}

TEST_F(StreamsRecoveryTest, VolatileEventsCarryNoOffset) {
  EventClient client = b_.Member("r");
  Broadcast broadcast{"v", {"", {}}, {"r"}, {}};
  broadcast.is_volatile = true;
  a_.nsp().Emit(broadcast);
  EXPECT_EQ(client.Read(), R"(2["v"])");
}

}  // namespace
}  // namespace trackwire::socketio
