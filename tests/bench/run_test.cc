#include "load/run.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "base/check.h"
#include "floors/floor.h"
#include "load/process_probe.h"
#include "tests/support/certificate.h"
#include "tests/support/temp_dir.h"

namespace trackwire::bench {
namespace {

/// A floor in a process of its own, ended with the test.
class FloorProcess {
 public:
  explicit FloorProcess(Sending sending, bool tls = false) {
    Floor floor(sending, 16);
    if (tls) floor.UseTls(NewCertificate());
    const Result<LoopbackAddress> taken = floor.Listen({INADDR_LOOPBACK, 0});
    CHECK(taken);
    address_ = (tls ? "https://" : "") + taken->ToString();
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
  static TlsContext NewCertificate() {
    const test::TempDir folder;
    const std::string certificate = folder.File("certificate.pem");
    const std::string key = folder.File("key.pem");
    test::WriteCertificate(certificate, key);
    const Result<TlsContext> context = MakeServerContext(certificate, key);
    CHECK(context);
    return *context;
  }

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

TEST(RunTest, EveryClientGetsEveryMessageThroughTls) {
  for (const Sending sending : {Sending::kSingle, Sending::kCoalesced}) {
    const FloorProcess floor(sending, true);
    const RunResult result = RunChecked(Small(floor));
    EXPECT_TRUE(result.is_exact()) << result.failure.value_or("");
    EXPECT_EQ(result.delivered, 2000u);
  }
}

TEST(RunTest, EverybodyComesBackAfterAStorm) {
  const FloorProcess floor(Sending::kSingle);
  Options options = Small(floor);
  options.storm = true;
  options.threads = 2;
  const RunResult result = RunChecked(options);
  EXPECT_TRUE(result.is_exact()) << result.failure.value_or("");
  ASSERT_TRUE(result.storm.has_value());
  EXPECT_GT(result.storm->seconds, 0);
  EXPECT_EQ(result.storm->refused, 0u);
  // A floor calls everybody the same, so all are taken for those they were.
  EXPECT_EQ(result.storm->recovered, 20u);
}

TEST(RunTest, WaitsForNobodyWhoStalls) {
  const FloorProcess floor(Sending::kSingle);
  Options options = Small(floor);
  options.stalled = 5;
  const RunResult result = RunChecked(options);
  EXPECT_TRUE(result.is_exact()) << result.failure.value_or("");
  EXPECT_EQ(result.delivered, 15u * 100u);
}

TEST(RunTest, ClientsAreSharedAmongServers) {
  const FloorProcess one(Sending::kSingle);
  const FloorProcess other(Sending::kSingle);
  Options options = Small(one);
  options.target += "," + other.address();
  options.server_pids.push_back(other.pid());
  options.publish = PublishWay::kNone;
  options.duration = 0.01;
  const RunResult result = RunChecked(options);
  EXPECT_TRUE(result.is_exact()) << result.failure.value_or("");
  ASSERT_TRUE(result.idle.has_value());
  EXPECT_GE(result.idle->rss_bytes.size(), 2u);
  EXPECT_GE(result.peak_rss_bytes, result.rss_bytes);
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
