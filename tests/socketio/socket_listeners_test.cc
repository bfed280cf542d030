#include "socketio/socket_listeners.h"

#include <gtest/gtest.h>

#include "tests/socketio/server_harness.h"

namespace trackwire::socketio {
namespace {

using namespace std::chrono_literals;
using testing::EventClient;

/// Handlers of namespaces and of single sockets, told apart by what they note.
class ListenersTest : public testing::ServerFixture {
 protected:
  EventHandler Note(std::string note) {
    return [this, note = std::move(note)](Socket&, const Event& event, const AckFn&) {
      notes_.Add(note + ":" + std::string(event.name));
    };
  }
  EventListener Hear(std::string note) {
    return [this, note = std::move(note)](Socket&, const Event& event) {
      notes_.Add(note + ":" + std::string(event.name) + std::string(event.args_json));
    };
  }
  EventMiddleware Pass(std::string note, bool passes = true) {
    return [this, note = std::move(note), passes](Socket&, const Event&, AckFn&) {
      notes_.Add(note);
      return passes;
    };
  }
  void ExpectNotes(const std::vector<std::string>& expected) {
    for (const std::string& note : expected) EXPECT_EQ(notes_.Take(), note);
    EXPECT_TRUE(notes_.empty());
  }
  /// Everything that came before was handled: an ack of a handler says so.
  static void Fence(EventClient& client) {
    client.Send(R"(29["fence"])");
    EXPECT_EQ(client.Read(), "39[]");
  }
  Namespace& PrepareFenced() {
    Namespace& nsp = Prepare();
    nsp.On("fence", [](Socket&, const Event&, const AckFn& ack) {
      if (ack) ack({});
    });
    return nsp;
  }
};

INSTANTIATE_TEST_SUITE_P(Shards, ListenersTest, ::testing::Values(1, 2));

TEST_P(ListenersTest, RunInTheirOrder) {
  Namespace& nsp = Prepare();
  nsp.On("e", Note("nsp 1"));
  nsp.On("e", Note("nsp 2"));
  nsp.UseEvents(Pass("nsp passes"));
  nsp.OnAny(Hear("nsp any"));
  nsp.OnOther(Note("other"));
  nsp.OnConnection([this](Socket& socket) {
    socket.On("e", Note("own 1"));
    socket.On("e", Note("own 2"));
    socket.On("f", Note("own"));
    socket.Use(Pass("own passes"));
    socket.OnAny(Hear("own any 2"));
    socket.PrependAny(Hear("own any 1"));
  });
  Serve();
  EventClient client = Connected();

  client.Send(R"(2["e",1])");
  ExpectNotes({"nsp any:e[1]", "own any 1:e[1]", "own any 2:e[1]", "nsp passes", "own passes",
               "nsp 1:e", "nsp 2:e", "own 1:e", "own 2:e"});
  client.Send(R"(2["f"])");
  ExpectNotes(
      {"nsp any:f[]", "own any 1:f[]", "own any 2:f[]", "nsp passes", "own passes", "own:f"});
  client.Send(R"(2["g"])");
  ExpectNotes(
      {"nsp any:g[]", "own any 1:g[]", "own any 2:g[]", "nsp passes", "own passes", "other:g"});
}

TEST_P(ListenersTest, BelongToOneSocket) {
  Namespace& nsp = PrepareFenced();
  nsp.OnConnection([this](Socket& socket) {
    if (socket.handshake()->auth_json != "{}") socket.On("e", Note("own"));
  });
  Serve();
  EventClient with = Connected(R"({"own":1})");
  EventClient without = Connected();

  without.Send(R"(2["e"])");
  Fence(without);
  with.Send(R"(2["e"])");

  ExpectNotes({"own:e"});
}

TEST_P(ListenersTest, MiddlewaresOfASocketKeepEventsBack) {
  Namespace& nsp = PrepareFenced();
  nsp.On("e", Note("nsp"));
  nsp.OnConnection([](Socket& socket) {
    socket.Use([](Socket&, const Event& event, AckFn& ack) {
      if (event.name != "e") return true;
      if (ack) ack({R"("no")", {}});
      return false;
    });
  });
  Serve();
  EventClient client = Connected();

  client.Send(R"(21["e"])");

  EXPECT_EQ(client.Read(), R"(31["no"])");
  Fence(client);
  EXPECT_TRUE(notes_.empty());
}

TEST_P(ListenersTest, OnlyTheFirstAnswerToAnEventCounts) {
  Namespace& nsp = Prepare();
  for (const char* answer : {"1", "2"}) {
    nsp.On("e", [answer](Socket&, const Event&, const AckFn& ack) {
      ASSERT_TRUE(ack);
      ack({answer, {}});
    });
  }
  nsp.OnConnection([](Socket& socket) {
    socket.On("e", [](Socket& self, const Event&, AckFn ack) {
      ack({"3", {}});
      self.Emit("done", {});
    });
  });
  Serve();
  EventClient client = Connected();

  client.Send(R"(27["e"])");

  EXPECT_EQ(client.Read(), "37[1]");
  EXPECT_EQ(client.Read(), R"(2["done"])");
}

TEST_P(ListenersTest, GoWhenTheyAreTakenOff) {
  Namespace& nsp = PrepareFenced();
  nsp.OnConnection([this](Socket& socket) {
    const ListenerId first = socket.On("e", Note("first"));
    socket.On("e", Note("second"));
    socket.On("f", Note("third"));
    socket.Once("e", Note("once"));
    const ListenerId any = socket.OnAny(Hear("any"));
    socket.On("off", [first, any](Socket& self, const Event&, const AckFn&) {
      EXPECT_TRUE(self.Off(first));
      EXPECT_FALSE(self.Off(first));
      EXPECT_TRUE(self.OffAny(any));
    });
    socket.On("all off", [](Socket& self, const Event&, const AckFn&) {
      self.Off("e");
      self.OffAny();
    });
  });
  Serve();
  EventClient client = Connected();

  client.Send(R"(2["e"])");
  client.Send(R"(2["off"])");
  client.Send(R"(2["e"])");
  client.Send(R"(2["all off"])");
  client.Send(R"(2["e"])");
  client.Send(R"(2["f"])");
  Fence(client);

  ExpectNotes({"any:e[]", "first:e", "second:e", "once:e", "any:off[]", "second:e", "third:f"});
}

/// What is taken off does not run any more, what is added waits for the next event.
TEST_P(ListenersTest, MayChangeWhileTheyRun) {
  Namespace& nsp = PrepareFenced();
  nsp.OnConnection([this](Socket& socket) {
    const auto second = std::make_shared<ListenerId>(0);
    const auto first = std::make_shared<ListenerId>(0);
    *first = socket.On("e", [this, first, second](Socket& self, const Event&, const AckFn&) {
      notes_.Add("first");
      self.Off(*first);
      self.Off(*second);
      self.On("e", Note("new"));
      self.OnAny(Hear("new any"));
    });
    *second = socket.On("e", Note("second"));
    socket.On("e", Note("third"));
  });
  Serve();
  EventClient client = Connected();

  client.Send(R"(2["e"])");
  Fence(client);
  ExpectNotes({"first", "third:e", "new any:fence[]"});
  client.Send(R"(2["e"])");
  Fence(client);
  ExpectNotes({"new any:e[]", "third:e", "new:e", "new any:fence[]"});
}

TEST_P(ListenersTest, StopWhenOneEndsTheSocket) {
  Namespace& nsp = Prepare();
  nsp.OnAny([](Socket& socket, const Event& event) {
    if (event.name == "any") socket.Disconnect(false);
  });
  nsp.On("any", Note("never"));
  nsp.OnConnection([this](Socket& socket) {
    socket.OnAny(Hear("heard"));
    socket.On("e", [](Socket& self, const Event&, const AckFn&) { self.Disconnect(false); });
    socket.On("e", Note("never"));
    socket.OnDisconnect([this](Socket&, DisconnectReason why) { notes_.Add(ToString(why)); });
  });
  Serve();
  EventClient first = Connected();
  first.Send(R"(2["any"])");
  EXPECT_EQ(first.Read(), "1");
  ExpectNotes({"server namespace disconnect"});

  EventClient client = Connected();
  client.Send(R"(2["e"])");
  EXPECT_EQ(client.Read(), "1");
  ExpectNotes({"heard:e[]", "server namespace disconnect"});
}

TEST_P(ListenersTest, EndTheConnectionWhenOneThrows) {
  Namespace& nsp = Prepare();
  nsp.OnConnection([this](Socket& socket) {
    socket.On("e", [](Socket&, const Event&, const AckFn&) { throw std::runtime_error("no"); });
    socket.On("e", Note("never"));
    socket.OnAnyOutgoing([](Socket&, const Event&) { throw 1; });
    socket.OnDisconnecting([](Socket&, DisconnectReason) { throw std::runtime_error("too"); });
    socket.OnDisconnect([this](Socket&, DisconnectReason why) { notes_.Add(ToString(why)); });
  });
  nsp.On("out", [](Socket& socket, const Event&, const AckFn&) { socket.Emit("x", {}); });
  Serve();
  for (const char* event : {"e", "out"}) {
    EventClient client = Connected();
    client.Send("2[\"" + std::string(event) + "\"]");
    ExpectNotes({"forced close"});
  }
}

TEST_P(ListenersTest, HearWhatIsSent) {
  Namespace& nsp = PrepareFenced();
  nsp.OnAnyOutgoing(Hear("nsp"));
  nsp.OnConnection([this](Socket& socket) {
    socket.Join("room");
    const ListenerId id = socket.OnAnyOutgoing(Hear("own 2"));
    socket.PrependAnyOutgoing(Hear("own 1"));
    socket.On("off", [id](Socket& self, const Event&, const AckFn&) { self.OffAnyOutgoing(id); });
  });
  nsp.On("single", [](Socket& socket, const Event&, const AckFn&) {
    socket.Emit("a", {R"(1,{"_placeholder":true,"num":0})", {"bytes"}});
    socket.EmitVolatile("b", {});
    socket.EmitWithAck("c", {"2", {}}, 0ms,
                       [](bool, std::string_view, const std::vector<std::string_view>&) {});
  });
  Serve();
  EventClient client = Connected();

  client.Send(R"(2["single"])");
  ExpectNotes({R"(nsp:a[1,{"_placeholder":true,"num":0}])",
               R"(own 1:a[1,{"_placeholder":true,"num":0}])",
               R"(own 2:a[1,{"_placeholder":true,"num":0}])", "nsp:b[]", "own 1:b[]", "own 2:b[]",
               "nsp:c[2]", "own 1:c[2]", "own 2:c[2]"});
  nsp.Emit("d \u20ac", {"3", {}}, {"room"});
  nsp.Emit("other room", {"4", {}}, {"other"});
  ExpectNotes({"nsp:d \u20ac[3]", "own 1:d \u20ac[3]", "own 2:d \u20ac[3]"});
  client.Send(R"(2["off"])");
  for (int i = 0; i < 5; ++i) client.Read();
  Fence(client);
  Broadcast question;
  question.event = "q";
  nsp.EmitWithAck(question, 20s, [](BroadcastAcks) {});
  ExpectNotes({"nsp:q[]", "own 1:q[]"});
}

/// A listener of what is sent may change who is there in the middle of a broadcast.
TEST_P(ListenersTest, MayEndSocketsDuringABroadcast) {
  Namespace& nsp = Prepare();
  nsp.OnAnyOutgoing([&nsp](Socket& socket, const Event& event) {
    if (event.name != "news") return;
    socket.Leave("room");
    socket.Disconnect(false);
    nsp.Emit("nested", {});
  });
  nsp.OnConnection([](Socket& socket) { socket.Join("room"); });
  Serve();
  std::vector<EventClient> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(Connected());

  nsp.Emit("news", {"1", {}}, {"room"});

  for (EventClient& client : clients) {
    // What another shard's listeners emit may be here before the broadcast is.
    std::string next = client.Read();
    while (next == R"(2["nested"])") next = client.Read();
    EXPECT_EQ(next, R"(2["news",1])");
    for (next = client.Read(); next == R"(2["nested"])";) next = client.Read();
    EXPECT_EQ(next, "1");
  }
}

TEST_P(ListenersTest, HearOfTheEndInTheirRooms) {
  Namespace& nsp = Prepare();
  const auto note = [this](const char* who) {
    return [this, who](Socket& socket, DisconnectReason) {
      EXPECT_FALSE(socket.connected());
      notes_.Add(who + std::string(socket.InRoom("room") ? " in" : " out"));
    };
  };
  nsp.OnDisconnect(note("nsp end"));
  nsp.OnDisconnecting(note("nsp ending"));
  nsp.OnConnection([note](Socket& socket) {
    socket.Join("room");
    socket.OnDisconnect(note("own end"));
    socket.OnDisconnecting(note("own ending"));
  });
  Serve();
  EventClient client = Connected();

  client.Send("1");

  ExpectNotes({"nsp ending in", "own ending in", "nsp end in", "own end in"});
}

}  // namespace
}  // namespace trackwire::socketio
