#include "socketio/broadcast_operator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "net/loop.h"
#include "socketio/socketio.h"
#include "tests/socketio/server_harness.h"
#include "tests/support/await.h"

namespace trackwire::socketio {
namespace {

using testing::EventClient;
using testing::Member;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using Packets = std::vector<std::string>;
using Found = Result<std::vector<RemoteSocket>>;

class BroadcastOperatorTest : public testing::ServerFixture {
 protected:
  void SetUp() override {
    ServerFixture::SetUp();
    nsp_ = &Prepare();
    nsp_->On("join", [](Socket& socket, const std::vector<std::string>& rooms, const Ack& ack) {
      for (const std::string& room : rooms) socket.Join(room);
      ack();
    });
  }
  /// Four clients, in the rooms `[0]` a, `[1]` a and b, `[2]` b, `[3]` none.
  void Connect() {
    Serve();
    const std::vector<std::string> rooms = {R"(["a"])", R"(["a","b"])", R"(["b"])", "[]"};
    for (const std::string& some : rooms) {
      clients_.push_back(Client());
      sids_.push_back(Member(clients_.back().Connect(), "sid"));
      clients_.back().Send("20[\"join\"," + some + "]");
      EXPECT_EQ(clients_.back().Read(), "30[]");
    }
  }
  /// What each client has got until now, without what ends it.
  std::vector<Packets> Got() {
    nsp_->Emit("end");
    std::vector<Packets> all;
    for (EventClient& client : clients_) {
      Packets& packets = all.emplace_back();
      for (;;) {
        std::string packet = client.Read();
        if (packet == R"(2["end"])" || packet == "<closed>") break;
        packets.push_back(std::move(packet));
      }
    }
    return all;
  }
  std::vector<std::string> SidsOf(const BroadcastOperator& chosen) {
    const auto found = test::Await<Found>([&](auto done) { chosen.FetchSockets(std::move(done)); });
    std::vector<std::string> sids;
    for (const RemoteSocket& socket : found.value()) sids.push_back(socket.sid);
    std::sort(sids.begin(), sids.end());
    return sids;
  }
  static std::vector<std::string> Sorted(std::vector<std::string> sids) {
    std::sort(sids.begin(), sids.end());
    return sids;
  }

  Namespace* nsp_ = nullptr;
  std::vector<EventClient> clients_;
  std::vector<std::string> sids_;
};

INSTANTIATE_TEST_SUITE_P(Shards, BroadcastOperatorTest, ::testing::Values(1, 2));

TEST_P(BroadcastOperatorTest, ChainsChooseWhoGetsWhat) {
  Connect();
  nsp_->To("a").Emit("1", 1, "two", nullptr);
  nsp_->In({"a", "b"}).Emit("2");
  nsp_->To("a").In(std::string("b")).Except("b").Emit("3", std::vector<int>{1});
  nsp_->Except({"a", "nobody"}).Emit("4", std::optional<int>());
  nsp_->To(std::vector<std::string>{sids_[3]}).Emit("5", true);
  nsp_->To("nobody").Emit("6");
  nsp_->Local().Volatile().Compress(false).To("b").Emit("7", 0.5);
  nsp_->Emit("8", AsBytes("x"), std::pair(1, AsBytes("y")));
  const std::string both =
      R"(52-["8",{"_placeholder":true,"num":0},[1,{"_placeholder":true,"num":1}]])";
  const auto got = Got();
  EXPECT_EQ(got[0], (Packets{R"(2["1",1,"two",null])", R"(2["2"])", R"(2["3",[1]])", both,
                             "binary:x", "binary:y"}));
  EXPECT_EQ(got[1], (Packets{R"(2["1",1,"two",null])", R"(2["2"])", R"(2["7",0.5])", both,
                             "binary:x", "binary:y"}));
  EXPECT_EQ(got[2], (Packets{R"(2["2"])", R"(2["4",null])", R"(2["7",0.5])", both, "binary:x",
                             "binary:y"}));
  EXPECT_EQ(got[3], (Packets{R"(2["4",null])", R"(2["5",true])", both, "binary:x", "binary:y"}));
}

TEST_P(BroadcastOperatorTest, APartOfAChainCanBeUsedAgain) {
  Connect();
  const BroadcastOperator a = nsp_->To("a");
  const BroadcastOperator narrow = a.Except("b");
  a.Emit("wide");
  narrow.Emit("narrow");
  a.Emit("wide again");
  const auto got = Got();
  EXPECT_EQ(got[0], (Packets{R"(2["wide"])", R"(2["narrow"])", R"(2["wide again"])"}));
  EXPECT_EQ(got[1], (Packets{R"(2["wide"])", R"(2["wide again"])"}));
  EXPECT_TRUE(got[2].empty() && got[3].empty());
}

TEST_P(BroadcastOperatorTest, ASocketSpeaksToAllOthers) {
  nsp_->On("speak", [](Socket& socket, const Ack& ack) {
    socket.Broadcast().Emit("1");
    socket.To("a").Emit("2");
    socket.In({"a", "b"}).Emit("3");
    socket.Except("b").Emit("4");
    socket.Local().Emit("5");
    socket.Volatile().To("b").Emit("6");
    socket.Compress(false).Broadcast().Except("a").Emit("7");
    socket.Emit("to me", 1);
    ack();
  });
  Connect();
  clients_[0].Send(R"(21["speak"])");
  EXPECT_EQ(clients_[0].Read(), R"(2["to me",1])");
  EXPECT_EQ(clients_[0].Read(), "31[]");
  const auto got = Got();
  EXPECT_TRUE(got[0].empty());
  EXPECT_EQ(got[1], (Packets{R"(2["1"])", R"(2["2"])", R"(2["3"])", R"(2["5"])", R"(2["6"])"}));
  EXPECT_EQ(got[2], (Packets{R"(2["1"])", R"(2["3"])", R"(2["5"])", R"(2["6"])", R"(2["7"])"}));
  EXPECT_EQ(got[3], (Packets{R"(2["1"])", R"(2["4"])", R"(2["5"])", R"(2["7"])"}));
}

TEST_P(BroadcastOperatorTest, TheServerSpeaksInItsMainNamespace) {
  Namespace& other = server_->Of("/other");
  Connect();
  EXPECT_EQ(&server_->main(), nsp_);
  other.Emit("elsewhere");
  server_->Emit("1", 1);
  server_->To("a").Except("b").Emit("2");
  server_->In("b").Emit("3");
  server_->Except({"a", "b"}).Emit("4");
  server_->Local().Emit("5");
  server_->Volatile().To("nobody").Emit("6");
  server_->Compress(false).To("nobody").Emit("7");
  const auto got = Got();
  EXPECT_EQ(got[0], (Packets{R"(2["1",1])", R"(2["2"])", R"(2["5"])"}));
  EXPECT_EQ(got[1], (Packets{R"(2["1",1])", R"(2["3"])", R"(2["5"])"}));
  EXPECT_EQ(got[2], (Packets{R"(2["1",1])", R"(2["3"])", R"(2["5"])"}));
  EXPECT_EQ(got[3], (Packets{R"(2["1",1])", R"(2["4"])", R"(2["5"])"}));
  std::promise<BroadcastAcks> acks;
  server_->Timeout(1000s).To(sids_[3]).EmitWithAck(
      "q", [&](BroadcastAcks all) { acks.set_value(std::move(all)); });
  EXPECT_EQ(clients_[3].Read(), R"(20["q"])");
  clients_[3].Send("30[]");
  EXPECT_EQ(acks.get_future().get().answers.size(), 1u);
}

TEST_P(BroadcastOperatorTest, AParentSpeaksInAllItsChildren) {
  ParentNamespace& parent = server_->OfRegex("/tenant-[0-9]+");
  parent.On("join", [](Socket& socket, const std::string& room, const Ack& ack) {
    socket.Join(room);
    ack(socket.nsp().name());
  });
  parent.OnInvalid([this](Socket& socket, const Event&, std::string_view why) {
    notes_.Add(socket.nsp().name() + " " + std::string(why));
  });
  Serve();
  EventClient one = Client();
  EventClient two = Client();
  one.Connect("/tenant-1");
  two.Connect("/tenant-2");
  one.Send(R"(2/tenant-1,1["join","a"])");
  EXPECT_EQ(one.Read(), R"(3/tenant-1,1["/tenant-1"])");
  two.Send(R"(2/tenant-2,1["join","b"])");
  EXPECT_EQ(two.Read(), R"(3/tenant-2,1["/tenant-2"])");
  two.Send(R"(2/tenant-2,2["join",7])");
  EXPECT_EQ(notes_.Take(), "/tenant-2 argument 1: not a string");
  parent.To("a").Emit("1", 1);
  parent.In({"a", "b"}).Except("a").Volatile().Compress(false).Emit("2", "x");
  parent.Except("b").Emit("3");
  parent.Local().Emit("4", nullptr);
  parent.Volatile().In("nobody").Emit("5");
  parent.Compress(true).In("b").Emit("6");
  parent.Emit("7", AsBytes("x"));
  for (const char* packet :
       {R"(2/tenant-1,["1",1])", R"(2/tenant-1,["3"])", R"(2/tenant-1,["4",null])",
        R"(51-/tenant-1,["7",{"_placeholder":true,"num":0}])", "binary:x"}) {
    EXPECT_EQ(one.Read(), packet);
  }
  for (const char* packet :
       {R"(2/tenant-2,["2","x"])", R"(2/tenant-2,["4",null])", R"(2/tenant-2,["6"])",
        R"(51-/tenant-2,["7",{"_placeholder":true,"num":0}])", "binary:x"}) {
    EXPECT_EQ(two.Read(), packet);
  }
}

TEST_P(BroadcastOperatorTest, GathersTypedAnswers) {
  Connect();
  std::promise<BroadcastAcks> acks;
  nsp_->In("a").Timeout(1000s).EmitWithAck(
      "double", 3, AsBytes("b"), [&](BroadcastAcks all) { acks.set_value(std::move(all)); });
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(clients_[i].Read(), R"(51-0["double",3,{"_placeholder":true,"num":0}])");
    EXPECT_EQ(clients_[i].Read(), "binary:b");
  }
  clients_[0].Send("30[6]");
  clients_[1].Send(R"(61-0[7,{"_placeholder":true,"num":0}])");
  clients_[1].SendBinary("x");
  BroadcastAcks all = acks.get_future().get();
  EXPECT_FALSE(all.timed_out);
  EXPECT_EQ(all.expected, 2u);
  ASSERT_EQ(all.answers.size(), 2u);
  const bool swapped = ReadArgs<int>(all.answers[0]) == std::tuple(7);
  if (swapped) std::swap(all.answers[0], all.answers[1]);
  EXPECT_EQ(ReadArgs<int>(all.answers[0]), std::tuple(6));
  EXPECT_EQ((ReadArgs<int, Bytes>(all.answers[0])), std::nullopt);
  const auto second = ReadArgs<int, Bytes>(all.answers[1]);
  ASSERT_TRUE(second);
  EXPECT_EQ(AsText(std::get<1>(*second)), "x");
}

TEST_P(BroadcastOperatorTest, WhatCameInTimeIsToldWithTheRestMissing) {
  Connect();
  std::promise<BroadcastAcks> acks;
  nsp_->To({"a", "b"}).Except(sids_[0]).Timeout(300ms).EmitWithAck("q", [&](BroadcastAcks all) {
    acks.set_value(std::move(all));
  });
  EXPECT_EQ(clients_[1].Read(), R"(20["q"])");
  EXPECT_EQ(clients_[2].Read(), R"(20["q"])");
  const BroadcastAcks all = acks.get_future().get();
  EXPECT_TRUE(all.timed_out);
  EXPECT_EQ(all.expected, 2u);
  EXPECT_TRUE(all.answers.empty());
}

TEST_P(BroadcastOperatorTest, ASocketAsksTheOthers) {
  nsp_->On("ask", [this](Socket& socket, const Ack& ack) {
    socket.Timeout(1000s).To("a").EmitWithAck("q", [this, ack](const BroadcastAcks& all) {
      ack(all.expected);
      notes_.Add(all.answers[0].json);
    });
  });
  Connect();
  clients_[0].Send(R"(21["ask"])");
  EXPECT_EQ(clients_[1].Read(), R"(20["q"])");
  clients_[1].Send("30[\"me\"]");
  EXPECT_EQ(clients_[0].Read(), "31[1]");
  EXPECT_EQ(notes_.Take(), "\"me\"");
}

TEST_P(BroadcastOperatorTest, ASocketIsAskedWithATimeout) {
  nsp_->On("ask-me", [this](Socket& socket, int timeout_ms) {
    socket.Timeout(std::chrono::milliseconds(timeout_ms))
        .EmitWithAck("q", 1, [this](const Reply<std::string>& reply) {
          notes_.Add(reply.timed_out() ? "timed out" : reply.value());
        });
  });
  nsp_->On("volatile-me", [](Socket& socket, Args args) { socket.Volatile().Emit("v", args); });
  nsp_->On("volatile-ask", [this](Socket& socket) {
    socket.Volatile().Timeout(1000s).EmitWithAck(
        "vq", [this](const Reply<>& reply) { notes_.Add(reply ? "answered" : "not answered"); });
  });
  Connect();
  clients_[0].Send(R"(2["ask-me",1])");
  EXPECT_EQ(clients_[0].Read(), R"(20["q",1])");
  EXPECT_EQ(notes_.Take(), "timed out");
  clients_[0].Send(R"(2["ask-me",1000000])");
  EXPECT_EQ(clients_[0].Read(), R"(21["q",1])");
  clients_[0].Send(R"(31["yes"])");
  EXPECT_EQ(notes_.Take(), "yes");
  clients_[0].Send(R"(2["volatile-me",1,{}])");
  EXPECT_EQ(clients_[0].Read(), R"(2["v",1,{}])");
  clients_[0].Send(R"(2["volatile-ask"])");
  EXPECT_EQ(clients_[0].Read(), R"(22["vq"])");
  clients_[0].Send("32[1]");
  EXPECT_EQ(notes_.Take(), "answered");
}

TEST_P(BroadcastOperatorTest, WhatIsVolatileIsLostWhileNoGetWaits) {
  nsp_->On("speak", [this](Socket& socket) {
    socket.nsp()
        .Volatile()
        .To(socket.sid())
        .Timeout(1ms)
        .EmitWithAck("fleeting", [this](const BroadcastAcks& all) {
          notes_.Add(std::to_string(all.expected) + (all.timed_out ? " timed out" : " answered"));
        });
    socket.Volatile().Timeout(1ms).EmitWithAck("fleeting", [this](const Reply<>& reply) {
      notes_.Add(reply.timed_out() ? "timed out" : "answered");
    });
    socket.nsp().Volatile().Emit("fleeting", 1);
    socket.Volatile().Emit("fleeting", 2);
    socket.Emit("kept", 3);
  });
  Serve();
  testing::HttpClient http(shards_->port());
  const std::string target = "/socket.io/?EIO=4&transport=polling";
  const std::string sid = Member(http.Get(target).body, "sid");
  http.Post(target + "&sid=" + sid,
            "40\x1e"
            R"(42["speak"])");
  EXPECT_EQ(Sorted({notes_.Take(), notes_.Take()}), (Packets{"1 timed out", "timed out"}));
  const std::string body = http.Get(target + "&sid=" + sid).body;
  EXPECT_EQ(body.find("fleeting"), std::string::npos) << body;
  EXPECT_NE(body.find(R"(42["kept",3])"), std::string::npos) << body;
}

TEST_P(BroadcastOperatorTest, SaysWhatIsNotToBePacked) {
  nsp_->OnConnection([](Socket& socket) {
    const auto reads = [](const Reply<>&) {};
    const std::string& how = socket.handshake()->auth_json;
    const std::string text(5'000, 'x');
    if (how == R"({"how":1})") socket.Emit("to one", text);
    if (how == R"({"how":2})") socket.Compress(false).Emit("to one", text);
    if (how == R"({"how":3})") socket.Compress(false).EmitWithAck("to one", text, reads);
    if (how == R"({"how":4})") socket.nsp().Compress(false).Emit("to all", text);
  });
  Serve();
  const std::string target = "/socket.io/?EIO=4&transport=polling";
  const auto packed = [&](const std::string& how) {
    testing::HttpClient http(shards_->port());
    const std::string sid = Member(http.Get(target).body, "sid");
    EXPECT_EQ(http.Post(target + "&sid=" + sid, R"(40{"how":)" + how + "}").status, 200);
    return http.Do("GET", target + "&sid=" + sid, {"Accept-Encoding: gzip"})
        .Header("Content-Encoding")
        .has_value();
  };
  EXPECT_TRUE(packed("1"));
  for (const char* how : {"2", "3", "4"}) EXPECT_FALSE(packed(how)) << how;
}

TEST_P(BroadcastOperatorTest, ChangesWhereSocketsAre) {
  Connect();
  nsp_->In("a").Except("b").SocketsJoin({"c", "d"});
  EXPECT_EQ(SidsOf(nsp_->In("c")), std::vector<std::string>{sids_[0]});
  nsp_->Local().In("b").SocketsJoin("c");
  EXPECT_EQ(SidsOf(nsp_->In("c").Local()), Sorted({sids_[0], sids_[1], sids_[2]}));
  nsp_->In("a").SocketsLeave({"c"});
  EXPECT_EQ(SidsOf(nsp_->In("c")), std::vector<std::string>{sids_[2]});
  nsp_->Local().In("d").SocketsLeave("d");
  EXPECT_TRUE(SidsOf(nsp_->In("d")).empty());
  nsp_->SocketsJoin("everyone");
  EXPECT_EQ(SidsOf(nsp_->To("everyone")), Sorted(sids_));
  nsp_->SocketsLeave({"everyone"});
  EXPECT_TRUE(SidsOf(nsp_->To("everyone")).empty());
  nsp_->In("a").Except("b").DisconnectSockets();
  EXPECT_EQ(clients_[0].Read(), "1");
  nsp_->Local().In("a").DisconnectSockets(true);
  EXPECT_EQ(clients_[1].Read(), "1");
  EXPECT_EQ(clients_[1].Read(), "<closed>");
  EXPECT_EQ(SidsOf(nsp_->Except("nobody")), Sorted({sids_[2], sids_[3]}));
  const auto all = test::Await<Found>([&](auto done) { nsp_->FetchSockets(std::move(done)); });
  EXPECT_EQ(all->size(), 2u);
  nsp_->DisconnectSockets();
  EXPECT_EQ(clients_[3].Read(), "1");
}

/// Notes what it is asked to carry to other servers.
class NotingAdapter final : public Adapter {
 public:
  NotingAdapter(net::Loop& loop, testing::Notes& notes) : loop_(loop), notes_(notes) {}

  net::Loop& loop() override { return loop_; }
  void Start(std::function<void()> done) override { done(); }
  void Broadcast(const socketio::Broadcast& broadcast) override { Note("emit", broadcast); }
  void BroadcastWithAck(const socketio::Broadcast& broadcast, std::chrono::milliseconds timeout,
                        std::function<void(uint64_t)> on_expected,
                        std::function<void(Args)> on_ack) override {
    Note("ask " + std::to_string(timeout.count()), broadcast);
    on_expected(1);
    on_ack({"\"elsewhere\"", {}});
  }
  void SocketsJoin(const SocketFilter& filter, const std::vector<std::string>& rooms) override {
    notes_.Add("join " + ToJson(std::tuple(filter.rooms, filter.except, rooms)).text);
  }
  void SocketsLeave(const SocketFilter&, const std::vector<std::string>&) override {
    notes_.Add("leave");
  }
  void DisconnectSockets(const SocketFilter&, bool) override { notes_.Add("disconnect"); }
  void FetchSockets(const SocketFilter&, std::function<void(Found)> done) override {
    RemoteSocket one;
    one.sid = "elsewhere";
    done(std::vector<RemoteSocket>{one});
  }
  void ServerSideEmit(const std::string& arguments_json,
                      std::function<void(ServerAnswers)> done) override {
    notes_.Add(arguments_json);
    if (done) done({{"1"}, false});
  }
  void ServerCount(std::function<void(Result<uint64_t>)> done) override { done(uint64_t{2}); }

 private:
  void Note(const std::string& what, const socketio::Broadcast& one) {
    const auto flags = std::vector<bool>{one.is_volatile, one.local_only, one.compress};
    notes_.Add(what + " " + one.event + " " + one.args.json + " " +
               ToJson(std::tuple(one.rooms, one.except, flags)).text);
  }

  net::Loop& loop_;
  testing::Notes& notes_;
};

class BroadcastClusterTest : public BroadcastOperatorTest {
 protected:
  void SetUp() override {
    BroadcastOperatorTest::SetUp();
    server_->UseAdapter(*nsp_, std::make_unique<NotingAdapter>(*shards_->shards().front(), notes_));
  }
  void TearDown() override {
    server_->StopAdapters();
    BroadcastOperatorTest::TearDown();
  }
};

INSTANTIATE_TEST_SUITE_P(Shards, BroadcastClusterTest, ::testing::Values(1, 2));

TEST_P(BroadcastClusterTest, OtherServersHearOfAllButWhatIsLocal) {
  nsp_->On("speak", [](Socket& socket) { socket.To("a").Emit("from me"); });
  Connect();
  nsp_->To("a").Except("b").Emit("1", 2);
  EXPECT_EQ(notes_.Take(), R"(emit 1 2 [["a"],["b"],[false,false,true]])");
  nsp_->Local().To("a").Emit("never heard");
  nsp_->Volatile().Compress(false).Emit("2");
  EXPECT_EQ(notes_.Take(), "emit 2  [[],[],[true,false,false]]");
  clients_[3].Send(R"(2["speak"])");
  EXPECT_EQ(notes_.Take(), "emit from me  [[\"a\"],[\"" + sids_[3] + "\"],[false,false,true]]");
  nsp_->In("a").Local().SocketsJoin("never");
  nsp_->In("a").SocketsJoin({"x", "y"});
  EXPECT_EQ(notes_.Take(), R"(join [["a"],[],["x","y"]])");
  nsp_->In("never").Local().SocketsLeave("never");
  nsp_->In("never").Local().DisconnectSockets();
  nsp_->In("nobody").SocketsLeave("x");
  EXPECT_EQ(notes_.Take(), "leave");
  nsp_->In("nobody").DisconnectSockets();
  EXPECT_EQ(notes_.Take(), "disconnect");
  EXPECT_EQ(SidsOf(nsp_->In("a").Except("b")), Sorted({sids_[0], "elsewhere"}));
  EXPECT_EQ(SidsOf(nsp_->In("a").Except("b").Local()), std::vector<std::string>{sids_[0]});
}

TEST_P(BroadcastClusterTest, AnswersComeFromOtherServersUnlessItIsLocal) {
  Connect();
  for (const bool local : {false, true}) {
    std::promise<BroadcastAcks> acks;
    BroadcastOperator chosen = nsp_->To(sids_[0]).Timeout(1000s);
    if (local) chosen = chosen.Local();
    chosen.EmitWithAck("q", 1, [&](BroadcastAcks all) { acks.set_value(std::move(all)); });
    const std::string question = clients_[0].Read();
    EXPECT_EQ(question.substr(question.find('[')), R"(["q",1])");
    if (!local) {
      EXPECT_EQ(notes_.Take(), "ask 1000000 q 1 [[\"" + sids_[0] + "\"],[],[false,false,true]]");
    }
    clients_[0].Send("3" + question.substr(1, question.find('[') - 1) + "[\"here\"]");
    Packets answers;
    for (const Args& answer : acks.get_future().get().answers) answers.push_back(answer.json);
    Packets wanted{"\"here\""};
    if (!local) wanted.insert(wanted.begin(), "\"elsewhere\"");
    EXPECT_EQ(Sorted(answers), wanted);
  }
}

TEST_P(BroadcastClusterTest, ServersTellEachOtherValues) {
  nsp_->OnServerSide("add", [this](int a, std::optional<int> b, const Ack& ack) {
    notes_.Add("add " + std::to_string(a + b.value_or(0)));
    ack(a + b.value_or(0), "ignored");
  });
  nsp_->OnServerSide("raw", [this](std::string_view args_json, const ServerSideAnswer& answer) {
    notes_.Add("raw " + std::string(args_json));
    answer("7");
  });
  nsp_->OnServerSide("bytes", [](const Ack& ack) { ack(AsBytes("x")); });
  nsp_->OnServerSide("empty", [](const Ack& ack) { ack(); });
  Serve();
  EXPECT_TRUE(nsp_->ServerSideEmit("hello", 1, "two", std::vector<int>{3}));
  EXPECT_EQ(notes_.Take(), R"(["hello",1,"two",[3]])");
  EXPECT_TRUE(nsp_->ServerSideEmit("alone"));
  EXPECT_EQ(notes_.Take(), R"(["alone"])");
  const auto answers = test::Await<ServerAnswers>(
      [&](auto done) { nsp_->ServerSideEmitWithAck("ask", 1, std::move(done)); });
  EXPECT_EQ(notes_.Take(), R"(["ask",1])");
  EXPECT_EQ(answers.answers, Packets{"1"});
  EXPECT_FALSE(nsp_->ServerSideEmit("binary", AsBytes("x")));
  const auto none = test::Await<ServerAnswers>([&](auto done) {
    EXPECT_FALSE(nsp_->ServerSideEmitWithAck("binary", AsBytes("x"), std::move(done)));
  });
  EXPECT_TRUE(none.answers.empty());

  const auto tell = [&](const std::string& arguments) {
    std::string answer = "none";
    EXPECT_TRUE(nsp_->local().ServerSide(arguments, [&](std::string json) { answer = json; }));
    return answer;
  };
  EXPECT_EQ(tell(R"(["add",1,2])"), "3");
  EXPECT_EQ(notes_.Take(), "add 3");
  EXPECT_EQ(tell(R"(["add",1])"), "1");
  EXPECT_EQ(notes_.Take(), "add 1");
  EXPECT_EQ(tell(R"(["add","1"])"), "none");
  EXPECT_EQ(tell(R"(["raw",1,2])"), "7");
  EXPECT_EQ(notes_.Take(), "raw [1,2]");
  EXPECT_EQ(tell(R"(["bytes"])"), "null");
  EXPECT_EQ(tell(R"(["empty"])"), "null");
  EXPECT_TRUE(notes_.empty());
}

}  // namespace
}  // namespace trackwire::socketio
