#include "load/run.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <random>
#include <thread>

#include "load/board.h"
#include "load/now.h"
#include "load/process_probe.h"
#include "load/worker.h"

namespace trackwire::bench {
namespace {

using std::chrono::duration;
using std::chrono::duration_cast;
using std::chrono::nanoseconds;

constexpr double kNsPerSecond = 1e9;
// Publishing begins a little after it was ordered, so that all workers are prepared.
constexpr int64_t kLeadNs = 20'000'000;
// Between two looks at the memory of idle clients.
constexpr int64_t kSampleNs = 1'000'000'000;
// Small enough that a stamp always fits the smallest payload.
constexpr uint32_t kMaxRunNumber = 999'999;
// Connecting may take so long: slow peers need about 1 ms of CPU a client.
constexpr double kConnectBaseSeconds = 15;
constexpr double kConnectSecondsPerClient = 0.01;

nanoseconds Seconds(double seconds) {
  return duration_cast<nanoseconds>(duration<double>(seconds));
}

double OwnCpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Leads the workers through the phases of one run.
class Leader {
 public:
  explicit Leader(const Options& options)
      : options_(options),
        board_(options.threads, options.publishers),
        probe_(options.server_pids) {
    std::random_device random;
    const uint32_t run = random() % kMaxRunNumber;
    std::vector<Worker*> all;
    for (size_t i = 0; i < options.threads; ++i) {
      workers_.push_back(std::make_unique<Worker>(options, board_, i, run));
      all.push_back(workers_.back().get());
    }
    for (auto& worker : workers_) {
      worker->set_workers(all);
      threads_.emplace_back([&worker] { worker->Run(); });
    }
  }

  RunResult Run() {
    if (ConnectAll()) {
      PublishAll();
      if (options_.storm && !board_.failure()) Storm();
      KeepMemory();
    }
    for (auto& worker : workers_) worker->Stop();
    for (std::thread& thread : threads_) thread.join();
    Collect();
    return std::move(result_);
  }

 private:
  bool ConnectAll() {
    std::vector<size_t> steps = options_.memory_at;
    if (steps.empty() || steps.back() < options_.clients) steps.push_back(options_.clients);
    size_t connected = 0;
    for (const size_t step : steps) {
      if (!ConnectStepTo(step, connected)) return false;
      connected = step;
    }
    return true;
  }

  bool ConnectStepTo(size_t clients, size_t connected) {
    const Usage before = ReadUsage();
    const int64_t start = NowNs();
    board_.BeginPhase();
    for (auto& worker : workers_) worker->Connect(clients);
    const size_t added = clients - connected;
    const double limit =
        kConnectBaseSeconds + kConnectSecondsPerClient * static_cast<double>(added);
    if (!board_.AwaitDone(Seconds(limit))) return Fail("not all clients could connect in time");
    ConnectStep step{.clients = clients};
    step.seconds = static_cast<double>(NowNs() - start) / kNsPerSecond;
    // Memory is measured at rest; the wait is part of what is measured, not a synchronisation.
    std::this_thread::sleep_for(Seconds(options_.settle));
    const Usage after = ReadUsage();
    step.rss_bytes = after.rss_bytes;
    if (added > 0) {
      step.cpu_us_per_handshake =
          static_cast<double>(after.cpu_ns - before.cpu_ns) / 1e3 / static_cast<double>(added);
    }
    result_.steps.push_back(step);
    return true;
  }

  void PublishAll() {
    if (options_.publish == PublishWay::kNone) return Idle();
    if (options_.warmup > 0 && !PublishFor(options_.warmup, false)) return;
    const Usage before = ReadUsage();
    const double own_before = OwnCpuSeconds();
    const uint64_t published_before = Published();
    PublishFor(options_.duration, true);
    KeepCpu(before, own_before);
    result_.published = Published() - published_before;
  }

  // Without messages the measured phase shows what idle clients cost.
  void Idle() {
    const Usage before = ReadUsage();
    const double own_before = OwnCpuSeconds();
    const int64_t start = NowNs();
    IdlePhase idle;
    if (!probe_.is_empty()) idle.rss_bytes.push_back(before.rss_bytes);
    const int64_t end = start + Seconds(options_.duration).count();
    for (int64_t now = start; now < end; now = NowNs()) {
      std::this_thread::sleep_for(nanoseconds(std::min(end - now, kSampleNs)));
      if (!probe_.is_empty()) idle.rss_bytes.push_back(ReadUsage().rss_bytes);
    }
    result_.seconds = static_cast<double>(NowNs() - start) / kNsPerSecond;
    KeepCpu(before, own_before);
    if (result_.server_cpu_s && result_.seconds > 0) {
      idle.cpu_us_per_client_second = *result_.server_cpu_s * 1e6 / result_.seconds /
                                      static_cast<double>(options_.clients);
    }
    result_.idle = std::move(idle);
  }

  bool Storm() {
    board_.BeginPhase();
    for (auto& worker : workers_) worker->Cut();
    if (!board_.AwaitDone(Seconds(kConnectBaseSeconds))) return Fail("connections do not break");
    // The server has its time to see it, which is not what is measured.
    std::this_thread::sleep_for(Seconds(options_.settle));
    StormPhase storm{.missed = options_.missed * options_.publishers};
    if (options_.missed > 0 && !PublishWhileAway()) return false;
    if (options_.missed == 0) board_.BeginPhase();
    const Usage before = ReadUsage();
    const int64_t start = NowNs();
    for (auto& worker : workers_) worker->Return(options_.missed > 0);
    const double limit = options_.drain + kConnectBaseSeconds +
                         kConnectSecondsPerClient * static_cast<double>(options_.clients);
    if (!board_.AwaitDone(Seconds(limit))) return Fail("not all clients came back in time");
    storm.seconds = static_cast<double>(NowNs() - start) / kNsPerSecond;
    if (!probe_.is_empty()) {
      storm.cpu_us_per_client = static_cast<double>(ReadUsage().cpu_ns - before.cpu_ns) / 1e3 /
                                static_cast<double>(options_.clients);
    }
    result_.storm = storm;
    return true;
  }

  // Begins a phase that ends when everybody is back and has these messages.
  bool PublishWhileAway() {
    const Plan plan{.mode = Mode::kSaturated,
                    .messages_per_second = 1,
                    .window = options_.missed,
                    .batch = std::min<size_t>(options_.batch, options_.missed),
                    .max_messages = options_.missed,
                    .start_ns = NowNs() + kLeadNs,
                    .duration_ns = Seconds(options_.drain).count()};
    board_.BeginPhase();
    for (auto& worker : workers_) worker->Publish(plan, false);
    const int64_t end = plan.start_ns + plan.duration_ns;
    while (!board_.AllFinished() || NowNs() < plan.start_ns) {
      if (NowNs() > end || board_.failure()) return Fail("nothing could be published meanwhile");
      std::this_thread::sleep_for(nanoseconds(kLeadNs));
    }
    return true;
  }

  void KeepMemory() {
    if (probe_.is_empty() || board_.failure()) return;
    result_.rss_bytes = ReadUsage().rss_bytes;
    const Result<int64_t> peak = probe_.ReadPeakBytes();
    if (peak) result_.peak_rss_bytes = *peak;
  }

  bool PublishFor(double seconds, bool measured) {
    const Plan plan{.mode = options_.mode,
                    .messages_per_second = options_.rate / static_cast<double>(options_.publishers),
                    .window = options_.window,
                    .batch = options_.batch,
                    .max_messages = options_.count,
                    .start_ns = NowNs() + kLeadNs,
                    .duration_ns = Seconds(seconds).count()};
    board_.BeginPhase();
    for (auto& worker : workers_) worker->Publish(plan, measured);
    if (measured) measured_from_ns_ = plan.start_ns;
    const nanoseconds limit = nanoseconds(kLeadNs) + Seconds(seconds + options_.drain);
    if (board_.AwaitDone(limit)) return true;
    for (auto& worker : workers_) worker->StopPublishing();
    return Fail(measured ? "not all messages arrived in time"
                         : "not all messages of the warm-up arrived in time");
  }

  void KeepCpu(const Usage& before, double own_before) {
    result_.own_cpu_s = OwnCpuSeconds() - own_before;
    if (probe_.is_empty()) return;
    const Usage after = ReadUsage();
    result_.server_cpu_s = static_cast<double>(after.cpu_ns - before.cpu_ns) / kNsPerSecond;
    result_.server_user_s = after.user_s - before.user_s;
  }

  Usage ReadUsage() {
    const Result<Usage> usage = probe_.Read();
    if (usage) return *usage;
    board_.Fail(usage.error().detail);
    return {};
  }

  uint64_t Published() {
    uint64_t sum = 0;
    for (size_t p = 0; p < options_.publishers; ++p) sum += board_.published(p);
    return sum;
  }

  // The reason that a worker gave is better than that of the wait it ended.
  bool Fail(const char* otherwise) {
    board_.Fail(otherwise);
    return false;
  }

  void Collect() {
    int64_t last_delivery_ns = 0;
    for (auto& worker : workers_) {
      const WorkerResult part = worker->TakeResult();
      result_.delivered += part.delivered;
      result_.latency.Merge(part.latency);
      result_.faults += part.faults;
      result_.lost_clients += part.lost_clients;
      result_.lost_stalled += part.lost_stalled;
      result_.uninvited += part.uninvited;
      if (result_.storm) {
        result_.storm->recovered += part.recovered;
        result_.storm->refused += part.refused;
      }
      result_.other_events += part.foreign_events;
      result_.requests += part.requests;
      last_delivery_ns = std::max(last_delivery_ns, part.last_delivery_ns);
    }
    if (last_delivery_ns > 0) {
      result_.seconds = static_cast<double>(last_delivery_ns - measured_from_ns_) / kNsPerSecond;
    }
    result_.failure = board_.failure();
  }

  const Options& options_;
  Board board_;
  ProcessProbe probe_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
  int64_t measured_from_ns_ = 0;
  RunResult result_;
};

}  // namespace

std::optional<double> RunResult::BytesPerClient() const {
  if (steps.size() < 2 || steps.back().clients == steps.front().clients) return std::nullopt;
  return static_cast<double>(steps.back().rss_bytes - steps.front().rss_bytes) /
         static_cast<double>(steps.back().clients - steps.front().clients);
}

RunResult RunLoad(const Options& options) { return Leader(options).Run(); }

}  // namespace trackwire::bench
