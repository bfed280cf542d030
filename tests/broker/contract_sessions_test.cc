#include <thread>

#include "tests/broker/backends.h"
#include "tests/broker/contract.h"

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;

class SessionContract : public BrokerContract {
 protected:
  SessionStore& sessions() { return broker_->sessions(); }
};

TEST_P(SessionContract, TakeOverNamesTheFormerOwnerOnce) {
  sessions().Save({"pid", "shard 1", "value"});
  const auto first = TakeOver("pid", "shard 2");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->owner, "shard 1");
  EXPECT_EQ(first->value, "value");
  EXPECT_EQ(TakeOver("pid", "shard 3")->owner, "shard 2");
  EXPECT_FALSE(TakeOver("nobody", "shard 3"));
}

TEST_P(SessionContract, RecordsSurviveAReopening) {
  sessions().Save({"pid", "a", "old"});
  sessions().Save({"pid", "b", "new"});
  sessions().Save({"gone", "a", "x"});
  sessions().Remove("gone");
  Reopen();
  const auto record = TakeOver("pid", "c");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->owner, "b");
  EXPECT_EQ(record->value, "new");
  EXPECT_FALSE(TakeOver("gone", "c"));
}

TEST_P(SessionContract, AnExpiredRecordIsGone) {
  sessions().Save({"pid", "a", "x"});
  sessions().Expire("pid", 120s);
  clock_.Advance(119s);
  EXPECT_TRUE(TakeOver("pid", "b"));
  sessions().Expire("pid", 120s);
  clock_.Advance(120s);
  EXPECT_FALSE(TakeOver("pid", "c"));
  Reopen();
  EXPECT_FALSE(TakeOver("pid", "c"));
}

TEST_P(SessionContract, SavingAgainEndsTheExpiry) {
  sessions().Save({"pid", "a", "x"});
  sessions().Expire("pid", 120s);
  sessions().Save({"pid", "a", "y"});
  clock_.Advance(1h);
  EXPECT_EQ(TakeOver("pid", "b")->value, "y");
}

TEST_P(SessionContract, AnUntouchedRecordLivesThirtyDays) {
  sessions().Save({"pid", "a", "x"});
  sessions().Save({"other", "a", "x"});
  clock_.Advance(30 * 24h - 1s);
  EXPECT_TRUE(TakeOver("pid", "b"));
  clock_.Advance(2s);
  EXPECT_FALSE(TakeOver("other", "b"));
}

TEST_P(SessionContract, AReopeningLeavesRecordsTheirGrace) {
  sessions().Save({"back", "a", "x"});
  sessions().Save({"late", "a", "x"});
  sessions().Save({"away", "a", "x"});
  clock_.Advance(48h);
  sessions().Expire("away", 60s);
  Reopen();
  clock_.Advance(61s);
  EXPECT_FALSE(TakeOver("away", "b")) << "a shorter time is not prolonged";
  EXPECT_TRUE(TakeOver("back", "b"));
  // Nor does another restart prolong what one has limited.
  Reopen();
  clock_.Advance(59s);
  EXPECT_FALSE(TakeOver("late", "b"));
  EXPECT_TRUE(TakeOver("back", "c"));
}

TEST_P(SessionContract, OnlyOneOfManyTakesARecordFromItsOwner) {
  sessions().Save({"pid", "first", "x"});
  std::atomic<int> from_first{0};
  std::atomic<int> answered{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      sessions().TakeOver("pid", "owner " + std::to_string(t), [&](const auto& record) {
        if (record && record->owner == "first") ++from_first;
        ++answered;
      });
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(test::Until([&] { return answered == 4; }));
  EXPECT_EQ(from_first, 1);
}

TEST_P(SessionContract, RejectsAreBoundedAndTheNewestStay) {
  for (int i = 0; i < 25; ++i) broker_->Reject({"{}", "reason " + std::to_string(i)});
  auto reasons = RejectedReasons(100);
  ASSERT_EQ(reasons.size(), 10u);
  EXPECT_EQ(reasons.front(), "reason 15");
  EXPECT_EQ(reasons.back(), "reason 24");
  EXPECT_EQ(RejectedReasons(2), (std::vector<std::string>{"reason 23", "reason 24"}));
  EXPECT_EQ(Health().rejected_total, 25u);
  Reopen();
  EXPECT_EQ(RejectedReasons(100), reasons);
}

TEST_P(SessionContract, AHugeRejectIsCutAtACharacter) {
  std::string huge(4095, 'x');
  huge += "\xc3\xa9 and more";
  broker_->Reject({huge, "too_large"});
  const auto rejected = test::Await<std::vector<Rejected>>(
      [&](auto done) { broker_->ListRejected(1, done); });
  EXPECT_EQ(rejected.at(0).envelope, std::string(4095, 'x'));
}

INSTANTIATE_TEST_SUITE_P(Backends, SessionContract, testing::ValuesIn(kPersistentBackends));

}  // namespace
}  // namespace trackwire::broker
