// What a broker brings from outside goes into the log: checked, in order, once.
#include <gmock/gmock.h>

#include <atomic>

#include "notify/intake.h"
#include "tests/notify/pipeline.h"

namespace trackwire::notify {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using From = ScriptedInlet::From;

std::string News(int number, const std::string& more = "") {
  return R"({"message_type":"news","notification":{"n":)" + std::to_string(number) + "}" + more + "}";
}

class IntakeInletTest : public ::testing::Test {
 protected:
  IntakeInletTest() : pipeline_(Open()), guest_(pipeline_.port()) {
    guest_.Next();
    pipeline_.intake_to_feed().Follow(inlet());
    EXPECT_TRUE(test::Until([&] { return inlet().open(); }));
  }
  static Pipeline::Options Open() {
    Pipeline::Options options;
    options.rules.public_events = {"news"};
    return options;
  }
  ScriptedInlet& inlet() { return pipeline_.broker().scripted_inlet; }
  IntakeCounters counters() { return pipeline_.intake().counters(); }
  void Settle() {
    test::Await<bool>([&](auto done) {
      pipeline_.intake_to_feed().Settle([done] { done(true); });
    });
  }

  Pipeline pipeline_;
  Guest guest_;
};

TEST_F(IntakeInletTest, TakesTheChannelAndTheInbox) {
  inlet().Bring(From::kChannel, {News(1), News(2)});
  inlet().Bring(From::kInbox, {News(3)});
  for (int n = 1; n <= 3; ++n) EXPECT_EQ(guest_.Next(), "news{\"n\":" + std::to_string(n) + "}");
  Settle();
  EXPECT_EQ(counters().channel.accepted, 2u);
  EXPECT_EQ(counters().inbox.accepted, 1u);
  EXPECT_EQ(counters().http.accepted, 0u);
  EXPECT_EQ(counters().waiting_bytes, 0u);
}

TEST_F(IntakeInletTest, RefusesWhatIsNoEnvelopeAndGoesOn) {
  inlet().Bring(From::kChannel, {"garbage", News(1), "[]", R"({"message_type":"x"})"});
  inlet().Bring(From::kInbox, {std::string("\x80\x04pickle", 8), News(2)});
  EXPECT_EQ(guest_.Next(), "news{\"n\":1}");
  EXPECT_EQ(guest_.Next(), "news{\"n\":2}");
  EXPECT_THAT(inlet().refused(),
              ElementsAre(HasSubstr("bad_json garbage"), HasSubstr("[]"),
                          HasSubstr("missing_notification"), HasSubstr("bad_json")));
  EXPECT_EQ(counters().channel.rejected, 3u);
  EXPECT_EQ(counters().inbox.rejected, 1u);
}

TEST_F(IntakeInletTest, TakesAnIdOnceWhicheverWayItComes) {
  const std::string same = News(1, R"(,"id":"a")");
  inlet().Bring(From::kChannel, {same});
  inlet().Bring(From::kInbox, {same, News(2)});
  EXPECT_TRUE(pipeline_.Take(same)->results.front().duplicate);
  EXPECT_EQ(guest_.Next(), "news{\"n\":1}");
  EXPECT_EQ(guest_.Next(), "news{\"n\":2}");
  EXPECT_TRUE(test::Until([&] { return counters().inbox.duplicates == 1; }));
  EXPECT_EQ(counters().http.duplicates, 1u);
}

TEST_F(IntakeInletTest, TriesAgainInOrderUntilTheLogTakesIt) {
  pipeline_.broker().broken = true;
  inlet().Bring(From::kChannel, {News(1), News(2)});
  EXPECT_TRUE(test::Until([&] { return counters().retries >= 2; }));
  inlet().Bring(From::kInbox, {News(3)});
  std::atomic<bool> settled{false};
  pipeline_.intake_to_feed().Settle([&] { settled = true; });
  EXPECT_TRUE(test::Until([&] { return counters().retries >= 4; }));
  EXPECT_FALSE(settled) << "what waits is not settled";
  EXPECT_GT(counters().waiting_bytes, 0u);
  pipeline_.broker().broken = false;
  for (int n = 1; n <= 3; ++n) EXPECT_EQ(guest_.Next(), "news{\"n\":" + std::to_string(n) + "}");
  EXPECT_TRUE(test::Until([&] { return settled.load(); }));
  EXPECT_EQ(counters().waiting_bytes, 0u);
}

TEST_F(IntakeInletTest, StoresInBatchesWhatCameWhileOneWasUnderWay) {
  const uint64_t before = pipeline_.broker().appends;
  std::vector<std::string> many;
  for (int n = 1; n <= 500; ++n) many.push_back(News(n));
  for (int i = 0; i < 500; i += 50) {
    inlet().Bring(From::kChannel, {many.begin() + i, many.begin() + i + 50});
  }
  for (int n = 1; n <= 500; ++n) EXPECT_EQ(guest_.Next(), "news{\"n\":" + std::to_string(n) + "}");
  EXPECT_LE(pipeline_.broker().appends - before, 10u);
}

TEST_F(IntakeInletTest, RefusesPublishersAtOnceWhileTheBrokerIsAway) {
  pipeline_.intake_to_feed().SetAway(true);
  const auto answer = pipeline_.Take(News(1));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "unavailable");
  EXPECT_EQ(counters().http.unavailable, 1u);
  pipeline_.intake_to_feed().SetAway(false);
  EXPECT_TRUE(pipeline_.Take(News(2)));
}

}  // namespace
}  // namespace trackwire::notify
