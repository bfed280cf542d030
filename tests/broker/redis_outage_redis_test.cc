#include <thread>

#include "tests/broker/redis_gateways.h"

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;

class RedisOutageTest : public RedisGateways {
 protected:
  /// Appends from another thread until told to stop; what was acknowledged is remembered.
  class Load {
   public:
    explicit Load(Gateway& gateway) : gateway_(gateway), thread_([this] { Run(); }) {}
    ~Load() { Stop(); }
    void Stop() {
      stopping_ = true;
      if (thread_.joinable()) thread_.join();
    }
    int acknowledged() const { return acknowledged_; }
    int failed() const { return failed_; }
    int sent() const { return sent_; }

   private:
    void Run() {
      while (!stopping_) {
        if (sent_ - acknowledged_ - failed_ > 500) {
          std::this_thread::yield();
          continue;
        }
        gateway_.broker().log().Append({{"{\"n\":" + std::to_string(sent_++) + "}", "", {}}},
                                       [this](const auto& result) {
                                         ++(result ? acknowledged_ : failed_);
                                       });
      }
    }
    Gateway& gateway_;
    std::atomic<int> sent_{0};
    std::atomic<int> acknowledged_{0};
    std::atomic<int> failed_{0};
    std::atomic<bool> stopping_{false};
    std::thread thread_;
  };

  void ExpectAllOnce(Load& load) {
    load.Stop();
    ASSERT_TRUE(test::Until([&] { return load.acknowledged() + load.failed() == load.sent(); }));
    EXPECT_EQ(load.failed(), 0);
    Settle();
    for (auto& gateway : gateways_) {
      EXPECT_EQ(Counted(*gateway), Once("{\"n\":", "}", load.sent()));
      EXPECT_EQ(gateway->breaks(), 0);
    }
  }
  void WaitForMore(const Load& load, int more) {
    const int from = load.acknowledged();
    ASSERT_TRUE(test::Until([&] { return load.acknowledged() >= from + more; }));
  }
};

TEST_F(RedisOutageTest, CutLinksUnderLoadLoseAndDoubleNothing) {
  AddGateway();
  AddGateway();
  Load load(*gateways_[0]);
  for (int cut = 0; cut < 15; ++cut) {
    WaitForMore(load, 300);
    server_.Command({"CLIENT", "KILL", "TYPE", "normal"});
  }
  ExpectAllOnce(load);
}

TEST_F(RedisOutageTest, KillingRedisUnderLoadLosesAndDoublesNothing) {
  AddGateway();
  AddGateway();
  Load load(*gateways_[0]);
  for (int kill = 0; kill < 3; ++kill) {
    WaitForMore(load, 300);
    server_.Kill();
    ASSERT_TRUE(test::Until([&] { return !gateways_[0]->Health().ready; }));
    EXPECT_NE(gateways_[0]->Health().detail.find("has been away for"), std::string::npos);
    server_.Restart();
  }
  WaitForMore(load, 300);
  ExpectAllOnce(load);
  ASSERT_TRUE(test::Until([&] { return gateways_[0]->Health().ready; }));
}

TEST_F(RedisOutageTest, APauseOfRedisLosesNothing) {
  RedisBrokerOptions options = Options();
  options.link.reply_timeout = 300ms;
  options.link.ping_every = 200ms;
  AddGateway(options);
  Load load(*gateways_[0]);
  WaitForMore(load, 300);
  server_.Pause();
  ASSERT_TRUE(test::Until([&] { return !gateways_[0]->Health().ready; }));
  server_.Resume();
  WaitForMore(load, 300);
  ExpectAllOnce(load);
}

TEST_F(RedisOutageTest, WhatWasHeardAndTakenIsStoredAfterARestart) {
  AddGateway();
  AddGateway();
  for (int round = 0; round < 4; ++round) {
    Publish("{\"n\":%d}", round * 100, 100);
    Publish("{\"same\":0}", 0, 10);
    PutIn("{\"in\":%d}", round * 100, 100);
    server_.Command({"CLIENT", "KILL", "TYPE", "normal"});
  }
  Settle();
  auto expected = Once("{\"n\":", "}", 400);
  expected.merge(Once("{\"in\":", "}", 400));
  expected["{\"same\":0}"] = 40;
  EXPECT_EQ(Counted(*gateways_[0]), expected);
  server_.Kill();
  server_.Restart();
  for (auto& gateway : gateways_) {
    ASSERT_TRUE(test::Until([&] { return gateway->Health().ready; }));
  }
  Publish("{\"n\":%d}", 400, 100);
  Settle();
  EXPECT_EQ(Counted(*gateways_[1]).size(), 901u);
}

TEST_F(RedisOutageTest, DirectAppendsFailAfterAWhileAndAreNotStoredLater) {
  RedisBrokerOptions options = Options();
  options.unavailable_after = 200ms;
  Gateway& gateway = AddGateway(options);
  server_.Kill();
  const auto answer = test::Await<Result<std::vector<Appended>>>([&](auto done) {
    gateway.broker().log().Append({{"{\"late\":0}", "", {}}}, [done](auto r) { done(r); });
  });
  EXPECT_EQ(answer.error().code, "unavailable");
  const auto record = test::Await<Result<SessionRecord, TakeOverError>>(
      [&](auto done) { gateway.broker().sessions().TakeOver("key", "proof", "me", done); });
  EXPECT_EQ(record.error(), TakeOverError::kUnavailable);
  server_.Restart();
  ASSERT_TRUE(test::Until([&] { return gateway.Health().ready; }));
  Settle();
  EXPECT_TRUE(Counted(gateway).empty());
}

TEST_F(RedisOutageTest, AServerThatForgotWhatItAnsweredTakesWhatIsNew) {
  Gateway& gateway = AddGateway();
  for (int i = 0; i < 5; ++i) {
    Publish("{\"n\":%d}", i * 10, 10);
    Settle();
    // As a replica that was behind when it became the master, then as one that knew nothing.
    server_.Command({"EVAL",
                     "for _, key in ipairs(redis.call('KEYS', '*:run:*')) do "
                     "if ARGV[1] == '0' then redis.call('DEL', key) else "
                     "redis.call('HSET', key, 'last', '1') end end",
                     "0", std::to_string(i % 2)});
  }
  EXPECT_EQ(Counted(gateway), Once("{\"n\":", "}", 50));
}

TEST_F(RedisOutageTest, SessionCallsWaitForRedis) {
  Gateway& gateway = AddGateway();
  server_.Kill();
  for (int i = 0; i < 100; ++i) {
    gateway.broker().sessions().Save({"key", "proof", "a", "value " + std::to_string(i)});
  }
  gateway.broker().sessions().Save({"gone", "proof", "a", "x"});
  gateway.broker().sessions().Remove("gone", "a");
  server_.Restart();
  ASSERT_TRUE(test::Until([&] { return gateway.Health().ready; }));
  const auto take = [&](const std::string& key) {
    return test::Await<Result<SessionRecord, TakeOverError>>(
        [&](auto done) { gateway.broker().sessions().TakeOver(key, "proof", "b", done); });
  };
  EXPECT_EQ(take("gone").error(), TakeOverError::kUnknown);
  EXPECT_EQ(take("key")->value, "value 99");
}

TEST_F(RedisOutageTest, AnEmptiedRedisIsAnotherLog) {
  AddGateway();
  AddGateway();
  Publish("{\"n\":%d}", 0, 10);
  Settle();
  LogOffset before;
  loop_.Run([&] { before = gateways_[0]->broker().log().tail_offset(); });
  server_.Command({"FLUSHALL"});
  for (auto& gateway : gateways_) {
    ASSERT_TRUE(test::Until([&] { return gateway->breaks() == 1; }));
  }
  Publish("{\"after\":%d}", 0, 10);
  PutIn("{\"in\":%d}", 0, 10);
  Settle();
  auto expected = Once("{\"n\":", "}", 10);
  expected.merge(Once("{\"after\":", "}", 10));
  expected.merge(Once("{\"in\":", "}", 10));
  for (auto& gateway : gateways_) {
    EXPECT_EQ(Counted(*gateway), expected);
    EXPECT_EQ(gateway->breaks(), 1);
  }
  const auto read = test::Await<Result<std::vector<LogEntryPtr>>>([&](auto done) {
    loop_.Post([&, done] {
      NotificationLog& log = gateways_[0]->broker().log();
      log.Read(before, log.tail_offset(), 10, 1000, [done](auto r) { done(std::move(r)); });
    });
  });
  EXPECT_EQ(read.error().code, "epoch");
}

TEST_F(RedisOutageTest, ALogThatWentBackIsAnotherLog) {
  Gateway& gateway = AddGateway();
  Publish("{\"n\":%d}", 0, 10);
  Settle();
  // As if an older copy of the data had been put in place.
  const std::string epoch = server_.Command({"GET", "socket:notification:log:epoch"});
  server_.Command({"DEL", "socket:notification:log"});
  server_.Command({"XADD", "socket:notification:log", "5-1", "e", "{\"old\":0}"});
  ASSERT_TRUE(test::Until([&] { return gateway.breaks() == 1; }));
  EXPECT_NE(server_.Command({"GET", "socket:notification:log:epoch"}), epoch);
  Publish("{\"n\":%d}", 10, 10);
  Settle();
  EXPECT_EQ(Counted(gateway), Once("{\"n\":", "}", 20));
}

}  // namespace
}  // namespace trackwire::broker
