#include "socketio/namespace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "tests/socketio/server_harness.h"

namespace trackwire::socketio {
namespace {

using testing::EventClient;
using testing::Member;

std::string FirstString(const Event& event) {
  const size_t end = event.args_json.find('"', 2);
  return std::string(event.args_json.substr(2, end - 2));
}

class NamespaceTest : public testing::ServerFixture {
 protected:
  void SetUp() override {
    ServerFixture::SetUp();
    nsp_ = &Prepare();
    nsp_->On("join", [](Socket& socket, const Event& event, const AckFn& ack) {
      socket.Join(FirstString(event));
      ack({});
    });
    nsp_->On("leave", [](Socket& socket, const Event& event, const AckFn& ack) {
      socket.Leave(FirstString(event));
      ack({});
    });
    nsp_->On("where", [this](Socket& socket, const Event&, const AckFn& ack) {
      refs_.emplace_back(socket.ref());
      ack({});
    });
    Serve();
  }
  static void Do(EventClient& client, const std::string& event, const std::string& room = "") {
    client.Send("21[\"" + event + "\",\"" + room + "\"]");
    EXPECT_EQ(client.Read(), "31[]");
  }
  /// What a client has got until a broadcast to all that is sent now.
  std::vector<std::string> Drain(EventClient& client) {
    std::vector<std::string> got;
    for (;;) {
      std::string packet = client.Read();
      if (packet == R"(2["end"])" || packet == "<closed>") return got;
      got.push_back(std::move(packet));
    }
  }
  void EndAll() { nsp_->Emit("end", {}); }

  Namespace* nsp_ = nullptr;
  std::vector<SocketRef> refs_;
};

INSTANTIATE_TEST_SUITE_P(Shards, NamespaceTest, ::testing::Values(1, 2));

TEST_P(NamespaceTest, BroadcastsReachEachMemberOnce) {
  EventClient a = Client();
  const std::string sid_a = Member(a.Connect(), "sid");
  EventClient b = Connected();
  EventClient c = Connected();
  Do(a, "join", "r1");
  Do(a, "join", "r2");
  Do(b, "join", "r2");
  nsp_->Emit("both", {"1", {}}, {"r1", "r2"});
  nsp_->Emit("not-a", {"2", {}}, {"r1", "r2"}, {sid_a});
  nsp_->Emit("not-r1", {"3", {}}, {}, {"r1", "nobody"});
  nsp_->Emit("own-room", {"4", {}}, {sid_a, "r1"});
  nsp_->Emit("none", {"5", {}}, {"nobody"});
  nsp_->Emit("bytes", {R"({"_placeholder":true,"num":0})", {"b"}}, {"r1"});
  EndAll();
  using All = std::vector<std::string>;
  EXPECT_EQ(Drain(a), (All{R"(2["both",1])", R"(2["own-room",4])",
                           R"(51-["bytes",{"_placeholder":true,"num":0}])", "binary:b"}));
  EXPECT_EQ(Drain(b), (All{R"(2["both",1])", R"(2["not-a",2])", R"(2["not-r1",3])"}));
  EXPECT_EQ(Drain(c), (All{R"(2["not-r1",3])"}));
}

TEST_P(NamespaceTest, ADeliveryCanBeForOneSocketAndIntersectsItsRooms) {
  EventClient a = Client();
  const std::string sid = Member(a.Connect(), "sid");
  EventClient b = Connected();
  Do(a, "join", "r");
  Do(b, "join", "r");
  const auto deliver = [&](const std::string& event, std::vector<std::string> rooms,
                           std::vector<std::string> except) {
    auto delivery = std::make_shared<Delivery>();
    delivery->socket_sid = sid;
    delivery->rooms = std::move(rooms);
    delivery->except = std::move(except);
    delivery->plain = EncodeEvent("/", event, "", "", {});
    nsp_->Deliver({delivery});
  };
  deliver("direct", {}, {});
  deliver("in-room", {"r"}, {});
  deliver("elsewhere", {"other"}, {});
  deliver("excepted", {}, {"r"});
  EndAll();
  EXPECT_EQ(Drain(a), (std::vector<std::string>{R"(2["direct"])", R"(2["in-room"])"}));
  EXPECT_TRUE(Drain(b).empty());
}

TEST_P(NamespaceTest, ADeliveryCanAskAboutSomeOfItsSockets) {
  EventClient a = Client();
  const std::string sid_a = Member(a.Connect(), "sid");
  EventClient b = Connected();
  EventClient c = Connected();
  Do(a, "join", "ask");
  Do(b, "join", "ask");
  Do(b, "join", "sure");
  const auto deliver = [&](const std::string& event, std::vector<std::string> sure, bool allow,
                           const std::string& sid) {
    auto delivery = std::make_shared<Delivery>();
    delivery->rooms = std::move(sure);
    delivery->checked_rooms = {"ask"};
    delivery->socket_sid = sid;
    delivery->check = [allow, sid_a](const Socket& socket) {
      return allow && socket.sid() == sid_a;
    };
    delivery->plain = EncodeEvent("/", event, "", "", {});
    nsp_->Deliver({delivery});
  };
  deliver("both", {"sure"}, true, "");
  deliver("sure-ones", {"sure"}, false, "");
  deliver("asked-ones", {}, true, "");
  deliver("one", {"nobody"}, true, sid_a);
  deliver("none", {"ask"}, false, sid_a);
  EndAll();
  using All = std::vector<std::string>;
  EXPECT_EQ(Drain(a), (All{R"(2["both"])", R"(2["asked-ones"])", R"(2["one"])"}));
  EXPECT_EQ(Drain(b), (All{R"(2["both"])", R"(2["sure-ones"])"}));
  EXPECT_TRUE(Drain(c).empty());
}

TEST_P(NamespaceTest, OffsetsAdvanceThoughNobodyListens) {
  auto delivery = std::make_shared<Delivery>();
  delivery->rooms = {"nobody"};
  delivery->offset = "7-0";
  delivery->plain = EncodeEvent("/", "e", "", "", {});
  nsp_->Deliver({delivery});
  for (net::Shard* shard : shards_->shards()) {
    shard->Run([&] { EXPECT_EQ(nsp_->last_offset(*shard), "7-0"); });
  }
}

TEST_P(NamespaceTest, AThreadsDeliveriesAndTasksKeepTheirOrder) {
  std::vector<std::unique_ptr<EventClient>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<EventClient>(Connected()));
    Do(*clients.back(), "where");
  }
  for (int i = 0; i < 500; ++i) {
    DeliveryBatch batch;
    for (int j = 0; j < i % 3; ++j) {
      auto delivery = std::make_shared<Delivery>();
      delivery->plain = EncodeEvent("/", "d", std::to_string(i) + "," + std::to_string(j), "", {});
      batch.push_back(delivery);
    }
    nsp_->Deliver(batch);
    for (const SocketRef& ref : refs_) {
      nsp_->WithSocket(ref, [i](Socket& socket) { socket.Emit("t", {std::to_string(i), {}}); });
    }
  }
  EndAll();
  for (auto& client : clients) {
    std::vector<std::string> expected;
    for (int i = 0; i < 500; ++i) {
      for (int j = 0; j < i % 3; ++j) {
        expected.push_back("2[\"d\"," + std::to_string(i) + "," + std::to_string(j) + "]");
      }
      expected.push_back("2[\"t\"," + std::to_string(i) + "]");
    }
    EXPECT_EQ(Drain(*client), expected);
  }
}

TEST_P(NamespaceTest, ReferencesEndWithTheirSocket) {
  EventClient client = Connected();
  Do(client, "where");
  client.websocket().Cut();
  net::Shard& shard = shards_->shard(refs_[0].shard);
  shards_->WaitUntil(refs_[0].shard, [&] { return nsp_->Find(shard, refs_[0]) == nullptr; });
  EventClient next = Connected();
  nsp_->WithSocket(refs_[0], [](Socket&) { FAIL() << "that socket is gone"; });
  nsp_->WithSocket({99, 0, 1}, [](Socket&) { FAIL() << "there is no such shard"; });
  EndAll();
  EXPECT_TRUE(Drain(next).empty());
}

/// Random joins, leaves, ends and broadcasts against a model of who must get what.
TEST_P(NamespaceTest, BehavesAsTheModel) {
  std::mt19937 random(static_cast<unsigned>(GetParam()));
  struct Person {
    std::unique_ptr<EventClient> client;
    std::string sid;
    std::set<std::string> rooms;
    std::vector<std::string> expected;
  };
  std::vector<Person> people(8);
  const auto arrive = [&](Person& person) {
    person = {};
    person.client = std::make_unique<EventClient>(Client());
    person.sid = Member(person.client->Connect(), "sid");
  };
  for (Person& person : people) arrive(person);
  const auto room = [&] { return "r" + std::to_string(random() % 5); };
  for (int step = 0; step < 600; ++step) {
    Person& person = people[random() % people.size()];
    const auto action = random() % 10;
    if (action < 5) {
      std::vector<std::string> rooms;
      std::vector<std::string> except;
      for (auto n = random() % 3; n > 0; --n) rooms.push_back(random() % 6 ? room() : person.sid);
      for (auto n = random() % 3; n > 0; --n) except.push_back(random() % 6 ? room() : person.sid);
      const auto in = [](const Person& p, const std::vector<std::string>& names) {
        return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
          return name == p.sid || p.rooms.count(name) > 0;
        });
      };
      for (Person& p : people) {
        if ((rooms.empty() || in(p, rooms)) && !in(p, except)) {
          p.expected.push_back("2[\"e\"," + std::to_string(step) + "]");
        }
      }
      nsp_->Emit("e", {std::to_string(step), {}}, rooms, except);
      continue;
    }
    // An answer shows that the change is made before the next broadcast.
    EndAll();
    for (Person& p : people) {
      ASSERT_EQ(Drain(*p.client), p.expected);
      p.expected.clear();
    }
    if (action == 9) {
      person.client->websocket().Cut();
      arrive(person);
      continue;
    }
    const std::string name = room();
    Do(*person.client, action < 8 ? "join" : "leave", name);
    if (action < 8) {
      person.rooms.insert(name);
    } else {
      person.rooms.erase(name);
    }
  }
}

/// A namespace whose events are looked at before their handlers.
class EventMiddlewareTest : public testing::ServerFixture {
 protected:
  void SetUp() override {
    ServerFixture::SetUp();
    nsp_ = &Prepare();
    nsp_->UseEvents([](Socket& socket, const Event& event, AckFn& ack) {
      if (event.name == "leave") socket.Disconnect(true);
      if (event.name != "bad") return true;
      if (ack) ack({R"("no")", {}});
      return false;
    });
    nsp_->UseEvents([this](Socket&, const Event& event, AckFn&) {
      notes_.Add("second " + std::string(event.name) + std::string(event.args_json) + " " +
                 std::to_string(event.attachments.size()));
      return true;
    });
    for (const char* name : {"good", "bad", "leave"}) {
      nsp_->On(name, [this](Socket&, const Event& event, const AckFn& ack) {
        notes_.Add("handler " + std::string(event.name));
        if (ack) ack({R"("yes")", {}});
      });
    }
    Serve();
  }
  Namespace* nsp_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(Shards, EventMiddlewareTest, ::testing::Values(1, 2));

TEST_P(EventMiddlewareTest, EventsPassInTheOrderOfTheMiddlewares) {
  EventClient client = Connected();
  client.Send(R"(21["good",7])");
  EXPECT_EQ(client.Read(), R"(31["yes"])");
  EXPECT_EQ(notes_.Take(), "second good[7] 0");
  EXPECT_EQ(notes_.Take(), "handler good");
  client.Send(R"(51-2["good",{"_placeholder":true,"num":0}])");
  client.SendBinary("b");
  EXPECT_EQ(client.Read(), R"(32["yes"])");
  EXPECT_EQ(notes_.Take(), R"(second good[{"_placeholder":true,"num":0}] 1)");
  EXPECT_EQ(notes_.Take(), "handler good");
}

TEST_P(EventMiddlewareTest, WhatIsKeptBackReachesNobodyElse) {
  EventClient client = Connected();
  client.Send(R"(2["bad"])");
  client.Send(R"(21["bad"])");
  EXPECT_EQ(client.Read(), R"(31["no"])");
  client.Send(R"(22["good"])");
  EXPECT_EQ(client.Read(), R"(32["yes"])");
  EXPECT_EQ(notes_.Take(), "second good[] 0");
}

TEST_P(EventMiddlewareTest, EventsWithoutAHandlerPassToo) {
  EventClient client = Connected();
  client.Send(R"(2["unheard of"])");
  EXPECT_EQ(notes_.Take(), "second unheard of[] 0");
}

TEST_P(EventMiddlewareTest, NobodyIsCalledForASocketThatWasEnded) {
  EventClient client = Connected();
  client.Send(R"(21["leave"])");
  EXPECT_EQ(client.Read(), "1");
  EXPECT_EQ(client.Read(), "<closed>");
  shards_->Stop();
  EXPECT_TRUE(notes_.empty());  // of the middlewares that come later, too
}

}  // namespace
}  // namespace trackwire::socketio
