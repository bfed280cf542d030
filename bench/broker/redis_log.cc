// How much one Redis takes and gives through the broker: appends by one process, all of them
// followed by its own tail. `trackwire-redis-log URL [entries] [bytes] [to-one-call]`

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "broker/redis/redis_broker.h"
#include "net/loop.h"

namespace trackwire::broker {
namespace {

struct Progress {
  std::atomic<size_t> stored{0};
  std::atomic<size_t> failed{0};
  std::atomic<size_t> tailed{0};
};

double SecondsSince(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

void AppendAll(Broker& broker, size_t entries, size_t bytes, size_t each, Progress& progress) {
  const std::string envelope = "{\"x\":\"" + std::string(bytes > 8 ? bytes - 8 : 0, 'x') + "\"}";
  for (size_t i = 0; i < entries; i += each) {
    while (i - progress.stored - progress.failed > 20'000) std::this_thread::yield();
    std::vector<AppendRequest> requests(each);
    for (AppendRequest& request : requests) request.envelope = envelope;
    broker.log().Append(std::move(requests), [&progress, each](const auto& result) {
      (result ? progress.stored : progress.failed) += each;
    });
  }
  while (progress.stored + progress.failed < entries) std::this_thread::yield();
}

int Run(const std::string& url, size_t entries, size_t bytes, size_t each) {
  auto target = ParseRedisUrl(url);
  if (!target) {
    std::fprintf(stderr, "%s\n", target.error().detail.c_str());
    return 2;
  }
  net::Loop loop("control");
  loop.Start();
  RedisBrokerOptions options;
  options.link.target = *target;
  auto opened = OpenRedisBroker(options, loop, Clock::System());
  if (!opened) {
    std::fprintf(stderr, "%s\n", opened.error().detail.c_str());
    loop.Stop();
    return 1;
  }
  std::unique_ptr<Broker> broker = std::move(*opened);
  Progress progress;
  loop.Run([&] {
    broker->log().Tail([&progress](const auto& batch) { progress.tailed += batch.size(); });
  });
  const auto start = Steady::now();
  AppendAll(*broker, entries, bytes, each, progress);
  const double stored_after = SecondsSince(start);
  while (progress.tailed < progress.stored) std::this_thread::yield();
  const double tailed_after = SecondsSince(start);
  std::printf("%zu entries of %zu bytes, %zu to one call, %zu failed\n", entries, bytes, each,
              progress.failed.load());
  std::printf("stored  %9.0f/s\n", static_cast<double>(progress.stored) / stored_after);
  std::printf("tailed  %9.0f/s, %.1f ms after the last was stored\n",
              static_cast<double>(progress.tailed) / tailed_after,
              (tailed_after - stored_after) * 1000);
  loop.Run([&] { broker.reset(); });
  loop.Stop();
  return progress.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace trackwire::broker

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: trackwire-redis-log URL [entries] [bytes] [to-one-call]\n");
    return 2;
  }
  const auto number = [&](int index, size_t otherwise) {
    return argc > index ? static_cast<size_t>(std::strtoull(argv[index], nullptr, 10)) : otherwise;
  };
  const size_t each = std::max<size_t>(1, number(4, 1));
  const size_t entries = number(2, 500'000) / each * each;
  return trackwire::broker::Run(argv[1], entries, number(3, 120), each);
}
