#include <gmock/gmock.h>

#include "tests/broker/backends.h"
#include "tests/broker/contract.h"
#include "tests/broker/task_contract.h"

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class TaskContract : public BrokerContract {
 protected:
  Result<TaskQueue::Added> Add(const std::string& key, const std::string& payload,
                               size_t max_waiting = 1000) {
    return AddTask(broker_->tasks(), "update", key, payload, max_waiting);
  }
  uint64_t Waiting() { return CountWaiting(broker_->tasks(), "update"); }
  std::unique_ptr<TestWorker> Work(size_t max_at_once = 1) {
    TaskQueue::WorkOptions options;
    options.max_at_once = max_at_once;
    return std::make_unique<TestWorker>(broker_->tasks(), *loop_, "update", options);
  }
};

TEST_P(TaskContract, HandsTasksOutInTheOrderInWhichTheyCame) {
  for (const char* payload : {"a", "b", "c"}) ASSERT_TRUE(Add("", payload));
  auto worker = Work();
  for (size_t n = 1; n <= 3; ++n) {
    const auto taken = worker->Taken(n);
    EXPECT_EQ(taken.back().attempt, 1u);
    EXPECT_TRUE(worker->Finish(taken.back().id));
  }
  EXPECT_THAT(PayloadsOf(worker->Now()), ElementsAre("a", "b", "c"));
  EXPECT_EQ(Waiting(), 0u);
}

TEST_P(TaskContract, WakesAWorkerThatWaits) {
  auto worker = Work();
  ASSERT_TRUE(Add("key", std::string("bytes \0 \xff", 9)));
  const Task task = worker->Taken(1)[0];
  EXPECT_EQ(task.key, "key");
  EXPECT_EQ(task.payload, std::string("bytes \0 \xff", 9));
}

TEST_P(TaskContract, HandsOutNoMoreAtOnceThanAsked) {
  for (const char* payload : {"a", "b", "c", "d"}) ASSERT_TRUE(Add("", payload));
  auto worker = Work(2);
  const auto taken = worker->Taken(2);
  EXPECT_EQ(Waiting(), 2u);
  EXPECT_TRUE(worker->Finish(taken[1].id));
  EXPECT_EQ(worker->Taken(3)[2].payload, "c");
  EXPECT_EQ(Waiting(), 1u);
}

TEST_P(TaskContract, JoinsATaskOfTheSameKeyUntilItHasEnded) {
  const auto first = Add("tracker 1", "first");
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->joined);
  const auto waiting = Add("tracker 1", "second");
  ASSERT_TRUE(waiting);
  EXPECT_TRUE(waiting->joined);
  EXPECT_EQ(waiting->id, first->id);
  auto worker = Work();
  worker->Taken(1);
  const auto under_way = Add("tracker 1", "third");
  ASSERT_TRUE(under_way);
  EXPECT_TRUE(under_way->joined);
  EXPECT_EQ(under_way->id, first->id);
  EXPECT_TRUE(worker->Finish(first->id));
  const auto fresh = Add("tracker 1", "fourth");
  ASSERT_TRUE(fresh);
  EXPECT_FALSE(fresh->joined);
  EXPECT_NE(fresh->id, first->id);
  EXPECT_EQ(worker->Taken(2)[1].payload, "fourth");
}

TEST_P(TaskContract, TasksWithoutAKeyAreEachTheirOwn) {
  const auto one = Add("", "same");
  const auto two = Add("", "same");
  EXPECT_NE(one->id, two->id);
  EXPECT_FALSE(two->joined);
  EXPECT_EQ(Waiting(), 2u);
}

TEST_P(TaskContract, TellsThePositionInTheQueue) {
  EXPECT_EQ(Add("", "a")->position, 0u);
  EXPECT_EQ(Add("k", "b")->position, 1u);
  EXPECT_EQ(Add("", "c")->position, 2u);
  EXPECT_EQ(Add("k", "again")->position, 1u);
  auto worker = Work();
  worker->Taken(1);
  EXPECT_EQ(Add("k", "again")->position, 0u) << "the one under way is left out";
}

TEST_P(TaskContract, RefusesMoreThanMayWait) {
  ASSERT_TRUE(Add("k", "a", 2));
  ASSERT_TRUE(Add("", "b", 2));
  const auto refused = Add("", "c", 2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "queue_full");
  EXPECT_TRUE(Add("k", "joins", 2)) << "joining adds nothing";
  auto worker = Work();
  worker->Taken(1);
  EXPECT_TRUE(Add("", "d", 2)) << "the one under way does not wait";
}

TEST_P(TaskContract, FinishesATaskOnce) {
  ASSERT_TRUE(Add("", "a"));
  auto worker = Work();
  const std::string id = worker->Taken(1)[0].id;
  EXPECT_TRUE(worker->Finish(id));
  EXPECT_FALSE(worker->Finish(id));
  EXPECT_FALSE(worker->Finish("never heard of"));
  EXPECT_FALSE(worker->Finish(""));
}

TEST_P(TaskContract, OnlyTheWorkerThatHasATaskFinishesIt) {
  ASSERT_TRUE(Add("", "a"));
  auto first = Work();
  const std::string id = first->Taken(1)[0].id;
  auto second = Work();
  EXPECT_FALSE(second->Finish(id));
  second->Retry(id, 0ms);
  EXPECT_TRUE(first->Finish(id));
}

TEST_P(TaskContract, GivesBackAtOnceWhatAWorkerLeaves) {
  for (const char* payload : {"a", "b", "c"}) ASSERT_TRUE(Add("", payload));
  auto first = Work(2);
  const auto left = first->Taken(2);
  first->Stop();
  EXPECT_EQ(Waiting(), 3u);
  auto second = Work(3);
  const auto taken = second->Taken(3);
  EXPECT_THAT(PayloadsOf(taken), ElementsAre("a", "b", "c")) << "each at its place";
  EXPECT_EQ(taken[0].id, left[0].id);
  EXPECT_EQ(taken[0].attempt, 2u);
  EXPECT_EQ(taken[2].attempt, 1u);
}

TEST_P(TaskContract, TakesAgainWhatWasGivenBackAfterItsDelay) {
  ASSERT_TRUE(Add("", "late"));
  auto worker = Work();
  const std::string id = worker->Taken(1)[0].id;
  worker->Retry(id, 60s);
  ASSERT_TRUE(Add("", "next"));
  EXPECT_EQ(worker->Taken(2)[1].payload, "next");
  EXPECT_EQ(Waiting(), 1u) << "it still waits";
  EXPECT_TRUE(worker->Finish(worker->Now()[1].id));
  EXPECT_EQ(worker->Now().size(), 2u) << "its time has not come";
  Elapse(61s);
  const Task again = worker->Taken(3)[2];
  EXPECT_EQ(again.id, id);
  EXPECT_EQ(again.attempt, 2u);
  EXPECT_TRUE(worker->Finish(id));
}

TEST_P(TaskContract, GivesBackWithoutADelayAtOnce) {
  ASSERT_TRUE(Add("", "a"));
  auto worker = Work();
  const std::string id = worker->Taken(1)[0].id;
  worker->Retry(id, 0ms);
  EXPECT_EQ(worker->Taken(2)[1].attempt, 2u);
  EXPECT_TRUE(worker->Finish(id));
}

TEST_P(TaskContract, QueuesHaveNothingToDoWithEachOther) {
  ASSERT_TRUE(AddTask(broker_->tasks(), "geocoding", "k", "place"));
  const auto other = Add("k", "tracker");
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->joined);
  EXPECT_EQ(other->position, 0u);
  auto worker = Work(5);
  EXPECT_EQ(worker->Taken(1)[0].payload, "tracker");
  EXPECT_EQ(CountWaiting(broker_->tasks(), "geocoding"), 1u);
  EXPECT_EQ(CountWaiting(broker_->tasks(), "never used"), 0u);
}

TEST_P(TaskContract, KeepsTasksWhenItIsOpenedAgain) {
  for (const char* payload : {"under way", "waits", "late", "done"}) {
    ASSERT_TRUE(Add(payload, payload));
  }
  {
    auto worker = Work(4);
    const auto taken = worker->Taken(4);
    EXPECT_TRUE(worker->Finish(taken[3].id));
    worker->Retry(taken[2].id, 60s);
    worker->Retry(taken[1].id, 0ms);
    worker->Taken(5);
  }
  Reopen();
  EXPECT_EQ(Waiting(), 3u);
  EXPECT_TRUE(Add("late", "joins")->joined);
  EXPECT_FALSE(Add("done", "new")->joined);
  auto worker = Work(10);
  const auto taken = worker->Taken(3);
  EXPECT_THAT(PayloadsOf(taken), ElementsAre("under way", "waits", "new"));
  EXPECT_EQ(taken[0].attempt, 2u);
  EXPECT_EQ(taken[1].attempt, 3u);
  Elapse(61s);
  EXPECT_EQ(worker->Taken(4)[3].payload, "late");
}

TEST_P(TaskContract, ManyWorkersDoEachTaskOnce) {
  constexpr size_t kTasks = 1000;
  std::map<std::string, int> times;
  size_t finished = 0;
  std::vector<std::unique_ptr<TaskQueue::Worker>> workers(4);
  loop_->Run([&] {
    for (auto& worker : workers) {
      worker = broker_->tasks().Work("update", {8, 10s}, [&](Task task) {
        ++times[task.payload];
        worker->Finish(task.id, [&](bool ours) { finished += ours ? 1 : 0; });
      });
    }
  });
  for (size_t n = 0; n < kTasks; ++n) {
    broker_->tasks().Add("update", "", std::to_string(n), kTasks, {[](const auto& added) {
                           EXPECT_TRUE(added);
                         }});
  }
  EXPECT_TRUE(test::Until([&] {
    size_t now = 0;
    loop_->Run([&] { now = finished; });
    return now >= kTasks;
  }));
  loop_->Run([&] { workers.clear(); });
  EXPECT_EQ(finished, kTasks);
  EXPECT_EQ(times.size(), kTasks);
  for (const auto& [payload, count] : times) EXPECT_EQ(count, 1) << payload;
}

INSTANTIATE_TEST_SUITE_P(Brokers, TaskContract, testing::ValuesIn(kPersistentBackends));

}  // namespace
}  // namespace trackwire::broker
