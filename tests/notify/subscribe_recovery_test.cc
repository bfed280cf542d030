// What was chosen outlives a connection, and rights outlive neither.
#include <gmock/gmock.h>

#include "tests/notify/subscribe_scene.h"

namespace trackwire::notify {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class SubscribeRecoveryTest : public SubscribeScene {
 protected:
  /// What a client that comes back missed, up to `session`, which must say that it was recovered.
  static std::vector<std::string> Missed(Guest& guest) {
    std::vector<std::string> events;
    for (;;) {
      std::string event = guest.Next();
      if (event.rfind("session", 0) == 0) {
        EXPECT_THAT(event, HasSubstr("\"recovered\":true"));
        return events;
      }
      events.push_back(std::move(event));
      if (events.back() == "<closed>") return events;
    }
  }
};

TEST_F(SubscribeRecoveryTest, GivesBackWhatWasMissedOfWhatWasChosen) {
  auto alice = Alice();
  alice->Ask("subscribe", R"({"trackers":["a1"],"bbox":[0,0,10,10]})");
  Status("a1", 1);
  EXPECT_EQ(alice->Next(), Change(1));
  alice->Cut();
  Status("a1", 2);
  Status("a2", 3);
  Locate("\"o2\"", 20, 20, 4);
  Locate("\"o2\"", 5, 5, 5);
  Locate("\"o1\"", 5, 5, 6);
  pipeline_->Say("news", 7);
  alice->Return();
  const auto missed = Missed(*alice);
  ASSERT_EQ(missed.size(), 3u);
  EXPECT_EQ(missed[0], Change(2));
  EXPECT_THAT(missed[1], HasSubstr("\"n\":5"));
  EXPECT_EQ(missed[2], "news{\"n\":7}");
  // And the choice goes on to hold.
  Status("a2", 8);
  Status("a1", 9);
  Locate("\"o2\"", 20, 20, 10);
  Locate("\"o2\"", 5, 5, 11);
  const auto live = Drain(*alice);
  ASSERT_EQ(live.size(), 2u);
  EXPECT_EQ(live[0], Change(9));
  EXPECT_THAT(live[1], HasSubstr("\"n\":11"));
  EXPECT_THAT(alice->Ask("unsubscribe", R"({"bbox":true})"),
              StartsWith(R"({"granted":{"trackers":["a1"],"clients":[],"bbox":null})"));
}

TEST_F(SubscribeRecoveryTest, CountsAChoiceOnlyUntilItIsAnother) {
  auto alice = Alice();
  alice->Ask("subscribe", R"({"trackers":["a1"],"bbox":[0,0,10,10]})");
  alice->Cut();
  alice->Return();
  Missed(*alice);
  EXPECT_EQ(pipeline_->choice_counts().boxes, 1u);
  alice->Ask("unsubscribe", R"({"bbox":true})");
  // What was let go of in the turn of the answer is known to the loop after one more of its shard.
  for (net::Shard* shard : pipeline_->nsp().shards()) shard->Run([] {});
  EXPECT_EQ(pipeline_->choice_counts().boxes, 0u);
  EXPECT_EQ(pipeline_->choice_counts().trackers, 1u);
}

TEST_F(SubscribeRecoveryTest, AsksNoBoxForThoseWhoDoNotSeePlacesAnyMore) {
  Pipeline::Options options;
  options.fields.hidden_from = {"visitor=latitude"};
  Start(options);
  const std::string visitor = pipeline_->Token("vera", {"visitor"});
  auto vera = Join(pipeline_->Token("vera"));
  vera->Ask("subscribe", R"({"bbox":[0,0,10,10]})");
  Locate("\"o2\"", 5, 5, 1);
  EXPECT_EQ(Drain(*vera).size(), 1u);
  vera->Authenticate(visitor);
  EXPECT_THAT(vera->Next(), HasSubstr("\"reason\":\"authenticated\""));
  EXPECT_THAT(vera->Next(), HasSubstr("\"session\""));
  Locate("\"o2\"", 5, 5, 2);
  EXPECT_THAT(Drain(*vera), ElementsAre());
  vera->Cut();
  Locate("\"o2\"", 5, 5, 3);
  vera->set_token(visitor);
  vera->Return();
  EXPECT_THAT(Missed(*vera), ElementsAre());
  // The box is still theirs, for when they see again.
  vera->Authenticate(pipeline_->Token("vera"));
  EXPECT_THAT(vera->Next(), HasSubstr("\"reason\":\"authenticated\""));
  EXPECT_THAT(vera->Next(), HasSubstr("\"session\""));
  Locate("\"o2\"", 5, 5, 4);
  EXPECT_EQ(Drain(*vera).size(), 1u);
}

TEST_F(SubscribeRecoveryTest, JudgesEachMissedEntryByWhatWasChosenThen) {
  auto alice = Alice();
  Status("a2", 1);
  EXPECT_EQ(alice->Next(), Change(1));
  const std::string offset = alice->offset();
  Status("a2", 2);  // by everything
  alice->Ask("subscribe", R"({"trackers":["a1"]})");
  Status("a2", 3);  // not chosen
  Status("a1", 4);
  alice->Ask("subscribe", R"({"trackers":["a2"]})");
  Status("a2", 5);
  alice->Ask("unsubscribe", R"({"trackers":["a1"]})");
  Status("a1", 6);  // not any more
  Status("a2", 7);
  Drain(*alice);
  alice->Cut();
  Status("a2", 8);
  Status("a1", 9);
  // As if all but the first had been on the line when it broke.
  alice->Return(offset);
  EXPECT_THAT(Missed(*alice), ElementsAre(Change(2), Change(4), Change(5), Change(7),
                                          "news{\"n\":1001}", Change(8)));
  alice->Cut();
  alice->Return();
  EXPECT_THAT(Missed(*alice), ElementsAre());
}

TEST_F(SubscribeRecoveryTest, SendsNothingAgainThatASnapshotShowed) {
  Locate("\"o2\"", 1, 1, 1);
  auto visitor = Join();
  visitor->Ask("subscribe", R"({"trackers":[]})");
  Locate("\"o2\"", 1, 1, 2);  // not chosen yet
  EXPECT_THAT(visitor->Ask("subscribe", R"({"trackers":["o2"]})"), HasSubstr("\"n\":2"));
  // Its last event is still the `session`, from before all of this.
  visitor->Cut();
  Locate("\"o2\"", 1, 1, 3);
  visitor->Return();
  const auto missed = Missed(*visitor);
  ASSERT_EQ(missed.size(), 1u);
  EXPECT_THAT(missed[0], HasSubstr("\"n\":3"));
}

TEST_F(SubscribeRecoveryTest, StartsAnewWhenTooManyChangesLieBetween) {
  auto alice = Alice();
  const std::string offset = alice->offset();
  for (int i = 0; i < 20; ++i) {
    Status("o1", i);  // an entry between each two
    alice->Ask("subscribe", R"({"bbox":[0,0,1,)" + std::to_string(i + 1) + "]}");
  }
  alice->Cut();
  alice->Return(offset);
  EXPECT_THAT(alice->Next(), HasSubstr("\"recovered\":false"));
  EXPECT_EQ(pipeline_->recovery_counters().limits, 1u);
  Status("a1", 100);
  EXPECT_EQ(alice->Next(), Change(100)) << "who starts anew has chosen nothing yet";
}

TEST_F(SubscribeRecoveryTest, ComesBackOnAnotherGateway) {
  Pipeline::Options options;
  options.rules.public_events = {"news"};
  options.beside = pipeline_.get();
  Pipeline beside(options);
  for (const char* id : {"a1", "a2"}) beside.Know(TrackerOf(id, "acme"));
  pipeline_->Say("news", 0);  // what follows is later than that
  auto alice = Alice();
  alice->Ask("subscribe", R"({"trackers":["a1"]})");
  alice->Cut();
  Status("a2", 1);
  Status("a1", 2);
  Guest there(beside.port(), pipeline_->Token("alice", {}, {"\"acme\""}),
              ",\"pid\":\"" + alice->pid() + "\",\"offset\":\"" + alice->offset() + "\"");
  EXPECT_THAT(Missed(there), ElementsAre(Change(2)));
  Status("a2", 3);
  Status("a1", 4);
  EXPECT_THAT(Drain(there), ElementsAre(Change(4)));
}

TEST_F(SubscribeRecoveryTest, StopsWithTheRightAndComesBackWithIt) {
  auto alice = Alice();
  alice->Ask("subscribe", R"({"trackers":["a1"]})");
  Status("a1", 1);
  pipeline_->Know(TrackerOf("a1", "other"));
  Status("a1", 2);
  pipeline_->Know(TrackerOf("a1", "acme"));
  Status("a1", 3);
  EXPECT_THAT(Drain(*alice),
              ElementsAre(Change(1), R"(trackers_changed{"trackers":["a1"]})",
                          R"(trackers_changed{"trackers":["a1"]})", Change(3)));
  alice->Cut();
  Status("a1", 4);
  pipeline_->Know(TrackerOf("a1", "other"));
  Status("a1", 5);
  alice->Return();
  EXPECT_THAT(Missed(*alice), ElementsAre(R"(trackers_changed{"trackers":null})"))
      << "what was missed is judged by what is known on return";
  alice->Cut();
  alice->Return();
  Missed(*alice);
  pipeline_->Know(TrackerOf("a1", "acme"));
  Status("a1", 6);
  EXPECT_THAT(Drain(*alice), ElementsAre(R"(trackers_changed{"trackers":["a1"]})", Change(6)));
}

TEST_F(SubscribeRecoveryTest, TellsOfChangesToWhomTheyConcernAndNobodyElse) {
  auto visitor = Join();
  auto alice = Alice();
  auto bob = Join(pipeline_->Token("bob", {}, {"\"other\""}));
  auto admin = Admin();
  const std::string a1 = R"(trackers_changed{"trackers":["a1"]})";
  pipeline_->Know(TrackerOf("a1", "other"));        // from Alice to Bob
  pipeline_->Know(TrackerOf("a1", "other", true));  // now everybody's
  pipeline_->Know(TrackerOf("a1", "other", true));  // nothing new
  pipeline_->Know(TrackerOf("a1", "other"));
  tracking::Tracker renamed = TrackerOf("o1", "other");
  renamed.name = "Another name";
  pipeline_->Know(renamed);
  const std::string o1 = R"(trackers_changed{"trackers":["o1"]})";
  EXPECT_THAT(Drain(*visitor), ElementsAre(a1, a1));
  EXPECT_THAT(Drain(*alice), ElementsAre(a1, a1, a1));
  EXPECT_THAT(Drain(*bob), ElementsAre(a1, a1, a1, o1));
  EXPECT_THAT(Drain(*admin), ElementsAre(a1, a1, a1, o1));
}

TEST_F(SubscribeRecoveryTest, NamesNoIdsWhenThereAreVeryMany) {
  auto alice = Alice();
  auto bob = Join(pipeline_->Token("bob", {}, {"\"other\""}));
  std::vector<tracking::Tracker> many;
  for (size_t i = 0; i <= TrackerNews::kMaxIds; ++i) {
    many.push_back(TrackerOf(tracking::Id(static_cast<int64_t>(i)), "acme"));
  }
  many.push_back(TrackerOf(tracking::Id(int64_t{-1}), "other"));
  pipeline_->Know(many);
  EXPECT_THAT(Drain(*alice), ElementsAre(R"(trackers_changed{"trackers":null})"));
  EXPECT_THAT(Drain(*bob), ElementsAre(R"(trackers_changed{"trackers":[-1]})"));
}

}  // namespace
}  // namespace trackwire::notify
