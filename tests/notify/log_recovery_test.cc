#include "notify/log_recovery.h"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <thread>

#include "tests/notify/pipeline.h"

namespace trackwire::notify {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Pipeline::Options Open() {
  Pipeline::Options options;
  options.rules.public_events = {"news"};
  return options;
}

TEST(LogRecoveryTest, GivesAReturningClientWhatItMissedThenWhoItIs) {
  Pipeline pipeline(Open());
  Guest guest(pipeline.port());
  EXPECT_THAT(guest.Next(), StartsWith("session"));
  pipeline.Say("news", 1);
  EXPECT_EQ(guest.Next(), "news{\"n\":1}");
  const std::string sid = guest.sid();
  guest.Cut();
  pipeline.Say("news", 2);
  pipeline.Say("memo", 3);
  pipeline.Say("news", 4);

  guest.Return();
  EXPECT_EQ(guest.sid(), sid);
  EXPECT_EQ(guest.Next(), "news{\"n\":2}");
  EXPECT_EQ(guest.Next(), "news{\"n\":4}");
  EXPECT_THAT(guest.Next(), HasSubstr("\"recovered\":true,\"replayed\":2}"));
  pipeline.Say("news", 5);
  EXPECT_EQ(guest.Next(), "news{\"n\":5}");
}

TEST(LogRecoveryTest, ReturnsAsOftenAsTheLineBreaks) {
  Pipeline pipeline(Open());
  Guest guest(pipeline.port());
  guest.Next();
  for (int i = 0; i < 20; ++i) {
    guest.Cut();
    pipeline.Say("news", i);
    guest.Return();
    EXPECT_EQ(guest.Next(), "news{\"n\":" + std::to_string(i) + "}");
    EXPECT_THAT(guest.Next(), HasSubstr("\"recovered\":true,\"replayed\":1}"));
  }
  EXPECT_EQ(pipeline.recovery_counters().resumed, 20u);
}

TEST(LogRecoveryTest, ClosesAFormerOwnerThatStillLives) {
  Pipeline pipeline(Open());
  Guest first(pipeline.port());
  first.Next();
  Guest second(pipeline.port(), "",
               ",\"pid\":\"" + first.pid() + "\",\"offset\":\"" + first.offset() + "\"");
  EXPECT_EQ(second.sid(), first.sid());
  EXPECT_THAT(second.Next(), HasSubstr("\"recovered\":true"));
  pipeline.Say("news", 1);
  EXPECT_EQ(first.Next(), "<closed>") << "closed, and without a DISCONNECT packet";
  EXPECT_EQ(second.Next(), "news{\"n\":1}");
  // The end of the first has not taken the record from the second.
  second.Cut();
  pipeline.Say("news", 2);
  second.Return();
  EXPECT_EQ(second.Next(), "news{\"n\":2}");
}

TEST(LogRecoveryTest, AnAttemptThatWasOvertakenLeavesTheRecordAlone) {
  Pipeline::Options options = Open();
  options.shards = 2;
  options.book.window = std::chrono::milliseconds(1);
  options.recovery.batch_entries = 1;
  Pipeline pipeline(options);
  Guest first(pipeline.port());
  first.Next();
  const std::string early = pipeline.Say("news", 0);
  std::string late;
  for (int i = 1; i <= 300; ++i) late = pipeline.Say("news", i);

  // Both ask while the loop is held up, so that the second overtakes the first in any case.
  std::promise<void> go;
  pipeline.Post([&] { go.get_future().wait(); });
  const auto ask = [&](const std::string& offset) {
    const uint64_t before = pipeline.packets_in();
    testing::WsClient client(pipeline.port(), "/socket.io/?EIO=4&transport=websocket");
    EXPECT_EQ(client.ReadText().substr(0, 2), "0{");
    client.Send(R"(40{"token":"","pid":")" + first.pid() + R"(","offset":")" + offset + "\"}");
    EXPECT_TRUE(test::Until([&] { return pipeline.packets_in() > before; }));
    return client;
  };
  testing::WsClient slow = ask(early);
  testing::WsClient quick = ask(late);
  go.set_value();
  EXPECT_EQ(slow.ReadText(), "<closed>");
  EXPECT_THAT(quick.ReadText(), HasSubstr(first.pid()));
  EXPECT_THAT(quick.ReadText(), HasSubstr("\"recovered\":true"));
  EXPECT_TRUE(test::Until([&] {
    const RecoveryCounters counters = pipeline.recovery_counters();
    return counters.resumed + counters.superseded == 2;
  }));
  EXPECT_EQ(pipeline.recovery_counters().resumed, 1u);

  // The record is still that of the quick one, and lives.
  testing::WsClient third = ask(late);
  EXPECT_THAT(third.ReadText(), HasSubstr(first.pid()));
  EXPECT_EQ(quick.ReadText(), "<closed>");
}

TEST(LogRecoveryTest, RefusesWhoIsSomebodyElse) {
  Pipeline pipeline(Open());
  Guest alice(pipeline.port(), pipeline.Token("alice"));
  alice.Next();
  alice.Cut();
  Guest thief(pipeline.port(), pipeline.Token("mallory"),
              ",\"pid\":\"" + alice.pid() + "\",\"offset\":\"" + alice.offset() + "\"");
  EXPECT_NE(thief.sid(), alice.sid());
  EXPECT_NE(thief.pid(), alice.pid());
  EXPECT_THAT(thief.Next(), HasSubstr("\"user\":\"mallory\""));
  EXPECT_EQ(pipeline.recovery_counters().identity, 1u);
  pipeline.Say("news", 1);
  alice.Return();
  EXPECT_EQ(alice.Next(), "news{\"n\":1}") << "the record is still hers";
}

TEST(LogRecoveryTest, LetsTheTokenPresentedNowDecide) {
  Pipeline pipeline(Open());
  Guest alice(pipeline.port(), pipeline.Token("alice", {}, {"\"acme\"", "\"other\""}));
  alice.Next();
  alice.Cut();
  pipeline.Say("memo", 1, R"(,"client_id":"acme")");
  pipeline.Say("memo", 2, R"(,"client_id":"other")");
  alice.set_token(pipeline.Token("alice", {}, {"\"other\""}));
  alice.Return();
  EXPECT_EQ(alice.Next(), "memo{\"n\":2}");
  EXPECT_THAT(alice.Next(), HasSubstr("\"clients\":[\"other\"]"));
  pipeline.Say("memo", 3, R"(,"client_id":"acme")");
  pipeline.Say("memo", 4, R"(,"client_id":"other")");
  EXPECT_EQ(alice.Next(), "memo{\"n\":4}");
}

TEST(LogRecoveryTest, StartsAnewWhenTheOffsetIsOfNoUse) {
  Pipeline pipeline(Open());
  const std::string offset = pipeline.Say("news", 1);
  for (const std::string& bad :
       {std::string("x"), std::string("other.1-1"), std::string(1'000, '9'),
        offset.substr(0, offset.find('.')) + ".99999999999999-0"}) {
    Guest guest(pipeline.port());
    guest.Next();
    guest.Cut();
    const std::string sid = guest.sid();
    guest.Return(bad);
    EXPECT_NE(guest.sid(), sid) << bad;
    EXPECT_THAT(guest.Next(), HasSubstr("\"recovered\":false,\"replayed\":0}")) << bad;
  }
  EXPECT_EQ(pipeline.recovery_counters().offset, 4u);
}

TEST(LogRecoveryTest, StartsAnewAfterLeavingForGood) {
  Pipeline pipeline(Open());
  Guest guest(pipeline.port(), "",
              ",\"pid\":\"never-given\",\"offset\":\"" + pipeline.Say("news", 1) + "\"");
  EXPECT_THAT(guest.Next(), HasSubstr("\"recovered\":false"));
  EXPECT_EQ(pipeline.recovery_counters().unknown, 1u);
}

TEST(LogRecoveryTest, StartsAnewWhenTooMuchWasMissed) {
  Pipeline::Options options = Open();
  options.recovery.max_missed_events = 10;
  Pipeline pipeline(options);
  Guest guest(pipeline.port());
  guest.Next();
  guest.Cut();
  const std::string former = guest.pid();
  for (int i = 0; i < 11; ++i) pipeline.Say("news", i);
  guest.Return();
  EXPECT_THAT(guest.Next(), HasSubstr("\"recovered\":false"));
  EXPECT_EQ(pipeline.recovery_counters().limits, 1u);
  const std::string key = former.substr(0, former.find('.'));
  const auto left = test::Await<Result<broker::SessionRecord, broker::TakeOverError>>(
      [&](auto done) { pipeline.broker().sessions().TakeOver(key, "", "test", done); });
  EXPECT_EQ(left.error(), broker::TakeOverError::kUnknown) << "nobody will ask for it again";
}

TEST(LogRecoveryTest, LeavesTheRecordAloneWhenTheOffsetIsOfAnotherLog) {
  Pipeline pipeline(Open());
  Guest guest(pipeline.port());
  guest.Next();
  guest.Cut();
  const std::string sid = guest.sid();
  Guest other(pipeline.port(), "", ",\"pid\":\"" + guest.pid() + "\",\"offset\":\"other.1-1\"");
  other.Next();
  EXPECT_NE(other.sid(), sid);
  guest.Return();
  EXPECT_EQ(guest.sid(), sid);
  guest.Next();
  pipeline.Say("news", 1);
  EXPECT_EQ(other.Next(), "news{\"n\":1}") << "it never was the owner, so nobody closed it";
}

TEST(LogRecoveryTest, ForgetsWhoStaysAwayTooLong) {
  Pipeline::Options options = Open();
  options.book.window = std::chrono::milliseconds(1);
  Pipeline pipeline(options);
  Guest guest(pipeline.port());
  guest.Next();
  const std::string sid = guest.sid();
  guest.Cut();
  // The record lives on until the server has noticed the cut, and a millisecond more.
  EXPECT_TRUE(test::Until([&] {
    guest.Return();
    guest.Next();
    guest.Cut();
    return guest.sid() != sid;
  }));
}

TEST(LogRecoveryTest, NeverLosesNorDoublesWhileNotificationsKeepComing) {
  Pipeline::Options options = Open();
  options.recovery.batch_entries = 3;
  Pipeline pipeline(options);
  constexpr int kEvents = 3'000;
  std::vector<std::unique_ptr<Guest>> guests;
  for (int i = 0; i < 4; ++i) {
    guests.push_back(std::make_unique<Guest>(pipeline.port()));
    EXPECT_THAT(guests.back()->Next(), StartsWith("session"));
  }
  std::thread publisher([&] {
    for (int i = 0; i < kEvents; ++i) pipeline.Say("news", i);
  });
  std::vector<std::thread> readers;
  std::atomic<int> returns{0};
  for (auto& guest : guests) {
    readers.emplace_back([&, self = guest.get()] {
      int wanted = 0;
      int until_cut = 7;
      while (wanted < kEvents) {
        const std::string event = self->Next();
        if (event.rfind("session", 0) == 0) {
          ASSERT_THAT(event, HasSubstr("\"recovered\":true"));
          continue;
        }
        ASSERT_EQ(event, "news{\"n\":" + std::to_string(wanted) + "}");
        ++wanted;
        if (--until_cut == 0) {
          until_cut = 5 + (wanted * 31) % 97;
          self->Cut();
          self->Return();
          ++returns;
        }
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  publisher.join();
  EXPECT_GT(returns, 50);
}

TEST(LogRecoveryTest, ResumesAfterTheProcessHasDied) {
  const test::TempDir directory;
  Pipeline::Options options = Open();
  options.broker.path = directory.File("journal.db");
  std::string pid;
  std::string offset;
  std::string sid;
  {
    Pipeline before(options);
    Guest guest(before.port());
    guest.Next();
    before.Say("news", 1);
    EXPECT_EQ(guest.Next(), "news{\"n\":1}");
    before.Say("news", 2);
    pid = guest.pid();
    sid = guest.sid();
    offset = guest.offset();
  }
  Pipeline after(options);
  after.Say("news", 3);
  Guest guest(after.port(), "", ",\"pid\":\"" + pid + "\",\"offset\":\"" + offset + "\"");
  EXPECT_EQ(guest.sid(), sid);
  EXPECT_EQ(guest.Next(), "news{\"n\":2}");
  EXPECT_EQ(guest.Next(), "news{\"n\":3}");
  EXPECT_THAT(guest.Next(), HasSubstr("\"recovered\":true,\"replayed\":2}"));
}

}  // namespace
}  // namespace trackwire::notify
