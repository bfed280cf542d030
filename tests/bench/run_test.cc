#include "load/run.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "base/check.h"
#include "floors/floor.h"
#include "load/process_probe.h"

namespace trackwire::bench {
namespace {

/// A floor in a process of its own, ended with the test.
class FloorProcess {
 public:
  explicit FloorProcess(Sending sending) {
    Floor floor(sending, 16);
    const Result<LoopbackAddress> taken = floor.Listen({INADDR_LOOPBACK, 0});
    CHECK(taken);
    address_ = taken->ToString();
    pid_ = fork();
    CHECK(pid_ >= 0);
    if (pid_ == 0) floor.Run();
  }
  ~FloorProcess() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  const std::string& address() const { return address_; }
  pid_t pid() const { return pid_; }

 private:
  std::string address_;
  pid_t pid_ = -1;
};

Options Small(const FloorProcess& floor) {
  Options options;
  options.target = floor.address();
  options.server_pids = {floor.pid()};
  options.clients = 20;
  options.publish = PublishWay::kEvent;
  options.mode = Mode::kSaturated;
  options.window = 64;
  options.batch = 16;
  options.count = 100;
  options.warmup = 60;
  options.duration = 60;
  options.settle = 0;
  return options;
}

RunResult RunChecked(const Options& options) {
  const Result<Options> checked = CheckOptions(options);
  CHECK(checked);
  return RunLoad(*checked);
}

TEST(RunTest, EveryClientGetsEveryMessageFromEitherFloor) {
  for (const Sending sending : {Sending::kSingle, Sending::kCoalesced}) {
    const FloorProcess floor(sending);
    const RunResult result = RunChecked(Small(floor));
    EXPECT_TRUE(result.is_exact()) << result.failure.value_or("");
    EXPECT_EQ(result.published, 100u);
    EXPECT_EQ(result.delivered, 2000u);
    EXPECT_EQ(result.latency.count(), 2000u);
    EXPECT_GT(result.server_cpu_s.value_or(0), 0);
  }
}

TEST(RunTest, SharesClientsAndPublishersAmongThreads) {
  const FloorProcess floor(Sending::kCoalesced);
  Options options = Small(floor);
  options.threads = 3;
  options.publishers = 4;
  const RunResult result = RunChecked(options);
  EXPECT_TRUE(result.is_exact()) << result.failure.value_or("");
  EXPECT_EQ(result.published, 400u);
  EXPECT_EQ(result.delivered, 8000u);
}

TEST(RunTest, MeasuresMemoryInSteps) {
  const FloorProcess floor(Sending::kSingle);
  Options options = Small(floor);
  options.publish = PublishWay::kNone;
  options.duration = 0;
  options.memory_at = {5, 15};
  const RunResult result = RunChecked(options);
  ASSERT_EQ(result.steps.size(), 3u);
  EXPECT_EQ(result.steps[0].clients, 5u);
  EXPECT_EQ(result.steps[1].clients, 15u);
  EXPECT_EQ(result.steps[2].clients, 20u);
  EXPECT_GT(result.steps[2].rss_bytes, 0);
  EXPECT_TRUE(result.BytesPerClient().has_value());
}

TEST(RunTest, EndsWhenTheServerDies) {
  const FloorProcess floor(Sending::kSingle);
  Options options = Small(floor);
  options.count = 0;
  options.warmup = 0;
  std::thread killer([&floor] {
    const ProcessProbe probe({floor.pid()});
    // Fan-out to 20 clients is well under way by then.
    while (probe.Read().value_or(Usage{}).cpu_ns < 100'000'000) std::this_thread::yield();
    kill(floor.pid(), SIGKILL);
  });
  const RunResult result = RunChecked(options);
  killer.join();
  EXPECT_FALSE(result.is_exact());
  EXPECT_GT(result.lost_clients, 0u);
  EXPECT_TRUE(result.failure.has_value());
}

TEST(RunTest, SaysWhyNobodyCouldConnect) {
  Options options;
  {
    const FloorProcess floor(Sending::kSingle);
    options = Small(floor);
  }
  options.server_pids.clear();
  const RunResult result = RunChecked(options);
  EXPECT_FALSE(result.is_exact());
  EXPECT_NE(result.failure.value_or("").find("connect"), std::string::npos);
}

}  // namespace
}  // namespace trackwire::bench
