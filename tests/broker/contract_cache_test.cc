#include "tests/broker/backends.h"
#include "tests/broker/contract.h"

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;

class CacheContract : public BrokerContract {
 protected:
  using Value = std::optional<std::string>;

  Cache& cache() { return broker_->cache(); }
  Value Get(const std::string& key) {
    return test::Await<Value>([&](auto done) { cache().Get(key, done); });
  }
};

TEST_P(CacheContract, KeepsWhatWasPut) {
  EXPECT_EQ(Get("a"), std::nullopt);
  cache().Put("a", std::string("1 \0 \xff", 5), 1min);
  cache().Put("b", "", 1min);
  EXPECT_EQ(Get("a"), std::string("1 \0 \xff", 5));
  EXPECT_EQ(Get("b"), "") << "empty is not missing";
  cache().Put("a", "2", 1min);
  EXPECT_EQ(Get("a"), "2");
}

TEST_P(CacheContract, ForgetsWhatWasRemoved) {
  cache().Put("a", "1", 1min);
  cache().Put("b", "2", 1min);
  cache().Remove("a");
  cache().Remove("never there");
  EXPECT_EQ(Get("a"), std::nullopt);
  EXPECT_EQ(Get("b"), "2");
}

TEST_P(CacheContract, ForgetsWhatIsTooOld) {
  cache().Put("short", "1", 10s);
  cache().Put("long", "2", 1h);
  EXPECT_EQ(Get("short"), "1");
  Elapse(11s);
  EXPECT_EQ(Get("short"), std::nullopt);
  EXPECT_EQ(Get("long"), "2");
  cache().Put("short", "3", 10s);
  EXPECT_EQ(Get("short"), "3");
  cache().Put("never", "4", 0ms);
  EXPECT_EQ(Get("never"), std::nullopt);
  cache().Put("long", "5", 0ms);
  EXPECT_EQ(Get("long"), std::nullopt) << "the former value is not what was put last";
}

TEST_P(CacheContract, MakesRoomByWhatWasNotUsedForLongest) {
  const std::string large(100'000, 'x');
  cache().Put("first", large, 1h);
  Elapse(1min);
  cache().Put("second", large, 1h);
  Elapse(1min);
  EXPECT_TRUE(Get("first") == large);
  Elapse(1min);
  for (int n = 0; n < 9; ++n) cache().Put("more " + std::to_string(n), large, 1h);
  // Not compared as texts: a failure would print them.
  EXPECT_FALSE(Get("second").has_value());
  EXPECT_TRUE(Get("first") == large);
  EXPECT_TRUE(Get("more 0") == large);
}

TEST_P(CacheContract, DropsWhatIsLargerThanAll) {
  cache().Put("a", "1", 1h);
  cache().Put("huge", std::string(2'000'000, 'x'), 1h);
  EXPECT_FALSE(Get("huge").has_value());
  EXPECT_EQ(Get("a"), "1");
}

INSTANTIATE_TEST_SUITE_P(Brokers, CacheContract, testing::ValuesIn(kPersistentBackends));

}  // namespace
}  // namespace trackwire::broker
