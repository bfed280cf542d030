#include "socketio/typed_handler.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "socketio/socketio.h"
#include "tests/socketio/server_harness.h"

namespace trackwire::socketio {
namespace {

using testing::EventClient;
using testing::Member;

// Which parameters are what is settled when a program is compiled.
using Full = HandlerShape<void (*)(Socket&, const Event&, int, const std::string&, Ack)>;
static_assert(std::is_same_v<Full::Values, std::tuple<int, std::string>> && Full::kAck);
using Bare = HandlerShape<void (*)()>;
static_assert(std::is_same_v<Bare::Values, std::tuple<>> && !Bare::kAck && !Bare::kSocket);
using OnlyAck = HandlerShape<int (*)(const Ack&) noexcept>;
static_assert(OnlyAck::kAck && OnlyAck::kFirst == 0);
using Functor = HandlerShape<std::function<void(const Event&, Bytes)>>;
static_assert(Functor::kEvent && !Functor::kSocket && Functor::kFirst == 1);

int Twice(Socket& socket, int number, const Ack& ack) {
  EXPECT_TRUE(socket.connected());
  ack(2 * number);
  return number;
}

class TypedHandlerTest : public testing::ServerFixture {
 protected:
  void SetUp() override {
    ServerFixture::SetUp();
    nsp_ = &Prepare();
    nsp_->OnInvalid([this](Socket& socket, const Event& event, std::string_view why) {
      EXPECT_TRUE(socket.connected());
      notes_.Add(std::string(event.name) + ": " + std::string(why));
    });
    nsp_->On("fence", [](const Ack& ack) { ack("done"); });
  }
  /// Waits until the server has seen all that the client sent.
  static void Fence(EventClient& client) {
    client.Send(R"(29["fence"])");
    EXPECT_EQ(client.Read(), R"(39["done"])");
  }
  std::string Ask(EventClient& client, const std::string& event) {
    client.Send("21" + event);
    return client.Read();
  }

  Namespace* nsp_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(Shards, TypedHandlerTest, ::testing::Values(1, 2));

TEST_P(TypedHandlerTest, CallsHandlersOfEveryShape) {
  nsp_->On("twice", Twice);
  nsp_->On("move", [](double latitude, double longitude, Ack ack) { ack(latitude, longitude); });
  nsp_->On("who", [](Socket& socket, const Ack& ack) { ack(socket.sid()); });
  nsp_->On("name", [](const Event& event, Ack ack) { ack(event.name, event.args_json); });
  nsp_->On("all", [](Socket&, const Event& event, std::string first, Args rest, Ack ack) {
    ack(first, rest, event.name);
  });
  const std::function<void(std::string_view, Ack)> echo = [](std::string_view text,
                                                             const Ack& ack) { ack(text); };
  nsp_->On("echo", echo);
  nsp_->On("optional", [](std::optional<int> number, Ack ack) { ack(number.value_or(-1)); });
  nsp_->On("raw", [](Socket&, const Event& event, AckFn ack) {
    ack({std::string(event.args_json), {}});
  });
  nsp_->On("many", [](const std::map<std::string, std::vector<int>>& lists, const Ack& ack) {
    ack(lists);
  });
  Serve();
  EventClient client = Client();
  const std::string sid = Member(client.Connect(), "sid");
  EXPECT_EQ(Ask(client, R"(["twice",21])"), "31[42]");
  EXPECT_EQ(Ask(client, R"(["move",1.5,-2])"), "31[1.5,-2]");
  EXPECT_EQ(Ask(client, R"(["who"])"), "31[\"" + sid + "\"]");
  EXPECT_EQ(Ask(client, R"(["name",1])"), R"(31["name","[1]"])");
  EXPECT_EQ(Ask(client, R"(["all","a",1,{"b":2}])"), R"(31["a",1,{"b":2},"all"])");
  EXPECT_EQ(Ask(client, R"(["echo","\u0041\ud83d\ude00"])"), "31[\"A\xF0\x9F\x98\x80\"]");
  EXPECT_EQ(Ask(client, R"(["optional"])"), "31[-1]");
  EXPECT_EQ(Ask(client, R"(["optional",3,"more"])"), "31[3]");
  EXPECT_EQ(Ask(client, R"(["raw",1])"), "31[[1]]");
  EXPECT_EQ(Ask(client, R"(["many",{"a":[1,2],"b":[]}])"), R"(31[{"a":[1,2],"b":[]}])");
  EXPECT_EQ(Sum().bad_arguments, 0u);
  EXPECT_TRUE(notes_.empty());
}

TEST_P(TypedHandlerTest, ArgumentsThatDoNotFitAreCountedAndTold) {
  nsp_->On("move", [this](int, std::string_view) { notes_.Add("called"); });
  nsp_->On("save", [this](const Bytes&, Ack) { notes_.Add("called"); });
  Serve();
  EventClient client = Connected();
  const std::vector<std::pair<std::string, std::string>> bad = {
      {R"(2["move"])", "move: argument 1: missing"},
      {R"(2["move",1])", "move: argument 2: missing"},
      {R"(2["move","1","x"])", "move: argument 1: not a number"},
      {R"(2["move",1.5,"x"])", "move: argument 1: not a whole number in range"},
      {R"(2["move",1e400,"x"])", "move: argument 1: not a whole number in range"},
      {R"(2["move",null,"x"])", "move: argument 1: not a number"},
      {R"(2["move",1,["x"]])", "move: argument 2: not a string"},
      {R"(21["save","text"])", "save: argument 1: not binary"},
      {R"(21["save",{"_placeholder":true,"num":0}])", "save: argument 1: not binary"},
  };
  for (const auto& [packet, why] : bad) {
    client.Send(packet);
    EXPECT_EQ(notes_.Take(), why) << packet;
  }
  Fence(client);
  EXPECT_TRUE(notes_.empty());
  EXPECT_EQ(Sum().bad_arguments, bad.size());
}

TEST_P(TypedHandlerTest, OfSeveralHandlersThoseRunThatFit) {
  nsp_->On("set", [this](int number) { notes_.Add("number " + std::to_string(number)); });
  nsp_->On("set", [this](const std::string& text) { notes_.Add("text " + text); });
  Serve();
  EventClient client = Connected();
  client.Send(R"(2["set",5])");
  EXPECT_EQ(notes_.Take(), "number 5");
  EXPECT_EQ(notes_.Take(), "set: argument 1: not a string");
  client.Send(R"(2["set","5"])");
  EXPECT_EQ(notes_.Take(), "set: argument 1: not a number");
  EXPECT_EQ(notes_.Take(), "text 5");
}

TEST_P(TypedHandlerTest, BinaryComesAndGoesAnywhere) {
  nsp_->On("save", [](Socket&, std::string name, Bytes image, std::vector<Bytes> more, Ack ack) {
    std::map<std::string, std::vector<std::byte>> files;
    files[name] = {image.begin(), image.end()};
    for (const Bytes& one : more) files[name].insert(files[name].end(), one.begin(), one.end());
    ack(true, files, image);
  });
  Serve();
  EventClient client = Connected();
  client.Send(R"(53-1["save","f",{"_placeholder":true,"num":2},)"
              R"([{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]])");
  for (const char* bytes : {"b", "c", "a"}) client.SendBinary(bytes);
  EXPECT_EQ(client.Read(),
            R"(62-1[true,{"f":{"_placeholder":true,"num":0}},{"_placeholder":true,"num":1}])");
  EXPECT_EQ(client.Read(), "binary:abc");
  EXPECT_EQ(client.Read(), "binary:a");
}

TEST_P(TypedHandlerTest, AnAckMayBeKeptAndAnswersOnceFromAnyThread) {
  std::promise<Ack> kept;
  nsp_->On("later", [&](Ack ack) { kept.set_value(ack); });
  nsp_->On("nobody asked", [this](Ack ack) {
    notes_.Add(ack ? "asked" : "not asked");
    ack("lost");
  });
  Serve();
  EventClient client = Connected();
  client.Send(R"(2["nobody asked"])");
  EXPECT_EQ(notes_.Take(), "not asked");
  client.Send(R"(27["later"])");
  const Ack ack = kept.get_future().get();
  const Ack copy = ack;
  std::thread([&] { ack(1, "a", AsBytes("x")); }).join();
  EXPECT_EQ(client.Read(), R"(61-7[1,"a",{"_placeholder":true,"num":0}])");
  EXPECT_EQ(client.Read(), "binary:x");
  copy(2);
  ack(3);
  Fence(client);
}

TEST_P(TypedHandlerTest, AnAckOutlivesItsSocket) {
  std::promise<Ack> kept;
  nsp_->On("later", [&](const Ack& ack) { kept.set_value(ack); });
  nsp_->OnDisconnect([this](Socket&, DisconnectReason) { notes_.Add("gone"); });
  Serve();
  EventClient client = Connected();
  client.Send(R"(27["later"])");
  const Ack ack = kept.get_future().get();
  client.Send("1");
  EXPECT_EQ(notes_.Take(), "gone");
  ack(1);
  EventClient other = Connected();
  Fence(other);
}

TEST_P(TypedHandlerTest, ASocketHasTypedHandlersOfItsOwn) {
  nsp_->OnConnection([](Socket& socket) {
    socket.On("add", [sum = 0](int number, const Ack& ack) mutable {
      sum += number;
      ack(sum);
    });
    socket.Once("once", [](Socket& self, std::string_view text) { self.Emit("heard", text); });
  });
  Serve();
  EventClient a = Connected();
  EventClient b = Connected();
  EXPECT_EQ(Ask(a, R"(["add",1])"), "31[1]");
  EXPECT_EQ(Ask(a, R"(["add",2])"), "31[3]");
  EXPECT_EQ(Ask(b, R"(["add",5])"), "31[5]");
  a.Send(R"(2["once","x"])");
  a.Send(R"(2["once","y"])");
  EXPECT_EQ(a.Read(), R"(2["heard","x"])");
  Fence(a);
  a.Send(R"(2["add","x"])");
  EXPECT_EQ(notes_.Take(), "add: argument 1: not a number");
}

TEST_P(TypedHandlerTest, WhatAHandlerThrowsEndsItsConnectionOnly) {
  nsp_->On("throw", [](int) { throw std::runtime_error("no"); });
  Serve();
  EventClient a = Connected();
  EventClient b = Connected();
  a.Send(R"(2["throw","not called"])");
  EXPECT_EQ(notes_.Take(), "throw: argument 1: not a number");
  a.Send(R"(2["throw",1])");
  EXPECT_EQ(a.Read(), "<closed>");
  Fence(b);
}

TEST_P(TypedHandlerTest, AClientAnswersWithTypedValues) {
  std::vector<std::string> answers;
  nsp_->On("ask-me", [this](Socket& socket, int a, int b) {
    socket.EmitWithAck("add", a, b, [this](const Reply<int, std::optional<std::string>>& reply) {
      if (reply.timed_out()) return notes_.Add("timed out");
      if (reply.invalid()) {
        return notes_.Add(reply.why() + " in " + std::string(reply.args_json()));
      }
      notes_.Add(std::to_string(reply.value()) + reply.value<1>().value_or("-"));
    });
  });
  nsp_->On("ask-raw", [this](Socket& socket) {
    socket.EmitWithAck("raw", [this](bool timed_out, std::string_view args_json,
                                     const std::vector<std::string_view>& attachments) {
      EXPECT_FALSE(timed_out);
      notes_.Add(std::string(args_json) + std::to_string(attachments.size()));
    });
  });
  Serve();
  EventClient client = Connected();
  const auto ask = [&](const std::string& answer) {
    client.Send(R"(2["ask-me",1,2])");
    const std::string question = client.Read();
    const size_t digits = question.find('[') - 1;
    EXPECT_EQ(question.substr(1 + digits), R"(["add",1,2])");
    client.Send("3" + question.substr(1, digits) + answer);
    return notes_.Take();
  };
  EXPECT_EQ(ask("[3]"), "3-");
  EXPECT_EQ(ask(R"([3,"x",7])"), "3x");
  EXPECT_EQ(ask("[\"3\"]"), "argument 1: not a number in [\"3\"]");
  EXPECT_EQ(ask("[]"), "argument 1: missing in []");
  client.Send(R"(2["ask-me",1,2])");
  client.Read();
  client.Send(R"(2["ask-raw"])");
  EXPECT_EQ(client.Read(), R"(25["raw"])");
  client.Send(R"(61-5[{"_placeholder":true,"num":0}])");
  client.SendBinary("x");
  EXPECT_EQ(notes_.Take(), R"([{"_placeholder":true,"num":0}]1)");
  client.Send("1");
  EXPECT_EQ(notes_.Take(), "timed out");
}

}  // namespace
}  // namespace trackwire::socketio
