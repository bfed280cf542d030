#include "notify/subscriptions.h"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <thread>

#include "tests/notify/subscribe_scene.h"

namespace trackwire::notify {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using tracking::Id;

using SubscribeTest = SubscribeScene;

TEST_F(SubscribeTest, GrantsWhatMayBeSeenAndCannotBeAskedWhatElseThereIs) {
  Locate("\"a1\"", 1, 2, 1);
  Locate("\"o1\"", 1, 2, 1);
  Locate("\"o2\"", 3, 4, 2);
  auto alice = Alice();
  const std::string answer = alice->Ask(
      "subscribe", R"({"trackers":["o1","never","a1","o2"],"clients":["acme","gone"]})");
  EXPECT_THAT(answer,
              StartsWith(R"({"granted":{"trackers":["a1","o2"],"clients":["acme"],"bbox":null},)"
                         R"("refused":{"trackers":["never","o1"],"clients":["gone"],"bbox":null},)"
                         R"("positions":[{"tracker_id":"a1","latitude":1)"));
  EXPECT_THAT(answer, HasSubstr(R"({"tracker_id":"o2","latitude":3)"));
  EXPECT_THAT(answer, Not(HasSubstr(R"("tracker_id":"o1")")));
  EXPECT_THAT(answer, HasSubstr(R"(],"offset":")"));
  EXPECT_THAT(answer, Not(HasSubstr("truncated")));
  // Of a client that is not hers but has a public tracker she may know; of others not.
  EXPECT_THAT(alice->Ask("subscribe", R"({"clients":["other"]})"),
              StartsWith(R"({"granted":{"trackers":[],"clients":["other"])"));
  auto visitor = Join();
  EXPECT_THAT(visitor->Ask("subscribe", R"({"trackers":["a1","o1","never"],"clients":["acme"]})"),
              StartsWith(R"({"granted":{"trackers":[],"clients":[],"bbox":null},"refused":)"
                         R"({"trackers":["a1","never","o1"],"clients":["acme"],"bbox":null},)"
                         R"("positions":[],)"));
  EXPECT_THAT(Admin()->Ask("subscribe", R"({"trackers":["o1"],"clients":["acme","gone"]})"),
              StartsWith(R"({"granted":{"trackers":["o1"],"clients":["acme"],"bbox":null},)"
                         R"("refused":{"trackers":[],"clients":["gone"])"));
}

TEST_F(SubscribeTest, NarrowsToWhatWasChosen) {
  auto alice = Alice();
  Status("a2", 1);
  alice->Ask("subscribe", R"({"trackers":["a1","o1"]})");
  EXPECT_EQ(alice->Next(), Change(1)) << "until then everything";
  Status("a1", 2);
  Status("a2", 3);
  Status("o1", 4);
  Status("o2", 5);
  pipeline_->Say("memo", 6);
  pipeline_->Say("memo", 7, R"(,"tracker_id":"a2","socket_id":")" + alice->sid() + "\"");
  pipeline_->Say("memo", 8, R"(,"client_id":"acme")");
  pipeline_->Say("memo", 9, R"(,"client_id":"acme","tracker_id":"a2")");
  EXPECT_THAT(Drain(*alice), ::testing::ElementsAre(Change(2), "memo{\"n\":6}", "memo{\"n\":7}",
                                                    "memo{\"n\":8}"));
}

TEST_F(SubscribeTest, AddsTakesAwayAndReplacesTheBox) {
  auto alice = Alice();
  const auto names = [](const std::string& answer) {
    return answer.substr(0, answer.find(",\"refused\""));
  };
  alice->Ask("subscribe", R"({"trackers":["a1"]})");
  alice->Ask("subscribe", R"({"trackers":["o2"],"bbox":[0,0,10,10]})");
  alice->Ask("subscribe", R"({"clients":["acme"],"bbox":[20,20,30,30]})");
  Locate("\"o2\"", 5, 5, 1);
  Locate("\"a2\"", 5, 5, 2);
  EXPECT_EQ(Drain(*alice).size(), 2u);
  EXPECT_EQ(names(alice->Ask("unsubscribe", R"({"trackers":["o2","never"]})")),
            R"({"granted":{"trackers":["a1"],"clients":["acme"],"bbox":[20,20,30,30]})");
  Locate("\"o2\"", 5, 5, 3);
  EXPECT_TRUE(Drain(*alice).empty()) << "the former box is gone";
  Locate("\"o2\"", 25, 25, 4);
  EXPECT_EQ(Drain(*alice).size(), 1u);
  EXPECT_EQ(names(alice->Ask("unsubscribe", R"({"bbox":null})")),
            R"({"granted":{"trackers":["a1"],"clients":["acme"],"bbox":null})");
  Locate("\"o2\"", 25, 25, 5);
  EXPECT_TRUE(Drain(*alice).empty());
  EXPECT_EQ(names(alice->Ask("unsubscribe", "{}")),
            R"({"granted":{"trackers":[],"clients":[],"bbox":null})");
  Status("a1", 6);
  EXPECT_TRUE(Drain(*alice).empty()) << "nothing is not everything";
}

TEST_F(SubscribeTest, UnsubscribingBeforeChangesNothing) {
  auto alice = Alice();
  EXPECT_THAT(alice->Ask("unsubscribe", "{}"), StartsWith(R"({"granted":{"trackers":[])"));
  Status("a1", 1);
  EXPECT_EQ(Drain(*alice).size(), 1u);
}

TEST_F(SubscribeTest, JudgesLocationsByTheirOwnPlaceAndOtherEventsByTheLastKnown) {
  Locate("\"o2\"", 50, 8, 10);
  auto visitor = Join();
  EXPECT_THAT(visitor->Ask("subscribe", R"({"bbox":[7,49,9,51]})"), HasSubstr("\"n\":10"));
  Locate("\"o2\"", 60, 8, 12);   // leaves the box
  Status("o2", 1);
  Locate("\"o2\"", 50, 8, 11);   // late news from within
  Status("o2", 2);
  Locate("\"o2\"", 51, 9, 13);   // on the corner
  Status("o2", 3);
  const auto events = Drain(*visitor);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_THAT(events[0], HasSubstr("\"n\":11"));
  EXPECT_THAT(events[1], HasSubstr("\"n\":13"));
  EXPECT_EQ(events[2], Change(3));
}

TEST_F(SubscribeTest, RefusesWhatItCannotRead) {
  auto alice = Alice();
  for (const char* bad :
       {"7", "[]", "null", "\"a1\"", R"({"trackers":"a1"})", R"({"trackers":[1.5]})",
        R"({"trackers":[null]})", R"({"trackers":[""]})", R"({"clients":{}})",
        R"({"bbox":[1,2,3]})", R"({"bbox":[0,10,10,0]})", R"({"bbox":[0,0,10,90.5]})",
        R"({"bbox":[-181,0,10,10]})", R"({"bbox":["0",0,10,10]})", R"({"bbox":[0,0,10,1e999]})"}) {
    EXPECT_THAT(alice->Ask("subscribe", bad),
                StartsWith(R"({"error":{"code":"invalid_request","message":")"))
        << bad;
  }
  testing::WsClient bare(pipeline_->port(), "/socket.io/?EIO=4&transport=websocket");
  bare.ReadText();
  bare.Send("40");
  bare.ReadText();
  bare.ReadText();
  bare.Send(R"(421["subscribe"])");
  EXPECT_THAT(bare.ReadText(), StartsWith(R"(431[{"error":{"code":"invalid_request")"));
  Status("a1", 1);
  EXPECT_EQ(alice->Next(), Change(1)) << "nothing was chosen by any of it";
}

TEST_F(SubscribeTest, HasALimitOfIds) {
  Pipeline::Options options;
  options.subscriptions.max_ids = 3;
  Start(options);
  auto alice = Alice();
  EXPECT_THAT(alice->Ask("subscribe", R"({"trackers":["1","2","3","4"]})"),
              StartsWith(R"({"error":{"code":"too_many_subscriptions")"));
  EXPECT_THAT(alice->Ask("subscribe", R"({"trackers":["a1","a2"],"clients":["acme"]})"),
              StartsWith("{\"granted\""));
  EXPECT_THAT(alice->Ask("subscribe", R"({"trackers":["o2"]})"),
              StartsWith(R"({"error":{"code":"too_many_subscriptions")"));
  EXPECT_THAT(alice->Ask("subscribe", R"({"trackers":["a1"],"bbox":[0,0,1,1]})"),
              StartsWith("{\"granted\""));
  Status("o2", 1);
  Status("a1", 2);
  EXPECT_THAT(Drain(*alice), ::testing::ElementsAre(Change(2)));
}

TEST_F(SubscribeTest, CutsALongAnswerAndSaysSo) {
  Pipeline::Options options;
  options.subscriptions.max_positions = 2;
  Start(options);
  for (const char* id : {"\"a1\"", "\"a2\"", "\"o2\""}) Locate(id, 1, 1, 1);
  auto alice = Alice();
  EXPECT_THAT(alice->Ask("subscribe", R"({"trackers":["a1","a2"]})"), Not(HasSubstr("truncated")));
  const std::string answer = alice->Ask("subscribe", R"({"bbox":[-180,-90,180,90]})");
  EXPECT_THAT(answer, HasSubstr(R"("truncated":true})"));
  size_t count = 0;
  for (size_t at = 0; (at = answer.find("latitude", at)) != std::string::npos; ++at) ++count;
  EXPECT_EQ(count, 2u);
  Locate("\"o2\"", 1, 1, 2);
  EXPECT_EQ(Drain(*alice).size(), 1u) << "what was cut is subscribed all the same";
}

TEST_F(SubscribeTest, NoBoxTellsWhereSomethingIsThatMayNotBeSeen) {
  Pipeline::Options options;
  options.fields.hidden_from = {"anonymous=latitude"};
  Start(options);
  Locate("\"o2\"", 1, 2, 1);
  auto visitor = Join();
  EXPECT_THAT(visitor->Ask("subscribe", R"({"trackers":["o2"],"bbox":[0,0,5,5]})"),
              StartsWith(R"({"granted":{"trackers":["o2"],"clients":[],"bbox":null},"refused":)"
                         R"({"trackers":[],"clients":[],"bbox":[0,0,5,5]},"positions":[)"
                         R"({"tracker_id":"o2","longitude":2)"));
  EXPECT_THAT(Admin()->Ask("subscribe", R"({"bbox":[0,0,5,5]})"), HasSubstr(R"("latitude":1)"));
}

TEST_F(SubscribeTest, KeepsNumbersAndTextsApart) {
  pipeline_->Know(TrackerOf(Id(int64_t{7}), "acme"));
  pipeline_->Know(TrackerOf("7", "acme"));
  auto alice = Alice();
  EXPECT_THAT(alice->Ask("subscribe", R"({"trackers":[7,8]})"),
              StartsWith(R"({"granted":{"trackers":[7],"clients":[],"bbox":null},"refused":)"
                         R"({"trackers":[8])"));
  Locate("\"7\"", 1, 1, 1);
  Locate("7", 1, 1, 2);
  const auto events = Drain(*alice);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_THAT(events[0], HasSubstr("\"tracker_id\":7,"));
}

TEST_F(SubscribeTest, WorksWithoutAnAcknowledgement) {
  auto alice = Alice();
  alice->Tell("subscribe", R"({"trackers":["a1"]})");
  alice->Tell("subscribe", "\"nonsense\"");
  alice->Ask("subscribe", "{}");  // answered after those before it
  Status("a2", 1);
  Status("a1", 2);
  EXPECT_THAT(Drain(*alice), ::testing::ElementsAre(Change(2)));
}

TEST_F(SubscribeTest, AnswersManyRequestsInTheirOrder) {
  Pipeline::Options options;
  options.subscriptions.max_waiting = 4;
  Start(options);
  auto alice = Alice();
  // The loop is held up until all have been read.
  std::promise<void> go;
  pipeline_->Post([&] { go.get_future().wait(); });
  const uint64_t before = pipeline_->packets_in();
  for (int i = 0; i < 6; ++i) {
    alice->Tell(i % 2 == 0 ? "subscribe" : "unsubscribe", R"({"trackers":["a1"]})",
                std::to_string(100 + i));
  }
  ASSERT_TRUE(test::Until([&] { return pipeline_->packets_in() >= before + 6; }));
  go.set_value();
  for (const int id : {104, 105}) {
    EXPECT_THAT(alice->Next(), StartsWith("43" + std::to_string(id) +
                                          R"([{"error":{"code":"rate_limited")"));
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_THAT(alice->Next(), StartsWith("43" + std::to_string(100 + i) +
                                          (i % 2 == 0 ? R"([{"granted":{"trackers":["a1"])"
                                                      : R"([{"granted":{"trackers":[])")));
  }
}

TEST_F(SubscribeTest, NothingFallsBetweenSnapshotAndStream) {
  constexpr int kRounds = 400;
  std::atomic<bool> stop{false};
  Locate("\"o2\"", 1, 1, 1);
  std::thread publisher([&] {
    for (int n = 2; !stop; ++n) Locate("\"o2\"", 1, 1, n);
  });
  const auto number = [](const std::string& text) {
    const size_t at = text.rfind("\"n\":");
    return at == std::string::npos ? -1 : std::atoi(text.c_str() + at + 4);
  };
  auto visitor = Join();
  for (int round = 0; round < kRounds; ++round) {
    const std::string interest =
        round % 2 == 0 ? R"({"trackers":["o2"]})" : R"({"bbox":[0,0,2,2]})";
    const std::string answer = visitor->Ask("subscribe", interest);
    std::string event;
    // What the former choice sent came before the answer.
    for (int last = 0; (event = visitor->Early()) != "";) {
      if (last > 0) {
        ASSERT_EQ(number(event), last + 1);
      }
      last = number(event);
      ASSERT_LE(last, number(answer));
    }
    ASSERT_EQ(number(visitor->Next()), number(answer) + 1) << "in round " << round;
    visitor->Ask("unsubscribe", "{}");
    visitor->Forget();
  }
  stop = true;
  publisher.join();
}

}  // namespace
}  // namespace trackwire::notify
