#include <thread>

#include "tests/broker/redis_gateways.h"

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;
using List = std::vector<std::string>;

class RedisBrokerTest : public RedisGateways {
 protected:
  static Result<std::vector<Appended>> PutOut(Gateway& gateway, std::vector<AppendRequest> some) {
    return test::Await<Result<std::vector<Appended>>>([&](auto done) {
      gateway.broker().outlet().Append(std::move(some),
                                       [done](auto result) { done(std::move(result)); });
    });
  }
  std::vector<Rejected> RejectedOnes() {
    return test::Await<std::vector<Rejected>>(
        [&](auto done) { gateways_[0]->broker().ListRejected(100, done); });
  }
};

TEST_F(RedisBrokerTest, EachPublishIsStoredOnceThoughAllHearIt) {
  for (int i = 0; i < 3; ++i) AddGateway();
  Publish("{\"n\":%d}", 0, 500);
  Settle();
  for (auto& gateway : gateways_) EXPECT_EQ(Counted(*gateway), Once("{\"n\":", "}", 500));
}

TEST_F(RedisBrokerTest, EqualContentsAreCountedNotMerged) {
  for (int i = 0; i < 3; ++i) AddGateway();
  for (int round = 0; round < 20; ++round) {
    Publish("{\"same\":0}", 0, 7);
    Publish("{\"other\":0}", 0, 3);
  }
  Settle();
  const std::map<std::string, int> expected{{"{\"same\":0}", 140}, {"{\"other\":0}", 60}};
  for (auto& gateway : gateways_) EXPECT_EQ(Counted(*gateway), expected);
}

TEST_F(RedisBrokerTest, AKeyIsStoredOnceWhateverWayItCame) {
  for (int i = 0; i < 2; ++i) AddGateway();
  Publish("{\"id\":\"k%d\"}", 0, 20);
  Publish("{\"id\":\"k%d\"}", 0, 20);
  PutIn("{\"id\":\"k%d\"}", 0, 20);
  Settle();
  EXPECT_EQ(Counted(*gateways_[0]), Once("{\"id\":\"k", "\"}", 20));
}

TEST_F(RedisBrokerTest, NothingIsLostOrDoubledWhenGatewaysDieAndCome) {
  Gateway& witness = AddGateway();
  AddGateway();
  AddGateway();
  int published = 0;
  for (int round = 0; round < 12; ++round) {
    Publish("{\"n\":%d}", published, 50);
    Publish("{\"same\":0}", 0, 10);
    PutIn("{\"in\":%d}", published, 50);
    published += 50;
    // While they are at it, one dies as it is and another comes.
    if (round % 3 == 0) gateways_.erase(gateways_.begin() + 1);
    if (round % 3 == 1) AddGateway();
    if (round % 3 == 2) gateways_.back()->End();
    if (round % 3 == 2) gateways_.pop_back();
    if (gateways_.size() < 2) AddGateway();
  }
  Settle();
  auto expected = Once("{\"n\":", "}", published);
  expected.merge(Once("{\"in\":", "}", published));
  expected["{\"same\":0}"] = 120;
  EXPECT_EQ(Counted(witness), expected);
}

TEST_F(RedisBrokerTest, GatewaysThatCameLaterStoreEqualContentsAfterTheOthersDied) {
  Gateway& first = AddGateway();
  Publish("{\"same\":0}", 0, 30);
  Settle();
  Gateway& second = AddGateway();
  Publish("{\"same\":0}", 0, 5);
  Settle();
  EXPECT_EQ(Counted(first)["{\"same\":0}"], 35);
  gateways_.erase(gateways_.begin());
  Publish("{\"same\":0}", 0, 5);
  Settle();
  EXPECT_EQ(Counted(second)["{\"same\":0}"], 10);
}

TEST_F(RedisBrokerTest, TheInboxKeepsItsOrderWhenItsReaderDies) {
  Gateway& witness = AddGateway();
  List expected;
  for (int round = 0; round < 5; ++round) {
    AddGateway();
    for (int i = 0; i < 400; ++i) {
      expected.push_back("{\"n\":" + std::to_string(round * 400 + i) + "}");
    }
    PutIn("{\"n\":%d}", round * 400, 400);
    // The witness may hold the lease at first; each of the others dies with it at some time.
    if (gateways_.size() > 2) gateways_.erase(gateways_.begin() + 1);
  }
  Settle();
  List tailed = witness.Tailed();
  tailed.pop_back();
  EXPECT_EQ(tailed, expected);
}

TEST_F(RedisBrokerTest, ADeadReadersInboxIsTakenOver) {
  AddGateway();
  Gateway& second = AddGateway();
  PutIn("{\"n\":%d}", 0, 100);
  Settle();
  gateways_.erase(gateways_.begin());
  PutIn("{\"n\":%d}", 100, 100);
  ASSERT_TRUE(test::Until([&] { return Counted(second).size() == 200; }));
  EXPECT_EQ(Counted(second), Once("{\"n\":", "}", 200));
}

TEST_F(RedisBrokerTest, TheOutletsEntriesComeOnceAndAreHeardByOthers) {
  Gateway& gateway = AddGateway();
  std::vector<AppendRequest> some;
  some.push_back({"{\"a\":1 }", "", {}});
  some.push_back({"{}", "the key", {}});
  some.push_back({"{\"id\":\"x\",\"b\":2}\n", "x", {}});
  const auto answer = PutOut(gateway, some);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->size(), 3u);
  ASSERT_TRUE(PutOut(gateway, {{"{\"id\":\"x\",\"b\":2}", "x", {}}}));
  Settle();
  const auto tailed = gateway.Tailed();
  ASSERT_EQ(tailed.size(), 4u);
  EXPECT_EQ(List(tailed.begin(), tailed.begin() + 3),
            (List{"{\"a\":1 }", "{}", "{\"id\":\"x\",\"b\":2}\n"}));
  EXPECT_EQ(PutOut(gateway, {{"[1]", "", {}}}).error().code, "not_an_envelope");
}

TEST_F(RedisBrokerTest, AFullInboxIsSaid) {
  RedisBrokerOptions options = Options();
  options.max_inbox_entries = 0;
  Gateway& gateway = AddGateway(options);
  EXPECT_EQ(PutOut(gateway, {{"{}", "", {}}}).error().code, "queue_full");
}

TEST_F(RedisBrokerTest, BadEntriesAreRejectedAndDoNotStopTheInbox) {
  RedisBrokerOptions options = Options();
  options.max_incoming_bytes = 1000;
  AddGateway(options);
  AddGateway(options);
  const std::string inbox = "socket:notification:inbox";
  server_.Command({"XADD", inbox, "*", "something", "else"});
  server_.Command({"XADD", inbox, "*", "envelope", std::string(2000, 'x')});
  server_.Command({"XADD", inbox, "*", "envelope", "no JSON"});
  PutIn("{\"n\":%d}", 0, 10);
  Publish("garbage \xff\x01", 0, 1);
  Publish(std::string(5000, ' ') + "{}", 0, 1);
  Publish("{\"heard\":%d}", 0, 10);
  Settle();
  auto expected = Once("{\"n\":", "}", 10);
  expected.merge(Once("{\"heard\":", "}", 10));
  EXPECT_EQ(Counted(*gateways_[1]), expected);
  std::map<std::string, int> reasons;
  for (const Rejected& one : RejectedOnes()) ++reasons[one.reason];
  EXPECT_EQ(reasons, (std::map<std::string, int>{
                         {"no_envelope", 1}, {"too_large", 1}, {"not_an_envelope", 2}}))
      << "what all heard is kept once";
  EXPECT_EQ(server_.Command({"XPENDING", inbox, "trackwire"}).substr(0, 1), "0");
}

TEST_F(RedisBrokerTest, AWrongTypeAtAKeyIsSaidAndGotOver) {
  Gateway& gateway = AddGateway();
  server_.Command({"DEL", "socket:notification:log"});
  server_.Command({"SET", "socket:notification:log", "mine"});
  gateway.broker().log().Append({{"{\"n\":0}", "", {}}}, {});
  ASSERT_TRUE(test::Until([&] { return !gateway.Health().ready; }));
  EXPECT_NE(gateway.Health().detail.find("WRONGTYPE"), std::string::npos);
  server_.Command({"DEL", "socket:notification:log"});
  ASSERT_TRUE(test::Until([&] { return gateway.Health().ready; }));
  ASSERT_TRUE(test::Until([&] { return Counted(gateway).count("{\"n\":0}") == 1; }));
}

TEST_F(RedisBrokerTest, APrefixKeepsDeploymentsApart) {
  RedisBrokerOptions options = Options();
  options.prefix = "one:";
  Gateway& one = AddGateway(options);
  Gateway& other = AddGateway();
  Publish("{\"n\":%d}", 0, 10);
  other.broker().log().Append({{"{\"direct\":0}", "", {}}}, {});
  ASSERT_TRUE(test::Until([&] { return Counted(other).size() == 11; }));
  EXPECT_EQ(one.handed(), 0u);
  EXPECT_TRUE(one.Tailed().empty());
  EXPECT_EQ(server_.Command({"EXISTS", "one:socket:notification:log"}), "1");
}

TEST_F(RedisBrokerTest, BadPrefixesAreRefused) {
  RedisBrokerOptions options = Options();
  for (const std::string bad : {"a b", "line\n", "\x7f"}) {
    options.prefix = bad;
    const auto opened = OpenRedisBroker(options, loop_, Clock::System());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, "bad_prefix");
  }
}

TEST_F(RedisBrokerTest, OpeningSaysThatNobodyAnswers) {
  RedisBrokerOptions options = Options();
  options.link.target = ParseRedisUrl("unix:///nonexistent/socket").value();
  options.start_timeout = 200ms;
  const auto opened = OpenRedisBroker(options, loop_, Clock::System());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "unavailable");
}

TEST(RedisBrokerAccess, AWrongPasswordIsRefused) {
  test::RedisServer server({.password = "right"});
  net::Loop loop("control");
  loop.Start();
  RedisBrokerOptions options;
  options.link.target =
      ParseRedisUrl("redis://:wrong@127.0.0.1:" + std::to_string(server.port())).value();
  const auto opened = OpenRedisBroker(options, loop, Clock::System());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "refused") << opened.error().detail;
  EXPECT_EQ(opened.error().detail.find("wrong@"), std::string::npos);
  loop.Stop();
}

TEST(RedisBrokerCluster, WorksWithADefaultPrefix) {
  test::RedisCluster cluster;
  net::Loop loop("control");
  loop.Start();
  {
    RedisBrokerOptions options;
    options.link.target = ParseRedisUrl(cluster.url()).value();
    Gateway gateway(loop, options);
    const std::string channel = "{tw}:socket:notifications";
    for (size_t i = 0; i < 3; ++i) {
      cluster.node(i).Command({"PUBLISH", channel, "{\"n\":" + std::to_string(i) + "}"});
    }
    const auto answer = test::Await<Result<std::vector<Appended>>>([&](auto done) {
      gateway.broker().outlet().Append({{"{\"n\":3}", "k", {}}}, [done](auto r) { done(r); });
    });
    EXPECT_TRUE(answer) << answer.error().detail;
    ASSERT_TRUE(test::Until([&] { return gateway.Tailed().size() == 4; }));
    options.prefix = "plain:";
    const auto refused = OpenRedisBroker(options, loop, Clock::System());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "bad_prefix");
  }
  loop.Stop();
}

}  // namespace
}  // namespace trackwire::broker
