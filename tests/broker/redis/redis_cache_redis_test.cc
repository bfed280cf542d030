#include "tests/broker/redis/redis_process.h"

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;

class RedisCacheTest : public testing::Test {
 protected:
  using Value = std::optional<std::string>;

  Value Get(const std::string& key) {
    return test::Await<Value>([&](auto done) { process_.cache().Get(key, done); });
  }
  uint64_t Failures() {
    uint64_t failures = 0;
    process_.loop().Run([&] { failures = process_.cache().failures(); });
    return failures;
  }

  test::RedisServer server_;
  RedisProcess process_{server_.unix_url()};
};

TEST_F(RedisCacheTest, IsSharedByProcesses) {
  RedisProcess other(server_.unix_url());
  process_.cache().Put("a", "1", 1min);
  EXPECT_EQ(Get("a"), "1");
  EXPECT_EQ(test::Await<Value>([&](auto done) { other.cache().Get("a", done); }), "1");
}

TEST_F(RedisCacheTest, IsMerelyEmptyWithoutRedis) {
  process_.cache().Put("a", "1", 1min);
  EXPECT_EQ(Get("a"), "1");
  server_.Kill();
  EXPECT_EQ(Get("a"), std::nullopt);
  process_.cache().Put("b", "2", 1min);
  EXPECT_EQ(Get("b"), std::nullopt);
  EXPECT_GE(Failures(), 2u);
  server_.Restart();
  EXPECT_TRUE(test::Until([&] { return Get("a") == "1"; })) << "it was on disk";
}

TEST_F(RedisCacheTest, KeepsItsBoundWhateverOthersWroteIntoItsKeys) {
  const std::string large(100'000, 'x');
  for (const char* nonsense : {"nan", "-1e300", "1e300", "text", "-5000000"}) {
    server_.Command({"HSET", "cache:state", "bytes", nonsense});
    server_.Command({"HSET", "cache:values", "ghost", "x"});
    server_.Command({"ZADD", "cache:used", "1", "phantom"});
    for (int n = 0; n < 120; ++n) process_.cache().Put(std::to_string(n), large, 1h);
    EXPECT_TRUE(Get("119") == large) << nonsense;
    EXPECT_EQ(Get("ghost"), std::nullopt);
  }
  server_.Command({"DEL", "cache:state"});
  for (int n = 0; n < 30; ++n) process_.cache().Put(std::to_string(n), large, 1h);
  EXPECT_TRUE(Get("29") == large);
}

TEST_F(RedisCacheTest, KeysOfAnotherTypeAreCountedAndHurtNobody) {
  for (const char* key : {"cache:values", "cache:used", "cache:expires", "cache:state"}) {
    server_.Command({"DEL", key});
    server_.Command({"SET", key, "x"});
    const uint64_t before = Failures();
    process_.cache().Put("a", "1", 1h);
    EXPECT_EQ(Get("a"), std::nullopt);
    EXPECT_GE(Failures(), before + 2) << key;
    server_.Command({"DEL", key});
    process_.cache().Put("a", "2", 1h);
    EXPECT_EQ(Get("a"), "2") << key;
  }
}

}  // namespace
}  // namespace trackwire::broker
