#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <map>
#include <set>

#include "broker/embedded/embedded_broker.h"
#include "net/loop.h"
#include "tests/broker/task_contract.h"
#include "tests/support/await.h"
#include "tests/support/temp_dir.h"

namespace trackwire::broker {
namespace {

constexpr int kKeyEvery = 3;

/// Appends numbered entries without end and writes the number of each acknowledged one to `out`.
[[noreturn]] void AppendForever(const std::string& path, int first, int out) {
  net::Loop loop("child");
  loop.Start();
  EmbeddedOptions options;
  options.path = path;
  auto broker = OpenEmbeddedBroker(options, loop, Clock::System());
  if (!broker) _exit(3);
  std::atomic<int> under_way{0};
  for (int number = first;; ++number) {
    const std::string text = std::to_string(number);
    const std::string key = number % kKeyEvery == 0 ? "key " + text : "";
    ++under_way;
    (*broker)->log().Append({{text, key, {}}}, [&under_way, number, out](const auto& result) {
      --under_way;
      if (result && ::write(out, &number, sizeof number) != sizeof number) _exit(4);
    });
    while (under_way > 50) std::this_thread::yield();
  }
}

/// Adds numbered tasks without end and works on them, leaving every third one unfinished; writes
/// the number of each added one to `out`, and its negative once it has ended.
[[noreturn]] void WorkForever(const std::string& path, int first, int out) {
  net::Loop loop("child");
  loop.Start();
  EmbeddedOptions options;
  options.path = path;
  auto broker = OpenEmbeddedBroker(options, loop, Clock::System());
  if (!broker) _exit(3);
  const auto tell = [out](int number) {
    if (::write(out, &number, sizeof number) != sizeof number) _exit(4);
  };
  std::unique_ptr<TaskQueue::Worker> worker;
  loop.Run([&] {
    worker = (*broker)->tasks().Work("update", {1'000'000, {}}, [&](const Task& task) {
      const int number = std::stoi(task.payload);
      if (number % 3 == 0) return;
      worker->Finish(task.id, [tell, number](bool ours) {
        if (ours) tell(-number);
      });
    });
  });
  std::atomic<int> under_way{0};
  for (int number = first;; ++number) {
    ++under_way;
    (*broker)->tasks().Add("update", "", std::to_string(number), 1'000'000,
                           [&under_way, number, tell](const auto& added) {
                             --under_way;
                             if (added) tell(number);
                           });
    while (under_way > 50) std::this_thread::yield();
  }
}

using Child = void (*)(const std::string& path, int first, int out);

/// Runs a child until it has acknowledged `enough` entries, then kills it; returns what it
/// acknowledged.
std::vector<int> AcknowledgedBeforeKill(const std::string& path, int first, size_t enough,
                                        Child run = AppendForever) {
  int pipe_ends[2];
  EXPECT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe_ends[0]);
    run(path, first, pipe_ends[1]);
  }
  ::close(pipe_ends[1]);
  std::vector<int> acknowledged;
  int number = 0;
  bool killed = false;
  while (::read(pipe_ends[0], &number, sizeof number) == sizeof number) {
    acknowledged.push_back(number);
    if (acknowledged.size() >= enough && !killed) {
      ::kill(child, SIGKILL);
      killed = true;
    }
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
  ::close(pipe_ends[0]);
  return acknowledged;
}

/// The numbers in the log, read in one process and closed again.
std::vector<int> Stored(const std::string& path) {
  net::Loop loop("reader");
  loop.Start();
  EmbeddedOptions options;
  options.path = path;
  auto broker = OpenEmbeddedBroker(options, loop, Clock::System());
  EXPECT_TRUE(broker);
  const auto found = test::Await<Result<std::vector<LogEntryPtr>>>([&](auto done) {
    loop.Post([&, done] {
      NotificationLog& log = (*broker)->log();
      LogOffset start = log.tail_offset();
      start.ms = start.seq = 0;
      log.Read(start, log.tail_offset(), 10'000'000, 1u << 30,
               [done](auto result) { done(std::move(result)); });
    });
  });
  EXPECT_TRUE(found);
  std::vector<int> numbers;
  for (const LogEntryPtr& entry : *found) numbers.push_back(std::stoi(entry->envelope));
  broker->reset();
  loop.Stop();
  return numbers;
}

TEST(BrokerCrashTest, KilledProcessesLoseNothingTheyAcknowledged) {
  test::TempDir directory;
  const std::string path = directory.File("broker.db");
  std::vector<int> acknowledged;
  int first = 0;
  for (const size_t enough : {1u, 37u, 400u, 5u, 1234u, 90u}) {
    const auto more = AcknowledgedBeforeKill(path, first, enough);
    acknowledged.insert(acknowledged.end(), more.begin(), more.end());
    first += 1'000'000;
  }
  const std::vector<int> stored = Stored(path);
  std::map<int, int> times;
  for (const int number : stored) ++times[number];
  for (const int number : acknowledged) EXPECT_EQ(times[number], 1) << number;
  for (const auto& [number, count] : times) EXPECT_EQ(count, 1) << number;
  EXPECT_TRUE(std::is_sorted(stored.begin(), stored.end()));
  EXPECT_GE(stored.size(), 1767u);
}

/// The numbers of the tasks in the queue, and how often each was handed out before.
std::map<int, uint32_t> TasksLeft(const std::string& path) {
  net::Loop loop("reader");
  loop.Start();
  EmbeddedOptions options;
  options.path = path;
  auto broker = OpenEmbeddedBroker(options, loop, Clock::System());
  EXPECT_TRUE(broker);
  TaskQueue& tasks = (*broker)->tasks();
  const uint64_t count = CountWaiting(tasks, "update");
  std::map<int, uint32_t> left;
  {
    TestWorker worker(tasks, loop, "update", {1'000'000, {}});
    for (const Task& task : worker.Taken(count)) {
      EXPECT_TRUE(left.emplace(std::stoi(task.payload), task.attempt - 1).second) << task.payload;
    }
  }
  loop.Run([&] { broker->reset(); });
  loop.Stop();
  return left;
}

TEST(BrokerCrashTest, KilledProcessesLoseNoTaskTheyAcknowledged) {
  test::TempDir directory;
  const std::string path = directory.File("broker.db");
  std::set<int> added;
  std::set<int> ended;
  int first = 1;
  for (const size_t enough : {10u, 700u, 60u, 1500u}) {
    for (const int number : AcknowledgedBeforeKill(path, first, enough, WorkForever)) {
      (number > 0 ? added : ended).insert(std::abs(number));
    }
    first += 1'000'000;
  }
  const auto left = TasksLeft(path);
  for (const int number : added) {
    if (ended.contains(number) || number % 3 != 0) continue;
    EXPECT_TRUE(left.contains(number)) << number;
  }
  for (const int number : ended) EXPECT_FALSE(left.contains(number)) << number << " had ended";
  const bool counted = std::any_of(left.begin(), left.end(),
                                   [](const auto& task) { return task.second >= 3; });
  EXPECT_TRUE(counted) << "four processes had the first ones";
  EXPECT_GT(added.size(), 1000u);
}

}  // namespace
}  // namespace trackwire::broker
