// Recovery between gateways that share a broker, and when the log itself is lost.
#include <gmock/gmock.h>

#include <future>

#include "notify/log_recovery.h"
#include "tests/notify/pipeline.h"

namespace trackwire::notify {
namespace {

using ::testing::HasSubstr;

Pipeline::Options Open(Pipeline* beside = nullptr) {
  Pipeline::Options options;
  options.rules.public_events = {"news"};
  options.beside = beside;
  return options;
}

std::string Resuming(const std::string& pid, const std::string& offset) {
  return ",\"pid\":\"" + pid + "\",\"offset\":\"" + offset + "\"";
}

TEST(LogRecoveryGatewaysTest, AClientThatWasCutGoesOnElsewhere) {
  Pipeline first(Open());
  Pipeline second(Open(&first));
  Guest guest(first.port());
  guest.Next();
  first.Say("news", 1);
  EXPECT_EQ(guest.Next(), "news{\"n\":1}");
  guest.Cut();
  second.Say("news", 2);
  first.Say("news", 3);
  Guest again(second.port(), "", Resuming(guest.pid(), guest.offset()));
  EXPECT_EQ(again.sid(), guest.sid());
  EXPECT_EQ(again.Next(), "news{\"n\":2}");
  EXPECT_EQ(again.Next(), "news{\"n\":3}");
  EXPECT_THAT(again.Next(), HasSubstr("\"recovered\":true,\"replayed\":2}"));
  first.Say("news", 4);
  EXPECT_EQ(again.Next(), "news{\"n\":4}");
}

TEST(LogRecoveryGatewaysTest, TheFormerGatewayLetsGo) {
  Pipeline first(Open());
  Pipeline second(Open(&first));
  Guest guest(first.port());
  guest.Next();
  // The line is broken for the client alone: its gateway still holds the connection.
  Guest again(second.port(), "", Resuming(guest.pid(), guest.offset()));
  EXPECT_EQ(again.sid(), guest.sid());
  EXPECT_THAT(again.Next(), HasSubstr("\"recovered\":true"));
  EXPECT_EQ(guest.Next(), "<closed>") << "and without a DISCONNECT packet";
  EXPECT_EQ(first.recovery_counters().let_go, 1u);
  // The end there has not taken the record from here.
  first.Say("news", 1);
  EXPECT_EQ(again.Next(), "news{\"n\":1}");
  again.Cut();
  first.Say("news", 2);
  Guest third(first.port(), "", Resuming(again.pid(), again.offset()));
  EXPECT_EQ(third.sid(), guest.sid());
  EXPECT_EQ(third.Next(), "news{\"n\":2}");
}

TEST(LogRecoveryGatewaysTest, AnAttemptUnderWayElsewhereIsSuperseded) {
  Pipeline::Options options = Open();
  options.recovery.batch_entries = 1;
  Pipeline first(options);
  Pipeline second(Open(&first));
  Guest guest(first.port());
  guest.Next();
  const std::string early = first.Say("news", 0);
  std::string late;
  for (int i = 1; i <= 300; ++i) late = first.Say("news", i);
  guest.Cut();

  // Both ask while the loop is held up, the slow one first.
  std::promise<void> go;
  first.Post([&] { go.get_future().wait(); });
  const auto ask = [&](Pipeline& gateway, const std::string& offset) {
    const uint64_t before = gateway.packets_in();
    testing::WsClient client(gateway.port(), "/socket.io/?EIO=4&transport=websocket");
    EXPECT_EQ(client.ReadText().substr(0, 2), "0{");
    client.Send(R"(40{"token":"","pid":")" + guest.pid() + R"(","offset":")" + offset + "\"}");
    EXPECT_TRUE(test::Until([&] { return gateway.packets_in() > before; }));
    return client;
  };
  testing::WsClient slow = ask(first, early);
  testing::WsClient quick = ask(second, late);
  go.set_value();
  EXPECT_EQ(slow.ReadText(), "<closed>");
  EXPECT_THAT(quick.ReadText(), HasSubstr(guest.pid()));
  EXPECT_THAT(quick.ReadText(), HasSubstr("\"recovered\":true"));
  EXPECT_TRUE(test::Until([&] { return first.recovery_counters().superseded == 1; }));
  EXPECT_EQ(first.recovery_counters().resumed, 0u);
  EXPECT_EQ(second.recovery_counters().resumed, 1u);
}

TEST(LogRecoveryGatewaysTest, WhatAnotherGatewayHasDeliveredIsNotSentAgain) {
  Pipeline pipeline(Open());
  Guest guest(pipeline.port());
  guest.Next();
  const auto behind = broker::LogOffset::Parse(pipeline.Say("news", 1));
  ASSERT_TRUE(behind);
  EXPECT_EQ(guest.Next(), "news{\"n\":1}");
  pipeline.Say("news", 2);
  EXPECT_EQ(guest.Next(), "news{\"n\":2}");
  guest.Cut();
  // The client was served by one that was ahead; here the tail moves on while its place is read.
  pipeline.loop().Run([&] { pipeline.broker().LagBehind(*behind, pipeline.loop()); });
  guest.Return();
  EXPECT_THAT(guest.Next(), HasSubstr("\"recovered\":true,\"replayed\":0}"));
  EXPECT_EQ(pipeline.broker().reads_ahead, 1u);
  pipeline.Say("news", 3);
  EXPECT_EQ(guest.Next(), "news{\"n\":3}");
}

TEST(LogRecoveryGatewaysTest, ANameThatIsNoSocketIsNoHarm) {
  Pipeline pipeline(Open());
  Guest guest(pipeline.port());
  guest.Next();
  // Whoever can publish can say anything; nobody knows the name of a run from outside.
  for (const char* text : {"", "x", "socket:gateway:/0.0.0"}) {
    pipeline.broker().pub_sub().Publish("socket:gateway:", text);
  }
  pipeline.Say("news", 1);
  EXPECT_EQ(guest.Next(), "news{\"n\":1}");
  EXPECT_EQ(pipeline.recovery_counters().let_go, 0u);
}

TEST(LogBreakTest, SendsEverybodyAwayToStartAnew) {
  Pipeline pipeline(Open());
  std::vector<std::unique_ptr<Guest>> guests;
  for (int i = 0; i < 7; ++i) {
    guests.push_back(std::make_unique<Guest>(pipeline.port()));
    guests.back()->Next();
  }
  pipeline.Say("news", 1);
  for (auto& guest : guests) EXPECT_EQ(guest->Next(), "news{\"n\":1}");
  pipeline.loop().Run([&] { pipeline.broker().Break(); });
  for (auto& guest : guests) EXPECT_EQ(guest->Next(), "<closed>");
  for (auto& guest : guests) {
    const std::string former = guest->offset();
    guest->Return();
    EXPECT_THAT(guest->Next(), HasSubstr("\"recovered\":false"));
    EXPECT_NE(guest->offset(), former) << "where the new log is, not where the old one was";
    const auto epoch = [](const std::string& offset) { return offset.substr(0, offset.find('.')); };
    EXPECT_EQ(epoch(guest->offset()), epoch(former) + "x");
  }
}

}  // namespace
}  // namespace trackwire::notify
