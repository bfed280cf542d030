#include <gmock/gmock.h>

#include "tests/broker/redis/redis_process.h"

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;

class RedisTaskQueueTest : public testing::Test {
 protected:
  std::unique_ptr<RedisProcess> Process(std::chrono::milliseconds reply_timeout = 10s) {
    return std::make_unique<RedisProcess>(server_.unix_url(), "", reply_timeout);
  }
  /// Scripts that Redis has run.
  uint64_t Steps() {
    const std::string stats = server_.Command({"INFO", "commandstats"});
    const size_t at = stats.find("cmdstat_evalsha:calls=");
    return at == std::string::npos ? 0 : std::stoull(stats.substr(at + 22));
  }
  /// Waits until all that live have given many signs of life.
  void LetBeatsPass(uint64_t count) {
    const uint64_t until = Steps() + count;
    EXPECT_TRUE(test::Until([&] { return Steps() >= until; }));
  }

  test::RedisServer server_;
};

TEST_F(RedisTaskQueueTest, ADeadWorkersTasksGoToAnotherAfterItsLease) {
  auto first = Process();
  auto second = Process();
  for (const char* payload : {"a", "b", "c"}) {
    ASSERT_TRUE(AddTask(second->tasks(), "update", payload, payload));
  }
  auto dying = first->Work(2, 300ms);
  const auto had = dying->Taken(2);
  first->Die();
  auto living = second->Work(3, 300ms);
  EXPECT_EQ(living->Taken(1)[0].payload, "c") << "at first only what waits";
  const auto taken = living->Taken(3);
  EXPECT_EQ(taken[1].id, had[0].id);
  EXPECT_EQ(taken[2].id, had[1].id);
  EXPECT_EQ(taken[1].attempt, 2u);
  for (const Task& task : taken) EXPECT_TRUE(living->Finish(task.id));
  EXPECT_EQ(server_.Command({"HLEN", "task:update:taken"}), "0");
}

TEST_F(RedisTaskQueueTest, ASlowButLivingWorkerKeepsItsTasks) {
  auto first = Process();
  auto second = Process();
  ASSERT_TRUE(AddTask(first->tasks(), "update", "", "slow"));
  auto slow = first->Work(1, 300ms);
  const std::string id = slow->Taken(1)[0].id;
  auto other = second->Work(1, 300ms);
  LetBeatsPass(40);  // about two seconds of both
  EXPECT_TRUE(other->Now().empty());
  EXPECT_TRUE(slow->Finish(id));
}

TEST_F(RedisTaskQueueTest, AFormerWorkersWordsHaveNoEffect) {
  auto first = Process();
  auto second = Process();
  ASSERT_TRUE(AddTask(first->tasks(), "update", "", "x"));
  auto former = first->Work(1, 60s);
  const std::string id = former->Taken(1)[0].id;
  const std::string name = server_.Command({"ZRANGE", "task:update:workers", "0", "0"});
  auto newer = second->Work(1, 300ms);
  // As if the first one had not been heard for long.
  EXPECT_TRUE(test::Until([&] {
    server_.Command({"ZADD", "task:update:workers", "1", name});
    return !newer->Now().empty();
  }));
  former->Retry(id, 0ms);
  EXPECT_FALSE(former->Finish(id));
  EXPECT_EQ(server_.Command({"HLEN", "task:update:taken"}), "1") << "the newer one has it";
  EXPECT_TRUE(newer->Finish(id));
}

TEST_F(RedisTaskQueueTest, AFormerWorkersFinishHasNoEffect) {
  auto first = Process();
  auto second = Process();
  ASSERT_TRUE(AddTask(first->tasks(), "update", "k", "x"));
  auto former = first->Work(1, 60s);
  const std::string id = former->Taken(1)[0].id;
  const std::string name = server_.Command({"ZRANGE", "task:update:workers", "0", "0"});
  auto newer = second->Work(1, 300ms);
  EXPECT_TRUE(test::Until([&] {
    server_.Command({"ZADD", "task:update:workers", "1", name});
    return !newer->Now().empty();
  }));
  EXPECT_FALSE(former->Finish(id));
  EXPECT_TRUE(AddTask(first->tasks(), "update", "k", "y")->joined) << "it is still under way";
  EXPECT_TRUE(newer->Finish(id));
  EXPECT_FALSE(AddTask(first->tasks(), "update", "k", "z")->joined);
}

TEST_F(RedisTaskQueueTest, TimeWithoutRedisCountsAgainstNobody) {
  auto first = Process(600ms);
  auto second = Process(600ms);
  ASSERT_TRUE(AddTask(first->tasks(), "update", "", "x"));
  auto holder = first->Work(1, 300ms);
  const std::string id = holder->Taken(1)[0].id;
  auto other = second->Work(1, 300ms);
  LetBeatsPass(10);
  server_.Pause();
  // Both have waited in vain for longer than the lease.
  EXPECT_TRUE(test::Until([&] { return !first->Up() && !second->Up(); }));
  server_.Resume();
  EXPECT_TRUE(test::Until([&] { return first->Up() && second->Up(); }));
  LetBeatsPass(20);
  EXPECT_TRUE(other->Now().empty());
  EXPECT_TRUE(holder->Finish(id));
}

/// Adds from one process, works in two, and keeps books of both.
class TaskLoad {
 public:
  TaskLoad(RedisProcess& producer, const std::vector<RedisProcess*>& consumers,
           size_t workers_each)
      : producer_(producer) {
    for (RedisProcess* process : consumers) {
      for (size_t n = 0; n < workers_each; ++n) AddWorker(*process);
    }
  }
  ~TaskLoad() {
    for (auto& seat : seats_) {
      seat->process->loop().Run([&] { seat->worker.reset(); });
    }
  }

  void Add(size_t first, size_t count) {
    for (size_t n = first; n < first + count; ++n) {
      const std::string payload = std::to_string(n);
      producer_.tasks().Add("update", "", payload, 1'000'000, [this, payload](const auto& added) {
        const std::lock_guard lock(mutex_);
        ++answered_;
        if (added) accepted_.push_back(payload);
      });
    }
  }
  size_t answered() { return Locked([this] { return answered_; }); }
  size_t accepted() { return Locked([this] { return accepted_.size(); }); }
  size_t finished() { return Locked([this] { return finished_.size(); }); }
  /// Whether all that was accepted has ended, and nothing ended twice.
  void ExpectAllEndedOnce() {
    EXPECT_TRUE(test::Until([this] { return Locked([this] { return Missing() == 0; }); }));
    const std::lock_guard lock(mutex_);
    for (const auto& [payload, count] : finished_) EXPECT_EQ(count, 1) << payload;
  }
  size_t handed() { return Locked([this] { return handed_; }); }

 private:
  struct Seat {
    RedisProcess* process = nullptr;
    std::unique_ptr<TaskQueue::Worker> worker;
  };

  template <typename F>
  size_t Locked(F read) {
    const std::lock_guard lock(mutex_);
    return static_cast<size_t>(read());
  }
  size_t Missing() const {
    size_t missing = 0;
    for (const std::string& payload : accepted_) missing += finished_.contains(payload) ? 0 : 1;
    return missing;
  }
  void AddWorker(RedisProcess& process) {
    Seat* seat = seats_.emplace_back(std::make_unique<Seat>()).get();
    seat->process = &process;
    process.loop().Run([&, seat] {
      seat->worker = process.tasks().Work("update", {8, 5s}, [this, seat](Task task) {
        {
          const std::lock_guard lock(mutex_);
          ++handed_;
        }
        seat->worker->Finish(task.id, [this, payload = task.payload](bool ours) {
          const std::lock_guard lock(mutex_);
          if (ours) ++finished_[payload];
        });
      });
    });
  }

  RedisProcess& producer_;
  std::vector<std::unique_ptr<Seat>> seats_;
  std::mutex mutex_;
  size_t answered_ = 0;
  size_t handed_ = 0;
  std::vector<std::string> accepted_;
  std::map<std::string, int> finished_;
};

TEST_F(RedisTaskQueueTest, FourWorkersDoTenThousandTasksOnceEach) {
  constexpr size_t kTasks = 10'000;
  auto first = Process();
  auto second = Process();
  TaskLoad load(*first, {first.get(), second.get()}, 2);
  load.Add(0, kTasks);
  EXPECT_TRUE(test::Until([&] { return load.answered() == kTasks; }));
  EXPECT_EQ(load.accepted(), kTasks);
  load.ExpectAllEndedOnce();
  EXPECT_EQ(load.handed(), kTasks);
  EXPECT_EQ(CountWaiting(first->tasks(), "update"), 0u);
  EXPECT_EQ(server_.Command({"HLEN", "task:update:taken"}), "0");
}

TEST_F(RedisTaskQueueTest, KilledServersLoseNoTaskAndEndNoneTwice) {
  constexpr size_t kBatch = 500;
  auto first = Process();
  auto second = Process();
  TaskLoad load(*first, {first.get(), second.get()}, 2);
  size_t added = 0;
  for (int round = 0; round < 4; ++round) {
    const size_t before = load.finished();
    load.Add(added, kBatch);
    added += kBatch;
    EXPECT_TRUE(test::Until([&] { return load.finished() > before + 20; }));
    server_.Kill();
    server_.Restart();
  }
  EXPECT_TRUE(test::Until([&] { return load.answered() == added; }));
  EXPECT_EQ(load.accepted(), added) << "the server was back before anybody's patience ended";
  load.ExpectAllEndedOnce();
  EXPECT_EQ(load.finished(), added);
  EXPECT_EQ(CountWaiting(first->tasks(), "update"), 0u);
  EXPECT_TRUE(test::Until([&] { return server_.Command({"HLEN", "task:update:taken"}) == "0"; }));
}

TEST_F(RedisTaskQueueTest, ABrokenLinkAddsNothingTwice) {
  constexpr size_t kTasks = 3000;
  auto process = Process();
  std::atomic<size_t> answered = 0;
  std::atomic<size_t> accepted = 0;
  for (size_t n = 0; n < kTasks; ++n) {
    process->tasks().Add("update", "", std::to_string(n), kTasks * 2, [&](const auto& added) {
      accepted += added ? 1 : 0;
      ++answered;
    });
    if (n % 300 == 0) server_.Command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  }
  EXPECT_TRUE(test::Until([&] { return answered == kTasks; }));
  EXPECT_EQ(accepted, kTasks);
  EXPECT_EQ(CountWaiting(process->tasks(), "update"), kTasks);
}

TEST_F(RedisTaskQueueTest, BrokenLinksInTheMiddleOfWorkEndEachTaskOnce) {
  constexpr size_t kTasks = 2000;
  auto first = Process();
  auto second = Process();
  TaskLoad load(*first, {first.get(), second.get()}, 2);
  load.Add(0, kTasks);
  for (int cut = 0; cut < 10; ++cut) {
    const size_t before = load.finished();
    EXPECT_TRUE(test::Until(
        [&] { return load.finished() > before + 50 || load.finished() == kTasks; }));
    server_.Command({"CLIENT", "KILL", "TYPE", cut % 2 == 0 ? "normal" : "pubsub"});
  }
  load.ExpectAllEndedOnce();
  EXPECT_TRUE(test::Until([&] { return load.finished() == kTasks; }));
}

TEST_F(RedisTaskQueueTest, WakesAWorkerOfAnotherProcess) {
  auto first = Process();
  auto second = Process();
  auto worker = second->Work(1, 60s);
  for (size_t n = 1; n <= 20; ++n) {
    ASSERT_TRUE(AddTask(first->tasks(), "update", "", std::to_string(n)));
    EXPECT_TRUE(worker->Finish(worker->Taken(n).back().id));
  }
}

TEST_F(RedisTaskQueueTest, PrefixesKeepDeploymentsApart) {
  RedisProcess one(server_.unix_url(), "{one}:");
  RedisProcess two(server_.unix_url(), "{two}:");
  ASSERT_TRUE(AddTask(one.tasks(), "update", "k", "x"));
  EXPECT_EQ(CountWaiting(two.tasks(), "update"), 0u);
  auto keys = server_.Command({"KEYS", "*"});
  EXPECT_EQ(keys.find("{two}"), std::string::npos) << keys;
}

struct Malice {
  std::vector<std::string> command;
  std::string key;  ///< to be removed before all is well again; empty: nothing has to be
};

class RedisTaskMaliceTest : public RedisTaskQueueTest, public testing::WithParamInterface<Malice> {
};

TEST_P(RedisTaskMaliceTest, IsSurvived) {
  auto process = Process();
  ASSERT_TRUE(AddTask(process->tasks(), "update", "k", "good"));
  server_.Command(GetParam().command);
  auto worker = process->Work(1, 300ms);
  if (!GetParam().key.empty()) {
    EXPECT_FALSE(AddTask(process->tasks(), "update", "", "refused"));
    EXPECT_TRUE(test::Until([&] { return process->Counters().failed_steps >= 3; }));
    EXPECT_TRUE(worker->Now().empty());
    server_.Command({"DEL", GetParam().key});
  }
  // Whatever was lost with the key: what comes now is done.
  ASSERT_TRUE(AddTask(process->tasks(), "update", "", "new"));
  std::vector<std::string> payloads;
  for (size_t n = 1; payloads.empty() || payloads.back() != "new"; ++n) {
    const Task task = worker->Taken(n).back();
    payloads.push_back(task.payload);
    EXPECT_TRUE(worker->Finish(task.id));
    ASSERT_LE(n, 3u);
  }
  EXPECT_EQ(server_.Command({"ZCARD", "task:update:waiting"}), "0");
}

INSTANTIATE_TEST_SUITE_P(
    Keys, RedisTaskMaliceTest,
    testing::Values(
        Malice{{"ZADD", "task:update:waiting", "0", "ghost"}, ""},
        Malice{{"ZADD", "task:update:delayed", "1", "ghost"}, ""},
        Malice{{"ZADD", "task:update:delayed", "-inf", "ghost"}, ""},
        Malice{{"HSET", "task:update:taken", "ghost", "nobody:1"}, ""},
        Malice{{"HSET", "task:update:taken", "ghost", "no colon"}, ""},
        Malice{{"HSET", "task:update:data", "#place", "nan"}, ""},
        Malice{{"HSET", "task:update:data", "#place", "text"}, ""},
        Malice{{"HSET", "task:update:data", "#place", "1e300"}, ""},
        Malice{{"HSET", "task:update:data", "#seen", "-inf"}, ""},
        Malice{{"HSET", "task:update:data", "#seen", "1"}, ""},
        Malice{{"HSET", "task:update:keys", "k", "ghost", "", "ghost"}, ""},
        Malice{{"ZADD", "task:update:workers", "inf", "ghost", "-inf", "other"}, ""},
        Malice{{"ZADD", "task:update:ended", "-inf", "ghost"}, ""},
        Malice{{"EVAL", "redis.call('DEL', KEYS[1]) return redis.call('SET', KEYS[1], 'x')", "1",
                "task:update:waiting"},
               "task:update:waiting"},
        Malice{{"EVAL", "redis.call('DEL', KEYS[1]) return redis.call('SET', KEYS[1], 'x')", "1",
                "task:update:data"},
               "task:update:data"},
        Malice{{"LPUSH", "task:update:delayed", "x"}, "task:update:delayed"},
        Malice{{"XADD", "task:update:taken", "*", "a", "b"}, "task:update:taken"},
        Malice{{"SET", "task:update:workers", "x"}, "task:update:workers"},
        Malice{{"SET", "task:update:ended", "x"}, "task:update:ended"}));

TEST_F(RedisTaskQueueTest, DropsAndCountsTasksWithoutContent) {
  auto process = Process();
  std::vector<std::string> ghosts{"ZADD", "task:update:waiting"};
  for (int n = 0; n < 500; ++n) {
    ghosts.push_back("0");
    ghosts.push_back("ghost " + std::to_string(n));
  }
  server_.Command(ghosts);
  auto worker = process->Work(4, 60s);
  ASSERT_TRUE(AddTask(process->tasks(), "update", "", "good"));
  EXPECT_EQ(worker->Taken(1)[0].payload, "good");
  EXPECT_EQ(process->Counters().broken, 500u);
}

}  // namespace
}  // namespace trackwire::broker
