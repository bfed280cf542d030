// What a crowded link, a restricted user, a full server or a careless neighbour must not spoil.
#include "tests/broker/redis_gateways.h"

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;

using AppendResult = Result<std::vector<Appended>>;
using TakeOverResult = Result<SessionRecord, TakeOverError>;

class RedisTroubleTest : public RedisGateways {
 protected:
  /// Until the link of the commands refuses what is sent next. The server must be paused.
  static void Crowd(Gateway& gateway) {
    const std::string large(1u << 20, 'x');
    for (int i = 0; i < 60; ++i) gateway.broker().pub_sub().Publish("large", large);
    for (int i = 0; i < 8; ++i) gateway.broker().cache().Put("large", large, 1min);
  }
  /// A user who may do everything but what `rules` take away.
  std::string UserUrl(const std::string& rules) {
    std::vector<std::string> command{"ACL",     "SETUSER", "poor", "on",
                                     ">secret", "~*",      "&*",   "+@all", rules};
    EXPECT_EQ(server_.Command(command), "OK");
    return "redis://poor:secret@127.0.0.1:" + std::to_string(server_.port());
  }
  std::unique_ptr<Broker> OpenAs(const std::string& rules) {
    RedisBrokerOptions options = Options();
    options.link.target = ParseRedisUrl(UserUrl(rules)).value();
    auto opened = OpenRedisBroker(std::move(options), loop_, Clock::System());
    EXPECT_TRUE(opened) << opened.error().detail;
    return std::move(*opened);
  }
};

TEST_F(RedisTroubleTest, ABatchThatTheLinkRefusesIsSentAgain) {
  Gateway& gateway = AddGateway();
  server_.Pause();
  std::atomic<int> stored{0};
  const auto append = [&](const std::string& text) {
    gateway.broker().log().Append({{text, "", {}}}, [&](const AppendResult& r) {
      if (r) ++stored;
    });
    loop_.Run([] {});
  };
  append("{\"n\":0}");
  Crowd(gateway);
  append("{\"n\":1}");
  append("{\"n\":2}");
  loop_.Run([] {});
  server_.Resume();
  EXPECT_TRUE(test::Until([&] { return stored == 3; }));
  Settle();
  EXPECT_EQ(Counted(gateway), Once("{\"n\":", "}", 3));
}

TEST_F(RedisTroubleTest, ASessionCallThatTheLinkRefusesIsSentAgain) {
  Gateway& gateway = AddGateway();
  SessionStore& sessions = gateway.broker().sessions();
  server_.Pause();
  sessions.Save({"before", "proof", "a", "1"});
  loop_.Run([] {});
  Crowd(gateway);
  sessions.Save({"behind", "proof", "a", "2"});
  loop_.Run([] {});
  server_.Resume();
  EXPECT_TRUE(test::Until([&] {
    return server_.Command({"HGET", "socket:session:behind", "value"}) == "2";
  }));
  const auto record = test::Await<TakeOverResult>(
      [&](auto done) { sessions.TakeOver("before", "proof", "b", done); });
  EXPECT_EQ(record->value, "1");
}

TEST_F(RedisTroubleTest, WhoMayNotPublishPutsIntoTheInboxOnce) {
  auto broker = OpenAs("resetchannels");
  const auto put = test::Await<AppendResult>([&](auto done) {
    broker->outlet().Append({{"{\"n\":0}", "", {}}, {"{\"n\":1}", "", {}}},
                            [done](auto result) { done(std::move(result)); });
  });
  EXPECT_TRUE(put);
  EXPECT_EQ(server_.Command({"XLEN", "socket:notification:inbox"}), "2");
  loop_.Run([&] { broker.reset(); });
}

TEST_F(RedisTroubleTest, WhatIsTakenFromTheInboxIsStoredThoughItCannotBeDeleted) {
  RedisBrokerOptions options = Options();
  options.link.target = ParseRedisUrl(UserUrl("-xdel")).value();
  Gateway& gateway = AddGateway(options);
  PutIn("{\"in\":%d}", 0, 10);
  EXPECT_TRUE(test::Until([&] { return gateway.Tailed().size() == 10; }));
  EXPECT_EQ(Counted(gateway), Once("{\"in\":", "}", 10));
}

TEST_F(RedisTroubleTest, AnInboxEntryStaysUntilTheLogTakesIt) {
  Gateway& gateway = AddGateway();
  const std::string log = "socket:notification:log";
  server_.Command({"XADD", log, "18446744073709551615-18446744073709551615", "odd", "x"});
  PutIn("{\"in\":%d}", 0, 3);
  ASSERT_TRUE(test::Until([&] { return !gateway.Health().ready; }));
  EXPECT_EQ(server_.Command({"XLEN", "socket:notification:inbox"}), "3");
  server_.Command({"DEL", log});
  ASSERT_TRUE(test::Until([&] { return gateway.Health().ready && gateway.breaks() == 1; }));
  ASSERT_TRUE(test::Until([&] {
    return server_.Command({"XLEN", "socket:notification:inbox"}) == "0";
  }));
  EXPECT_EQ(server_.Command({"XLEN", log}), "4");  // and the entry that begins the epoch
}

TEST_F(RedisTroubleTest, ABatchThatCannotRunWholeStoresNothing) {
  Gateway& gateway = AddGateway();
  server_.Command({"DEL", "socket:notification:inbox"});
  server_.Command({"SET", "socket:notification:inbox", "x"});
  std::atomic<int> done{0};
  loop_.Run([&] {
    gateway.broker().log().Append({{"{\"n\":0}", "", {}}}, [&](const AppendResult&) { ++done; });
    gateway.broker().outlet().Append({{"{\"out\":0}", "", {}}},
                                     [&](const AppendResult&) { ++done; });
  });
  ASSERT_TRUE(test::Until([&] { return !gateway.Health().ready; }));
  EXPECT_TRUE(gateway.Tailed().empty());
  server_.Command({"DEL", "socket:notification:inbox"});
  ASSERT_TRUE(test::Until([&] { return done == 2; }));
  Settle();
  auto expected = Once("{\"n\":", "}", 1);
  expected.merge(Once("{\"out\":", "}", 1));
  EXPECT_EQ(Counted(gateway), expected);
}

TEST_F(RedisTroubleTest, AForeignTextUnderAnIdempotencyKeySpoilsNoAnswer) {
  Gateway& gateway = AddGateway();
  server_.Command({"SET", "socket:notification:key:k", "no id at all"});
  const auto answer = test::Await<AppendResult>([&](auto done) {
    gateway.broker().log().Append({{"{\"n\":0}", "k", {}}, {"{\"n\":1}", "", {}}},
                                  [done](auto result) { done(std::move(result)); });
  });
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->at(0).duplicate);
  EXPECT_FALSE(answer->at(1).duplicate);
  EXPECT_LT(answer->at(0).offset, answer->at(1).offset);
}

TEST_F(RedisTroubleTest, AFullRedisStillLetsGoOfWhatExpired) {
  RedisBrokerOptions options = Options();
  const auto ahead = std::make_shared<std::atomic<int64_t>>(0);
  options.clock_ahead = [ahead] { return std::chrono::milliseconds(*ahead); };
  AddGateway(options);
  Publish("{\"n\":%d}", 0, 10);
  Settle();
  EXPECT_EQ(server_.Command({"CONFIG", "SET", "maxmemory", "1"}), "OK");
  *ahead = std::chrono::milliseconds(2 * options.expiry).count();
  EXPECT_TRUE(test::Until(
      [&] { return server_.Command({"XLEN", "socket:notification:log"}) == "0"; }));
  server_.Command({"CONFIG", "SET", "maxmemory", "0"});
}

TEST_F(RedisTroubleTest, AnEpochThatComesBackIsFollowed) {
  Gateway& gateway = AddGateway();
  Publish("{\"n\":%d}", 0, 10);
  Settle();
  const std::string key = "socket:notification:log:epoch";
  const std::string epoch = server_.Command({"GET", key});
  server_.Command({"FLUSHALL"});
  ASSERT_TRUE(test::Until([&] { return gateway.breaks() == 1; }));
  // The copy from before is put in place after all.
  server_.Command({"EVAL",
                   "redis.call('SET', KEYS[1], ARGV[1]) redis.call('DEL', KEYS[2]) "
                   "redis.call('XADD', KEYS[2], '5-1', 'e', '{}')",
                   "2", key, "socket:notification:log", epoch});
  ASSERT_TRUE(test::Until([&] { return gateway.breaks() == 2; }));
  Publish("{\"n\":%d}", 10, 10);
  Settle();
  loop_.Run([&] { EXPECT_EQ(gateway.broker().log().tail_offset().epoch, epoch); });
  EXPECT_EQ(Counted(gateway), Once("{\"n\":", "}", 20));
}

}  // namespace
}  // namespace trackwire::broker
