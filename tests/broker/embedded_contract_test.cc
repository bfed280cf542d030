#include "tests/broker/backends.h"
#include "tests/broker/contract.h"

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;
using List = std::vector<std::string>;

/// What the broker inside the process promises beyond the others.
class EmbeddedContract : public BrokerContract {
 protected:
  SessionStore& sessions() { return broker_->sessions(); }
};

TEST_P(EmbeddedContract, TheTailHasAnEntryBeforeTheAnswer) {
  std::vector<size_t> seen_at_answer;
  for (int i = 0; i < 3; ++i) {
    test::Await<bool>([&](auto done) {
      broker_->log().Append({Entry("a" + std::to_string(i)), Entry("b" + std::to_string(i))},
                            [&, done](const auto& result) {
                              EXPECT_TRUE(result);
                              seen_at_answer.push_back(tailed_.size());
                              done(true);
                            });
    });
  }
  EXPECT_EQ(Tailed(), (List{"a0", "b0", "a1", "b1", "a2", "b2"}));
  EXPECT_EQ(seen_at_answer, (std::vector<size_t>{2, 4, 6}));
}

TEST_P(EmbeddedContract, AReopeningLeavesRecordsTheirGrace) {
  sessions().Save({"back", "proof", "a", "x"});
  sessions().Save({"late", "proof", "a", "x"});
  sessions().Save({"away", "proof", "a", "x"});
  for (int i = 0; i < 6; ++i) {
    Elapse(10min);
    sessions().Touch({{"back", "a"}, {"late", "a"}, {"away", "a"}}, {});
  }
  sessions().Expire("away", "a", 60s);
  Reopen();
  Elapse(61s);
  EXPECT_FALSE(TakeOver("away", "b")) << "a shorter time is not prolonged";
  EXPECT_TRUE(TakeOver("back", "b"));
  // Nor does another restart prolong what one has limited.
  Reopen();
  Elapse(59s);
  EXPECT_FALSE(TakeOver("late", "b"));
  EXPECT_TRUE(TakeOver("back", "c"));
}

INSTANTIATE_TEST_SUITE_P(Backends, EmbeddedContract,
                         testing::Values(kPersistentBackends[0], kPersistentBackends[1]));

}  // namespace
}  // namespace trackwire::broker
