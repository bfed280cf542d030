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
  sessions().Save({"key", "proof", "shard 1", "value"});
  const auto first = TakeOver("key", "shard 2");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->owner, "shard 1");
  EXPECT_EQ(first->value, "value");
  EXPECT_EQ(TakeOver("key", "shard 3")->owner, "shard 2");
  EXPECT_EQ(TakeOver("nobody", "shard 3").error(), TakeOverError::kUnknown);
}

TEST_P(SessionContract, TakeOverNeedsTheProof) {
  sessions().Save({"key", "proof", "a", "x"});
  for (const char* wrong : {"", "proo", "proof ", "Proof"}) {
    EXPECT_EQ(TakeOver("key", "thief", wrong).error(), TakeOverError::kRefused) << wrong;
  }
  sessions().Save({"key", "another", "a", "y"});
  EXPECT_FALSE(TakeOver("key", "late", "proof"));
  EXPECT_EQ(TakeOver("key", "b", "another")->owner, "a") << "refusals left it as it was";
}

TEST_P(SessionContract, OnlyTheOwnerChangesARecord) {
  sessions().Save({"key", "proof", "old", "x"});
  ASSERT_TRUE(TakeOver("key", "new"));
  // The former owner's end arrives late.
  sessions().Save({"key", "proof", "old", "stale"});
  sessions().Expire("key", "old", 0s);
  sessions().Remove("key", "old");
  const auto record = TakeOver("key", "newest");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->owner, "new");
  EXPECT_EQ(record->value, "x");
  sessions().Remove("key", "newest");
  EXPECT_FALSE(TakeOver("key", "x"));
}

TEST_P(SessionContract, RecordsSurviveAReopening) {
  sessions().Save({"key", "proof", "a", "old"});
  sessions().Save({"key", "proof", "a", "new"});
  sessions().Save({"gone", "proof", "a", "x"});
  sessions().Remove("gone", "a");
  Reopen();
  EXPECT_FALSE(TakeOver("key", "c", "guess"));
  const auto record = TakeOver("key", "c");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->owner, "a");
  EXPECT_EQ(record->value, "new");
  EXPECT_FALSE(TakeOver("gone", "c"));
}

TEST_P(SessionContract, AnExpiredRecordIsGone) {
  sessions().Save({"key", "proof", "a", "x"});
  sessions().Expire("key", "a", 120s);
  Elapse(119s);
  EXPECT_TRUE(TakeOver("key", "b"));
  sessions().Expire("key", "b", 120s);
  Elapse(120s);
  EXPECT_FALSE(TakeOver("key", "c"));
  Reopen();
  EXPECT_FALSE(TakeOver("key", "c"));
}

TEST_P(SessionContract, AnExpiredRecordBelongsToNobody) {
  sessions().Save({"key", "proof", "a", "x"});
  sessions().Expire("key", "a", 1s);
  Elapse(1s);
  sessions().Save({"key", "proof", "b", "y"});
  EXPECT_EQ(TakeOver("key", "c")->owner, "b");
}

TEST_P(SessionContract, SavingAgainEndsTheExpiry) {
  sessions().Save({"key", "proof", "a", "x"});
  sessions().Expire("key", "a", 120s);
  sessions().Save({"key", "proof", "a", "y"});
  Elapse(10min);
  EXPECT_EQ(TakeOver("key", "b")->value, "y");
}

TEST_P(SessionContract, AnUntouchedRecordLivesAQuarterOfAnHour) {
  sessions().Save({"key", "proof", "a", "x"});
  sessions().Save({"other", "proof", "a", "x"});
  Elapse(15min - 10s);
  EXPECT_TRUE(TakeOver("key", "b"));
  Elapse(11s);
  EXPECT_FALSE(TakeOver("other", "b"));
  EXPECT_TRUE(TakeOver("key", "c")) << "taking it over renewed it";
}

TEST_P(SessionContract, OnlyOneOfManyTakesARecordFromItsOwner) {
  sessions().Save({"pid", "proof", "first", "x"});
  std::atomic<int> from_first{0};
  std::atomic<int> answered{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      sessions().TakeOver("pid", "proof", "owner " + std::to_string(t), [&](const auto& record) {
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
