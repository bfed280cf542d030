#include "socketio/memory_recovery.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "socketio/delivery_log.h"
#include "tests/socketio/server_harness.h"

namespace trackwire::socketio {
namespace {

using testing::EventClient;
using testing::Member;

/// A client that remembers what the official one does: its pid and the last offset.
class Resumer {
 public:
  explicit Resumer(uint16_t port) : port_(port) {}

  /// Connects, resuming if it can; the answer to CONNECT.
  std::string Connect(const std::string& more_auth = "") {
    client_ = std::make_unique<EventClient>(port_);
    std::string auth = "{";
    if (!pid.empty()) auth += R"("pid":")" + pid + R"(","offset":")" + offset + "\"";
    if (!more_auth.empty()) auth += (auth.size() > 1 ? "," : "") + more_auth;
    const std::string answer = client_->Connect("/", auth + "}");
    recovered = !pid.empty() && Member(answer, "pid") == pid;
    pid = Member(answer, "pid");
    sid = Member(answer, "sid");
    return answer;
  }
  void Cut() { client_->websocket().Cut(); }
  EventClient& client() { return *client_; }

  /// The next event without its offset, which is remembered.
  std::string Read() {
    std::string packet = client_->Read();
    if (packet.substr(0, 7) == "binary:" || packet == "<closed>") return packet;
    const size_t end = packet.rfind(",\"");
    if (end == std::string::npos) return packet;
    offset = packet.substr(end + 2, packet.size() - end - 4);
    return packet.substr(0, end) + "]";
  }

  std::string pid;
  std::string sid;
  std::string offset;
  bool recovered = false;

 private:
  uint16_t port_;
  std::unique_ptr<EventClient> client_;
};

class MemoryRecoveryTest : public testing::ServerFixture {
 protected:
  void Start(const MemoryRecovery::Options& options = {},
             std::function<bool(const Socket&)> participates = nullptr) {
    recovery_ = std::make_unique<MemoryRecovery>(options);
    nsp_ = &Prepare();
    nsp_->OnConnection([this](Socket& socket) {
      socket.Emit("hello", {socket.recovered() ? "true" : "false", {}});
      if (!socket.recovered()) socket.set_recovery_data("data of " + socket.sid());
      notes_.Add(socket.recovery_data());
    });
    nsp_->On("join", [](Socket& socket, const Event& event, const AckFn& ack) {
      socket.Join(event.args_json.substr(2, event.args_json.size() - 4));
      ack({});
    });
    nsp_->On("me", [](Socket& socket, const Event& event, const AckFn&) {
      socket.Emit("mine", {std::string(event.args_json.substr(1, event.args_json.size() - 2)), {}});
    });
    server_->UseRecovery(*nsp_, recovery_.get(), std::move(participates));
    Serve();
  }
  void TearDown() override {
    shards_->Stop();
    recovery_.reset();
  }
  Resumer NewClient() { return Resumer(shards_->port()); }
  void WaitForSockets(uint64_t count) {
    while (Sum().sockets != count) {
    }
  }

  std::unique_ptr<MemoryRecovery> recovery_;
  Namespace* nsp_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(Shards, MemoryRecoveryTest, ::testing::Values(1, 2));

TEST_P(MemoryRecoveryTest, AnswersFirstThenWhatWasMissedThenWhatIsNew) {
  Start();
  Resumer client = NewClient();
  client.Connect();
  const std::string pid = client.pid;
  const std::string sid = client.sid;
  EXPECT_EQ(pid.size(), 20u);
  EXPECT_EQ(client.Read(), R"(2["hello",false])");
  EXPECT_FALSE(client.offset.empty());
  client.client().Send(R"(21["join","r"])");
  EXPECT_EQ(client.client().Read(), "31[]");
  nsp_->Emit("seen", {"1", {}}, {"r"});
  EXPECT_EQ(client.Read(), R"(2["seen",1])");
  client.Cut();
  WaitForSockets(0);
  nsp_->Emit("missed", {"2", {}}, {"r"});
  nsp_->Emit("not-mine", {"3", {}}, {"other"});
  nsp_->Emit("excepted", {"4", {}}, {}, {sid});
  nsp_->Emit("missed", {R"({"_placeholder":true,"num":0})", {"bytes"}}, {sid});
  client.Connect();
  EXPECT_TRUE(client.recovered);
  EXPECT_EQ(client.sid, sid);
  EXPECT_EQ(client.Read(), R"(2["missed",2])");
  EXPECT_EQ(client.Read(), R"(51-["missed",{"_placeholder":true,"num":0}])");
  EXPECT_EQ(client.Read(), "binary:bytes");
  EXPECT_EQ(client.Read(), R"(2["hello",true])");
  nsp_->Emit("new", {"5", {}}, {"r"});
  EXPECT_EQ(client.Read(), R"(2["new",5])") << "its rooms came back";
  EXPECT_EQ(notes_.Take(), "data of " + sid);
  EXPECT_EQ(notes_.Take(), "data of " + sid) << "the program's data came back";
  EXPECT_EQ(Sum().resumed, 1u);
}

TEST_P(MemoryRecoveryTest, ClientsThatTakeNoPartGetPlainEvents) {
  Start();
  Resumer by_auth = NewClient();
  EXPECT_EQ(Member(by_auth.Connect(R"("recovery":false)"), "pid"), "");
  EXPECT_EQ(by_auth.client().Read(), R"(2["hello",false])");
  EventClient by_query = Client("&recovery=0");
  EXPECT_EQ(Member(by_query.Connect(), "pid"), "");
  EXPECT_EQ(by_query.Read(), R"(2["hello",false])");
  Resumer other = NewClient();
  other.Connect();
  other.Read();
  nsp_->Emit("e", {"1", {}});
  EXPECT_EQ(by_auth.client().Read(), R"(2["e",1])");
  EXPECT_EQ(by_query.Read(), R"(2["e",1])");
  EXPECT_EQ(other.Read(), R"(2["e",1])");
}

TEST_P(MemoryRecoveryTest, TheProgramDecidesWhoTakesPart) {
  Start({}, [](const Socket& socket) { return socket.handshake()->auth_json != R"({"no":1})"; });
  Resumer client = NewClient();
  EXPECT_EQ(Member(client.Connect(R"("no":1)"), "pid"), "");
  EXPECT_NE(Member(client.Connect(), "pid"), "");
}

TEST_P(MemoryRecoveryTest, WhoLeftForGoodStartsAnew) {
  Start();
  Resumer client = NewClient();
  client.Connect();
  client.Read();
  client.client().Send("1");
  WaitForSockets(0);
  client.Connect();
  EXPECT_FALSE(client.recovered);
  EXPECT_EQ(client.Read(), R"(2["hello",false])");
}

TEST_P(MemoryRecoveryTest, ForeignPidsAndOffsetsStartAnew) {
  Start();
  Resumer client = NewClient();
  client.Connect();
  client.Read();
  client.Cut();
  WaitForSockets(0);
  const std::string good_pid = client.pid;
  const std::string good_offset = client.offset;
  const std::string epoch = good_offset.substr(0, good_offset.find('.'));
  const std::pair<std::string, std::string> rows[] = {
      {"unknown", good_offset}, {good_pid, "xxxxxxxx.1"}, {good_pid, epoch + ".999"},
      {good_pid, epoch},        {good_pid, "abc"},
  };
  for (const auto& [pid, offset] : rows) {
    Resumer thief = NewClient();
    thief.pid = pid;
    thief.offset = offset;
    thief.Connect();
    EXPECT_FALSE(thief.recovered) << pid << " " << offset;
  }
  client.Connect();
  EXPECT_TRUE(client.recovered) << "the failed attempts did not harm it";
}

TEST_P(MemoryRecoveryTest, WhatIsTrimmedCannotBeResumed) {
  MemoryRecovery::Options options;
  options.max_deliveries = 10;
  Start(options);
  Resumer client = NewClient();
  client.Connect();
  client.Read();
  nsp_->Emit("e", {"0", {}});
  client.Read();
  client.Cut();
  WaitForSockets(0);
  for (int i = 1; i <= 10; ++i) nsp_->Emit("e", {std::to_string(i), {}});
  client.Connect();
  ASSERT_TRUE(client.recovered);
  for (int i = 1; i <= 10; ++i) EXPECT_EQ(client.Read(), "2[\"e\"," + std::to_string(i) + "]");
  client.Read();
  client.Cut();
  WaitForSockets(0);
  for (int i = 11; i <= 21; ++i) nsp_->Emit("e", {std::to_string(i), {}});
  client.Connect();
  EXPECT_FALSE(client.recovered);
}

TEST_P(MemoryRecoveryTest, AFormerConnectionThatStillLivesIsClosed) {
  Start();
  Resumer former = NewClient();
  former.Connect();
  former.Read();
  Resumer thief = NewClient();
  thief.pid = former.pid;
  thief.offset = former.offset;
  thief.Connect();
  EXPECT_TRUE(thief.recovered);
  EXPECT_EQ(thief.sid, former.sid);
  EXPECT_EQ(former.Read(), "<closed>");
  WaitForSockets(1);
  nsp_->Emit("e", {"1", {}});
  EXPECT_EQ(thief.Read(), R"(2["hello",true])");
  EXPECT_EQ(thief.Read(), R"(2["e",1])");
  thief.Cut();
  WaitForSockets(0);
  thief.Connect();
  EXPECT_TRUE(thief.recovered) << "the former's end did not release the record";
}

TEST_P(MemoryRecoveryTest, ARecordWhoseTakeOverFailedIsForgottenInItsTurn) {
  MemoryRecovery::Options options;
  options.max_records_away = 1;
  nsp_ = &Prepare();
  nsp_->On("hold-up", [](Socket& socket, const Event&, const AckFn& ack) {
    // Lets the clock go on between the end of the socket and what comes after it.
    socket.EmitWithAck("never answered", {}, std::chrono::milliseconds(0),
                       [](bool, std::string_view, const std::vector<std::string_view>&) {
                         const auto end = Steady::now();
                         while (Steady::now() - end < std::chrono::milliseconds(20)) {
                         }
                       });
    ack({});
  });
  recovery_ = std::make_unique<MemoryRecovery>(options);
  nsp_->OnConnection([](Socket& socket) { socket.Emit("hello", {}); });
  server_->UseRecovery(*nsp_, recovery_.get(), nullptr);
  Serve();
  Resumer former = NewClient();
  former.Connect();
  former.Read();
  Resumer returning = NewClient();
  returning.pid = former.pid;
  returning.offset = former.offset;
  former.client().Send(R"(21["hold-up"])");
  EXPECT_EQ(former.client().Read(), R"(20["never answered"])");
  EXPECT_EQ(former.client().Read(), "31[]");

  Resumer failing = NewClient();
  failing.pid = former.pid;
  failing.offset = former.offset.substr(0, former.offset.find('.')) + ".999";
  failing.Connect();
  EXPECT_FALSE(failing.recovered);
  EXPECT_EQ(former.Read(), "<closed>");
  Resumer other = NewClient();
  other.Connect();
  other.Cut();
  WaitForSockets(1);
  returning.Connect();
  EXPECT_FALSE(returning.recovered) << "one record away is kept, and the other's is newer";
}

TEST_P(MemoryRecoveryTest, KeepsLittleOfASingleClientsEvents) {
  MemoryRecovery::Options options;
  options.max_event_bytes_per_client = 10'000;
  Start(options);
  Resumer client = NewClient();
  client.Connect();
  client.Read();
  const std::string big(3'000, 'x');
  for (int i = 0; i < 5; ++i) client.client().Send("2[\"me\",\"" + big + "\"]");
  std::string early;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(client.Read().size(), big.size() + 12);
    if (i == 0) early = client.offset;
  }
  client.Cut();
  WaitForSockets(0);
  Resumer late = NewClient();
  late.pid = client.pid;
  late.offset = early;
  late.Connect();
  EXPECT_FALSE(late.recovered) << "more than the client's own limit was missed";
  client.Connect();
  EXPECT_TRUE(client.recovered);
}

/// Reads what two publishers and the server itself send to one client, cutting the connection at
/// random moments, in the middle of replays too.
class Listener {
 public:
  Listener(uint16_t port, int number) : client_(port), random_(static_cast<unsigned>(number)) {
    client_.Connect();
    EXPECT_EQ(client_.Read(), R"(2["hello",false])");
  }

  int count(const std::string& sender) { return next_[sender]; }
  int cuts() const { return cuts_; }
  /// Nothing more needs to come but what others send.
  bool HasAllOfItsOwn() { return next_["mine"] >= asked_; }
  bool failed() const { return failed_; }

  /// One step: perhaps asks for an event, reads one, perhaps is cut off.
  void Step() {
    if (random_() % 4 == 0 && asked_ < 300) {
      client_.client().Send("2[\"me\"," + std::to_string(asked_++) + "]");
    }
    Check(client_.Read());
    if (random_() % 40 == 0) Return();
  }

 private:
  void Return() {
    for (bool synchronized = false; !synchronized && !failed_;) {
      ++cuts_;
      client_.Cut();
      client_.Connect();
      if (!client_.recovered) Fail("not recovered");
      // What was asked for and not answered is lost or among what is replayed now: only behind
      // that it is known which.
      client_.client().Send(R"(21["join","sync"])");
      while (!synchronized && !failed_) {
        const std::string packet = client_.Read();
        synchronized = packet == "31[]";
        if (!synchronized) Check(packet);
        if (random_() % 20 == 0) break;
      }
    }
    asked_ = next_["mine"];
  }

  void Check(const std::string& packet) {
    if (packet == "<closed>") return Fail("closed");
    const auto position = LogPosition::Parse(
        client_.offset, std::string_view(client_.offset).substr(0, client_.offset.find('.')));
    if (!position || *position <= position_) Fail("the offset does not rise at " + packet);
    position_ = position.value_or(position_);
    const std::string sender = packet.substr(3, packet.find('"', 3) - 3);
    if (sender == "hello") return;
    const int value = std::atoi(packet.c_str() + packet.find(',') + 1);
    if (value != next_[sender]) Fail(packet + " instead of " + std::to_string(next_[sender]));
    next_[sender] = value + 1;
  }
  void Fail(const std::string& why) {
    failed_ = true;
    ADD_FAILURE() << why;
  }

  Resumer client_;
  std::mt19937 random_;
  std::map<std::string, int> next_;  // by sender
  LogPosition position_;
  int asked_ = 0;
  int cuts_ = 0;
  bool failed_ = false;
};

TEST_P(MemoryRecoveryTest, EachGetsEverythingExactlyOnce) {
  Start();
  constexpr int kClients = 6;
  constexpr int kPerPublisher = 400;
  std::atomic<int> ready = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&, i] {
      Listener listener(shards_->port(), i);
      ++ready;
      while (!listener.failed() &&
             (listener.count("p0") < kPerPublisher || listener.count("p1") < kPerPublisher ||
              !listener.HasAllOfItsOwn())) {
        listener.Step();
      }
      EXPECT_GT(listener.cuts(), 0);
    });
  }
  while (ready < kClients) std::this_thread::yield();
  for (const std::string name : {"p0", "p1"}) {
    threads.emplace_back([&, name] {
      for (int i = 0; i < kPerPublisher; ++i) {
        nsp_->Emit(name, {std::to_string(i), {}});
        // Slow enough to be under way while clients come and go.
        if (i % 8 == 0) shards_->shard(0).Run([] {});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(Sum().resumed, 0u);
  EXPECT_EQ(Sum().resume_refused, 0u);
}

}  // namespace
}  // namespace trackwire::socketio
