// What the library promises to the back end of recovery, with one that a test holds in its hands.
#include "socketio/recovery.h"

#include <gtest/gtest.h>

#include "tests/socketio/server_harness.h"

namespace trackwire::socketio {
namespace {

using testing::EventClient;
using testing::Member;

class HeldRecovery final : public Recovery {
 public:
  explicit HeldRecovery(testing::Notes& notes) : notes_(notes) {}

  void Save(const RecoveryRecord& record) override {
    std::string note = "save " + record.pid + " " + record.data;
    for (const std::string& room : record.rooms) note += " " + room;
    notes_.Add(note);
  }
  void Release(const std::string& pid, SocketRef, bool recoverable) override {
    notes_.Add("release " + pid + (recoverable ? " away" : " gone"));
  }
  void Resume(const std::string& pid, const std::string& offset, const Socket& socket,
              std::function<void(std::optional<Resumption>)> done) override {
    EXPECT_NE(socket.handshake(), nullptr);
    done_ = std::move(done);
    notes_.Add("resume " + pid + " " + offset);
  }
  /// From the calling thread.
  void Answer(std::optional<Resumption> resumption) { done_(std::move(resumption)); }

 private:
  testing::Notes& notes_;
  std::function<void(std::optional<Resumption>)> done_;
};

std::shared_ptr<const Delivery> Make(const std::string& event, const std::string& offset) {
  return EncodeDelivery("/", {event, {}, {"room"}, {}}, offset);
}

class RecoveryTest : public testing::ServerFixture {
 protected:
  void SetUp() override {
    ServerFixture::SetUp();
    nsp_ = &Prepare();
    nsp_->OnConnection([](Socket& socket) {
      if (!socket.recovered()) socket.set_recovery_data("fresh");
      socket.Emit("welcome", {}, "99-0");
    });
    nsp_->On("rooms", [](Socket& socket, const Event&, const AckFn& ack) {
      socket.Join("a");
      socket.Join("b");
      socket.Leave("a");
      ack({});
    });
    server_->UseRecovery(*nsp_, &recovery_, nullptr);
    Serve();
  }
  static Resumption Earlier(DeliveryBatch missed) {
    return {{"PID", "SID", "/", {"room"}, "kept", {}}, std::move(missed)};
  }

  HeldRecovery recovery_{notes_};
  Namespace* nsp_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(Shards, RecoveryTest, ::testing::Values(1, 2));

TEST_P(RecoveryTest, TheRecordIsWrittenAtConnectAndOnChange) {
  EventClient client = Client();
  const std::string pid = Member(client.Connect(), "pid");
  EXPECT_EQ(client.Read(), R"(2["welcome","99-0"])");
  EXPECT_EQ(notes_.Take(), "save " + pid + " fresh");
  client.Send(R"(21["rooms"])");
  EXPECT_EQ(client.Read(), "31[]");
  EXPECT_EQ(notes_.Take(), "save " + pid + " fresh b") << "once for all changes of a turn";
  client.websocket().Cut();
  EXPECT_EQ(notes_.Take(), "save " + pid + " fresh b") << "the back end may have forgotten it";
  EXPECT_EQ(notes_.Take(), "release " + pid + " away");
  EventClient leaver = Client();
  const std::string other = Member(leaver.Connect(), "pid");
  EXPECT_EQ(notes_.Take(), "save " + other + " fresh");
  leaver.Send("1");
  EXPECT_EQ(notes_.Take(), "release " + other + " gone");
}

TEST_P(RecoveryTest, AnswersThenReplaysThenGoesOnLive) {
  EventClient client = Client();
  client.Send(R"(0{"pid":"PID","offset":"1-0"})");
  EXPECT_EQ(notes_.Take(), "resume PID 1-0");
  // One thread delivers, answers, delivers: exactly the second delivery is live for the client.
  nsp_->Deliver({Make("before", "3-0")});
  recovery_.Answer(Earlier({Make("missed", "2-0"), Make("before", "3-0")}));
  nsp_->Deliver({Make("after", "4-0")});
  EXPECT_EQ(client.Read(), R"(0{"sid":"SID","pid":"PID"})");
  EXPECT_EQ(client.Read(), R"(2["missed","2-0"])");
  EXPECT_EQ(client.Read(), R"(2["before","3-0"])");
  EXPECT_EQ(client.Read(), R"(2["welcome","99-0"])");
  EXPECT_EQ(client.Read(), R"(2["after","4-0"])");
  EXPECT_EQ(notes_.Take(), "save PID kept room");
}

TEST_P(RecoveryTest, ARefusalStartsAnew) {
  EventClient client = Client();
  client.Send(R"(0{"pid":"PID","offset":"1-0"})");
  notes_.Take();
  recovery_.Answer(std::nullopt);
  const std::string answer = client.Read();
  EXPECT_NE(Member(answer, "pid"), "PID");
  EXPECT_EQ(Member(answer, "pid").size(), 20u);
  EXPECT_EQ(client.Read(), R"(2["welcome","99-0"])");
  EXPECT_EQ(Sum().resume_refused, 1u);
}

TEST_P(RecoveryTest, AClientThatLeftMeanwhileGivesItsRecordBack) {
  EventClient client = Client();
  client.Send(R"(0{"pid":"PID","offset":"1-0"})");
  notes_.Take();
  client.websocket().Cut();
  for (net::Shard* shard : shards_->shards()) {
    shards_->WaitUntil(shard->index(),
                       [&] { return server_->engine().counters(*shard).websocket_sessions == 0; });
  }
  recovery_.Answer(Earlier({Make("missed", "2-0")}));
  EXPECT_EQ(notes_.Take(), "release PID away");
  EXPECT_EQ(Sum().resumed, 0u) << "nobody was there to resume";
  EXPECT_EQ(Sum().sockets, 0u);
}

class OneShardRecoveryTest : public RecoveryTest {};

INSTANTIATE_TEST_SUITE_P(OneShard, OneShardRecoveryTest, ::testing::Values(1));

TEST_P(OneShardRecoveryTest, ASecondResumptionOfOneRecordEndsTheFirst) {
  const auto resume = [this] {
    EventClient client = Client();
    client.Send(R"(0{"pid":"PID","offset":"1-0"})");
    EXPECT_EQ(notes_.Take(), "resume PID 1-0");
    recovery_.Answer(Earlier({}));
    EXPECT_EQ(client.Read(), R"(0{"sid":"SID","pid":"PID"})");
    EXPECT_EQ(client.Read(), R"(2["welcome","99-0"])");
    return client;
  };
  EventClient first = resume();
  EXPECT_EQ(notes_.Take(), "save PID kept room");
  EventClient second = resume();
  EXPECT_EQ(first.Read(), "<closed>");
  EXPECT_EQ(notes_.Take(), "save PID kept room");
  EXPECT_EQ(notes_.Take(), "release PID away");
  EXPECT_EQ(notes_.Take(), "save PID kept room");
  EXPECT_EQ(Sum().sockets, 1u);
  nsp_->Emit("to", {"1", {}}, {"SID"});
  EXPECT_EQ(second.Read(), R"(2["to",1])");
  second.websocket().Cut();
  EXPECT_EQ(notes_.Take(), "save PID kept room");
  EXPECT_EQ(notes_.Take(), "release PID away");
  nsp_->Emit("to", {"2", {}}, {"SID"});
  EXPECT_EQ(Sum().sockets, 0u);
}

TEST_P(RecoveryTest, APacketBeforeTheAnswerIsAViolation) {
  EventClient client = Client();
  client.Send(R"(0{"pid":"PID","offset":"1-0"})");
  notes_.Take();
  client.Send(R"(2["early"])");
  EXPECT_EQ(client.Read(), "<closed>");
  recovery_.Answer(std::nullopt);
  EXPECT_EQ(Sum().sockets, 0u);
}

}  // namespace
}  // namespace trackwire::socketio
