// Namespaces that are made when a client wants to join them.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "socketio/namespace_registry.h"
#include "socketio/parent_namespace.h"
#include "tests/socketio/server_harness.h"

namespace trackwire::socketio {
namespace {

using namespace std::chrono_literals;
using testing::EventClient;
using testing::Member;

class DynamicNamespaceTest : public testing::ServerFixture {
 protected:
  Server& Start(Options options = {}) {
    Prepare(std::move(options));
    return *server_;
  }
  static Options CleaningUp() {
    Options options;
    options.cleanup_empty_child_namespaces = true;
    return options;
  }
  static void Echo(HandlerSet& handlers) {
    handlers.On("message", [](Socket& socket, const Event& event, const AckFn& ack) {
      Args args{std::string(event.args_json.substr(1, event.args_json.size() - 2)), {}};
      if (ack) ack(args);
      socket.Emit("message-back", args);
    });
  }
  static void Refused(EventClient& client, const std::string& nsp, const std::string& why) {
    client.Send("0" + nsp + ",");
    EXPECT_EQ(client.Read(), "4" + nsp + ",{\"message\":\"" + why + "\"}");
  }
  bool Exists(const std::string& name) { return server_->Find(name) != nullptr; }
  void WaitUntilGone(const std::string& name) {
    while (Exists(name)) std::this_thread::yield();
  }
};

INSTANTIATE_TEST_SUITE_P(Shards, DynamicNamespaceTest, ::testing::Values(1, 2, 3));

TEST_P(DynamicNamespaceTest, IsMadeForTheFirstClientWithWhatItsParentHas) {
  Server& server = Start();
  server.OnNewNamespace([this](Namespace& nsp) { notes_.Add("new " + nsp.name()); });
  ParentNamespace& parent = server.OfRegex(R"(^\/dynamic-\d+$)");
  Echo(parent);
  parent.OnCreate([](Namespace& child) {
    child.On("name", [&child](Socket&, const Event&, const AckFn& ack) {
      ack({"\"" + child.name() + "\"", {}});
    });
  });
  Serve();
  EventClient first = Client();
  first.Connect("/dynamic-1");
  EXPECT_EQ(notes_.Take(), "new /dynamic-1");
  first.Send(R"(2/dynamic-1,5["message",1])");
  EXPECT_EQ(first.Read(), "3/dynamic-1,5[1]");
  EXPECT_EQ(first.Read(), R"(2/dynamic-1,["message-back",1])");

  EventClient second = Client();
  second.Connect("/dynamic-1");
  second.Connect("/dynamic-2");
  EXPECT_EQ(notes_.Take(), "new /dynamic-2");
  second.Send(R"(2/dynamic-2,7["name"])");
  EXPECT_EQ(second.Read(), R"(3/dynamic-2,7["/dynamic-2"])");
  server.Of("/dynamic-1").Emit("news", {"1", {}});
  EXPECT_EQ(first.Read(), R"(2/dynamic-1,["news",1])");
  EXPECT_EQ(second.Read(), R"(2/dynamic-1,["news",1])");
  parent.Emit("all", {"2", {}});
  EXPECT_EQ(first.Read(), R"(2/dynamic-1,["all",2])");
  EXPECT_EQ(parent.children().size(), 2u);

  Refused(first, "/dynamic-x", "Invalid namespace");
  Refused(first, "/dynamic-" + std::string(248, '1'), "Invalid namespace");
  first.Connect("/dynamic-" + std::string(247, '1'));
  EXPECT_FALSE(Exists("/dynamic-x"));
}

TEST_P(DynamicNamespaceTest, TheFirstParentThatTakesTheNameHasIt) {
  Server& server = Start();
  const auto greet = [](const char* who) {
    return [who](Socket& socket) { socket.Emit(who, {}); };
  };
  server.Of("/fixed").OnConnection(greet("fixed"));
  server
      .OfMatching([](std::string_view name, const Handshake&, auto answer) {
        answer(name == "/a");
        answer(true);  // too late
      })
      .OnConnection(greet("first"));
  server.OfRegex("^/").OnConnection(greet("second"));
  server.OfRegex("^/a").OnConnection(greet("third"));
  Serve();
  EventClient client = Client();

  client.Connect("/a");
  EXPECT_EQ(client.Read(), R"(2/a,["first"])");
  client.Connect("/aa");
  EXPECT_EQ(client.Read(), R"(2/aa,["second"])");
  client.Connect("/fixed");
  EXPECT_EQ(client.Read(), R"(2/fixed,["fixed"])");
}

/// Answers of a matcher, given when the test says so, from a thread that is no shard's.
class Later {
 public:
  NamespaceMatcher Matcher() {
    return [this](std::string_view name, const Handshake& handshake, auto answer) {
      const std::lock_guard lock(mutex_);
      asked_.push_back(std::string(name) + handshake.auth_json);
      answers_.push_back(std::move(answer));
    };
  }
  std::string WaitForQuestion(size_t number) {
    for (;;) {
      const std::lock_guard lock(mutex_);
      if (asked_.size() > number) return asked_[number];
    }
  }
  void Answer(size_t number, bool yes) {
    const std::lock_guard lock(mutex_);
    answers_[number](yes);
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> asked_;
  std::vector<std::function<void(bool)>> answers_;
};

TEST_P(DynamicNamespaceTest, AMatcherMayAnswerLater) {
  Later later;
  Server& server = Start();
  Echo(server.OfMatching(later.Matcher()));
  Serve();
  EventClient client = Client();
  EventClient other = Client();
  client.Send(R"(0/room,{"token":1})");
  EXPECT_EQ(later.WaitForQuestion(0), R"(/room{"token":1})");
  client.Send("0/other,");
  EXPECT_EQ(later.WaitForQuestion(1), "/other{}");
  other.Send("0/room,");  // as unknown as before
  EXPECT_EQ(later.WaitForQuestion(2), "/room{}");

  later.Answer(1, false);
  EXPECT_EQ(client.Read(), R"(4/other,{"message":"Invalid namespace"})");
  later.Answer(0, true);
  EXPECT_EQ(client.Read().substr(0, 13), R"(0/room,{"sid")");
  later.Answer(2, true);
  EXPECT_EQ(other.Read().substr(0, 13), R"(0/room,{"sid")");
  client.Send(R"(2/room,["message",1])");
  EXPECT_EQ(client.Read(), R"(2/room,["message-back",1])");
  EXPECT_EQ(server.Of("/room").shards().size(), static_cast<size_t>(GetParam()));
}

TEST_P(DynamicNamespaceTest, AClientMayGoBeforeTheAnswer) {
  Later later;
  Server& server = Start(CleaningUp());
  server.OfMatching(later.Matcher());
  Serve();
  {
    EventClient client = Client();
    client.Send("0/room,");
    later.WaitForQuestion(0);
    client.Send("7");  // no packet: the connection ends
    EXPECT_EQ(client.Read(), "<closed>");
  }
  later.Answer(0, true);

  EventClient next = Client();
  next.Send("0/room,");
  later.WaitForQuestion(1);
  later.Answer(1, true);
  EXPECT_EQ(next.Read().substr(0, 13), R"(0/room,{"sid")");
  EXPECT_EQ(Sum().sockets, 1u);
}

TEST_P(DynamicNamespaceTest, ANamespaceThatIsAwaitedIsNotJoinedYet) {
  Later later;
  Options options;
  options.max_namespaces_per_client = 2;
  Start(options).OfMatching(later.Matcher());
  Serve();
  for (const char* wrong : {"0/room,", R"(2/room,["x"])", "1/room,", "0/third,"}) {
    EventClient client = Client();
    client.Send("0/room,");
    client.Send("0/second,");
    client.Send(wrong);
    EXPECT_EQ(client.Read(), "<closed>") << wrong;
  }
}

TEST_P(DynamicNamespaceTest, ASilentMatcherIsEndedByTheConnectTimeOut) {
  Later later;
  Options options;
  options.connect_timeout = 100ms;
  Start(options).OfMatching(later.Matcher());
  Serve();
  EventClient client = Client();
  client.Connect();
  client.Send("0/room,");
  EXPECT_EQ(client.Read(), "<closed>");
}

TEST_P(DynamicNamespaceTest, WhatThrowsRefusesTheClientOnly) {
  Server& server = Start();
  server
      .OfMatching([](std::string_view name, const Handshake&, auto answer) {
        if (name == "/matcher") throw std::runtime_error("matcher");
        answer(true);
      })
      .OnCreate([tries = 0](Namespace& child) mutable {
        if (child.name() == "/create" && tries++ == 0) throw std::runtime_error("create");
      });
  Serve();
  EventClient client = Client();

  Refused(client, "/matcher", "Internal server error");
  Refused(client, "/create", "Internal server error");
  EXPECT_FALSE(Exists("/create"));
  client.Connect("/create");
  EXPECT_TRUE(Exists("/create"));
}

TEST_P(DynamicNamespaceTest, ThereAreOnlySoMany) {
  Options options = CleaningUp();
  options.max_child_namespaces = 2;
  Server& server = Start(options);
  server.OfRegex("^/room-");
  Serve();
  EventClient client = Client();
  client.Connect("/room-1");
  client.Connect("/room-2");

  Refused(client, "/room-3", "Too many namespaces");
  EXPECT_EQ(&server.Of("/room-2"), server.Find("/room-2").get());
  client.Send("1/room-1,");
  WaitUntilGone("/room-1");
  client.Connect("/room-3");
}

TEST_P(DynamicNamespaceTest, GoesWithItsLastClientUnlessItIsKept) {
  Server& server = Start(CleaningUp());
  ParentNamespace& parent = server.OfRegex("^/room-");
  parent.OnDisconnect(
      [this](Socket& socket, DisconnectReason) { notes_.Add("left " + socket.nsp().name()); });
  parent.Use([](Socket& socket, Next next) {
    if (socket.handshake()->auth_json == "{}") return next(std::nullopt);
    next(ConnectError{"no", {}});
  });
  Serve();
  EventClient client = Client();
  EventClient other = Client();
  for (int round = 0; round < 3; ++round) {
    client.Connect("/room-1");
    other.Connect("/room-1");
    client.Send("1/room-1,");
    EXPECT_EQ(notes_.Take(), "left /room-1");
    EXPECT_TRUE(Exists("/room-1"));
    other.Send("1/room-1,");
    EXPECT_EQ(notes_.Take(), "left /room-1");
    WaitUntilGone("/room-1");
  }

  client.Send(R"(0/room-2,{"wrong":1})");
  EXPECT_EQ(client.Read(), R"(4/room-2,{"message":"no"})");
  WaitUntilGone("/room-2");

  client.Connect("/room-3");
  auto held = server.Find("/room-3");
  client.Send("1/room-3,");
  EXPECT_EQ(notes_.Take(), "left /room-3");
  shards_->WaitUntil(0, [] { return true; });
  EXPECT_TRUE(Exists("/room-3"));
  held->Emit("nobody", {});
  held.reset();
  WaitUntilGone("/room-3");

  Namespace& kept = server.Of("/room-4");
  client.Connect("/room-4");
  client.Send("1/room-4,");
  EXPECT_EQ(notes_.Take(), "left /room-4");
  shards_->WaitUntil(0, [] { return true; });
  EXPECT_EQ(server.Find("/room-4").get(), &kept);
}

/// What a program keeps of a namespace that has gone is of no effect, and of no harm.
TEST_P(DynamicNamespaceTest, OutlivesWhatIsStillToBeSaidInIt) {
  Server& server = Start(CleaningUp());
  ParentNamespace& parent = server.OfRegex("^/room$");
  std::mutex mutex;
  std::vector<AckFn> acks;
  std::vector<Next> nexts;
  parent.On("keep", [&](Socket&, const Event&, AckFn ack) {
    const std::lock_guard lock(mutex);
    acks.push_back(std::move(ack));
    notes_.Add("kept");
  });
  parent.Use([&](Socket& socket, Next next) {
    if (socket.handshake()->auth_json == "{}") return next(std::nullopt);
    const std::lock_guard lock(mutex);
    nexts.push_back(std::move(next));
    notes_.Add("kept");
  });
  Serve();
  EventClient client = Client();
  client.Connect("/room");
  client.Send(R"(2/room,1["keep"])");
  EXPECT_EQ(notes_.Take(), "kept");
  client.Send("1/room,");
  client.Send(R"(0/room,{"late":1})");
  EXPECT_EQ(notes_.Take(), "kept");
  client.websocket().Cut();
  for (net::Shard* shard : shards_->shards()) {
    shards_->WaitUntil(shard->index(), [&] { return server_->counters(*shard).sockets == 0; });
  }
  EXPECT_TRUE(Exists("/room"));

  shards_->shard(0).Run([&] {
    for (Next& next : nexts) next(std::nullopt);
    nexts.clear();
    acks.clear();
  });
  WaitUntilGone("/room");
}

/// Clients come to the same few namespaces and go again on all shards at once, while the program
/// talks to whatever there is: nobody is lost, and nothing is used after its end.
TEST_P(DynamicNamespaceTest, ComesAndGoesOnAllShards) {
  Server& server = Start(CleaningUp());
  std::atomic<int> made{0};
  ParentNamespace& parent = server.OfRegex("^/room-[0-9]$");
  Echo(parent);
  parent.OnCreate([&](Namespace&) { ++made; });
  Serve();
  std::atomic<bool> stop{false};
  std::thread talker([&] {
    for (int i = 0; !stop; ++i) {
      parent.Emit("noise", {std::to_string(i), {}});
      if (const auto room = server.Find("/room-1")) {
        room->SocketsJoin({}, {"club"});
        room->FetchSockets({}, [](const auto&) {});
      }
      shards_->shard(0).Run([] {});  // no faster than a shard can hear it
    }
  });
  std::vector<std::thread> crowd;
  for (int c = 0; c < 6; ++c) {
    crowd.emplace_back([&, c] {
      EventClient client = Client();
      const auto read = [&] {
        for (;;) {
          std::string packet = client.Read();
          if (packet.find("\"noise\"") == std::string::npos) return packet;
        }
      };
      for (int i = 0; i < 40; ++i) {
        const std::string room = "/room-" + std::to_string((c + i) % 3);
        client.Send("0" + room + ",");
        ASSERT_EQ(read().substr(0, 2 + room.size()), "0" + room + ",");
        client.Send("2" + room + ",[\"message\"," + std::to_string(i) + "]");
        ASSERT_EQ(read(), "2" + room + ",[\"message-back\"," + std::to_string(i) + "]");
        client.Send("1" + room + ",");
      }
    });
  }
  for (std::thread& thread : crowd) thread.join();
  stop = true;
  talker.join();
  for (const char* room : {"/room-0", "/room-1", "/room-2"}) WaitUntilGone(room);
  EXPECT_GE(made, 3);
}

/// Counts what becomes of it; everything else is nobody's business here.
class CountingAdapter final : public Adapter {
 public:
  struct Counts {
    std::atomic<int> started{0};
    std::atomic<int> destroyed{0};
    std::atomic<int> broadcasts{0};
  };
  CountingAdapter(net::Loop& loop, Counts& counts) : loop_(loop), counts_(counts) {}
  ~CountingAdapter() override { ++counts_.destroyed; }

  net::Loop& loop() override { return loop_; }
  void Start(std::function<void()> done) override {
    ++counts_.started;
    done();
  }
  void Broadcast(const socketio::Broadcast&) override {
    ++counts_.broadcasts;
    ++counters_.sent;
  }
  void BroadcastWithAck(const socketio::Broadcast&, std::chrono::milliseconds,
                        std::function<void(uint64_t)>, std::function<void(Args)>) override {}
  void SocketsJoin(const SocketFilter&, const std::vector<std::string>&) override {}
  void SocketsLeave(const SocketFilter&, const std::vector<std::string>&) override {}
  void DisconnectSockets(const SocketFilter&, bool) override {}
  void FetchSockets(const SocketFilter&,
                    std::function<void(Result<std::vector<RemoteSocket>>)> done) override {
    done(std::vector<RemoteSocket>());
  }
  void ServerSideEmit(const std::string&, std::function<void(ServerAnswers)>) override {}

 private:
  net::Loop& loop_;
  Counts& counts_;
};

TEST_P(DynamicNamespaceTest, HasAnAdapterOfItsOwn) {
  net::Loop loop("bus");
  loop.Start();
  CountingAdapter::Counts counts;
  Server& server = Start(CleaningUp());
  server.OfRegex("^/room-").UseAdapter(
      [&](Namespace&) { return std::make_unique<CountingAdapter>(loop, counts); });
  Serve();
  server.StartAdapters();
  EventClient client = Client();
  client.Connect("/room-1");
  client.Connect("/room-2");
  server.Find("/room-1")->Emit("news", {});
  EXPECT_EQ(client.Read(), R"(2/room-1,["news"])");
  loop.Run([] {});
  EXPECT_EQ(counts.started, 2);
  EXPECT_EQ(counts.broadcasts, 1);

  client.Send("1/room-1,");
  while (counts.destroyed == 0) std::this_thread::yield();
  EXPECT_EQ(server.adapter_counters().sent, 1u);
  EXPECT_TRUE(Exists("/room-2"));
  server.StopAdapters();
  EXPECT_EQ(counts.destroyed, 2);
  client.Connect("/room-3");  // alone, for the bus may be gone
  shards_->Stop();
  EXPECT_EQ(counts.destroyed, 2);
  EXPECT_EQ(server.Find("/room-3")->has_adapter(), false);
  loop.Stop();
}

TEST_P(DynamicNamespaceTest, MayBeAskedForByTheProgramAtAnyTime) {
  Server& server = Start();
  Echo(server.OfRegex("^/room-"));
  Namespace& early = server.Of("/room-1");
  Serve();
  Namespace& late = server.Of("/room-2");
  Namespace& other = server.Of("elsewhere");
  EXPECT_EQ(&server.Of("/elsewhere"), &other);
  EventClient client = Client();
  for (Namespace* nsp : {&early, &late}) {
    client.Connect(nsp->name());
    client.Send("2" + nsp->name() + R"(,["message"])");
    EXPECT_EQ(client.Read(), "2" + nsp->name() + R"(,["message-back"])");
  }
  client.Connect("/elsewhere");
  EXPECT_EQ(server.Find("/nowhere"), nullptr);
}

TEST_P(DynamicNamespaceTest, MayBeUsedByOneThreadWhileAnotherMakesIt) {
  net::Loop loop("bus");
  loop.Start();
  CountingAdapter::Counts counts;
  std::atomic<bool> making = false;
  std::atomic<bool> used = false;
  Server& server = Start();
  server.OfRegex("^/room-").UseAdapter([&](Namespace&) {
    making = true;
    while (!used) std::this_thread::yield();
    return std::make_unique<CountingAdapter>(loop, counts);
  });
  Serve();
  server.StartAdapters();
  std::thread maker([&server] { server.Of("/room-1"); });
  while (!making) std::this_thread::yield();
  Namespace& nsp = server.Of("/room-1");
  nsp.Emit("early", {});  // nobody there to hear it
  used = true;
  while (!nsp.has_adapter()) nsp.Emit("meanwhile", {}, {"somebody"});
  nsp.Emit("news", {});
  maker.join();
  loop.Run([] {});
  EXPECT_EQ(counts.started, 1);
  EXPECT_GE(counts.broadcasts, 1);
  server.StopAdapters();
  shards_->Stop();
  loop.Stop();
}

}  // namespace
}  // namespace trackwire::socketio
