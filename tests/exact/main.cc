// Thousands of Socket.IO clients that come back wherever they can, and a book of what each got.

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "base/check.h"
#include "control.h"
#include "swarm.h"

namespace trackwire::exact {
namespace {

using std::chrono::milliseconds;

constexpr uint64_t kTagInput = uint64_t{1} << 62;
constexpr milliseconds kSpeakEvery{50};
constexpr size_t kEpollBatch = 256;

struct CommandLine {
  SwarmOptions swarm;
  int64_t delay_least_ms = 5;
  int64_t delay_most_ms = 150;
  int64_t window_ms = 120'000;
};

void Declare(CLI::App& app, CommandLine& line) {
  app.add_option("--ports", line.swarm.ports, "of the gateways on 127.0.0.1")
      ->required()
      ->delimiter(',');
  app.add_option("--clients", line.swarm.clients)->check(CLI::Range(1, 20'000));
  app.add_option("--contents", line.swarm.contents, "numbers of contents are below this")
      ->check(CLI::Range(1, 10'000'000));
  app.add_option("--trackers", line.swarm.trackers, "numbers of trackers are below this")
      ->check(CLI::Range(1, 100'000));
  app.add_option("--connecting", line.swarm.connecting, "handshakes under way at a time")
      ->check(CLI::Range(1, 20'000));
  app.add_option("--token", line.swarm.token, "presented by every client");
  app.add_option("--delay-least-ms", line.delay_least_ms, "before a lost client tries again");
  app.add_option("--delay-most-ms", line.delay_most_ms);
  app.add_option("--window-ms", line.window_ms, "who is back earlier has to be recovered");
}

void AllowFiles(size_t clients) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, clients + 64);
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Milliseconds that epoll_wait may sleep.
int PatienceOf(const Swarm& swarm, Swarm::Clock::time_point speak_at) {
  const auto due = std::min(swarm.NextDue().value_or(speak_at), speak_at);
  const auto left = std::chrono::ceil<milliseconds>(due - Swarm::Clock::now());
  return static_cast<int>(std::max<int64_t>(left.count(), 0));
}

void Write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) std::exit(1);  // nobody listens any more
    text.remove_prefix(static_cast<size_t>(n));
  }
}

// False at the end of the input: the test has gone.
Result<bool> ReadInput(Control& control) {
  std::array<char, 64 * 1024> buffer;
  const ssize_t n = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (n == 0) return false;
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  if (auto taken = control.Take({buffer.data(), static_cast<size_t>(n)}); !taken) {
    return Err(taken.error());
  }
  return !control.is_stopped();
}

int Run(SwarmOptions options) {
  AllowFiles(options.clients);
  Swarm swarm(std::move(options));
  Control control(swarm);
  fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
  epoll_event input{.events = EPOLLIN, .data = {.u64 = kTagInput}};
  CHECK(epoll_ctl(swarm.epoll(), EPOLL_CTL_ADD, STDIN_FILENO, &input) == 0);
  std::array<epoll_event, kEpollBatch> ready;
  auto speak_at = Swarm::Clock::now();
  for (;;) {
    swarm.Turn();
    const int n = epoll_wait(swarm.epoll(), ready.data(), static_cast<int>(ready.size()),
                             PatienceOf(swarm, speak_at));
    CHECK(n >= 0 || errno == EINTR);
    for (int i = 0; i < n; ++i) {
      if (ready[i].data.u64 != kTagInput) {
        swarm.OnReady(ready[i].data.u64, ready[i].events);
        continue;
      }
      const Result<bool> more = ReadInput(control);
      if (!more) std::fprintf(stderr, "%s\n", more.error().detail.c_str());
      if (!more) return 2;
      if (!*more) return 0;
    }
    if (Swarm::Clock::now() < speak_at) continue;
    Write(control.Say());
    speak_at = Swarm::Clock::now() + kSpeakEvery;
  }
}

}  // namespace
}  // namespace trackwire::exact

int main(int argc, char** argv) {
  CLI::App app("Socket.IO clients that check exact delivery; commands on standard input");
  trackwire::exact::CommandLine line;
  trackwire::exact::Declare(app, line);
  CLI11_PARSE(app, argc, argv);
  line.swarm.delay_least = std::chrono::milliseconds(line.delay_least_ms);
  line.swarm.delay_most = std::chrono::milliseconds(line.delay_most_ms);
  line.swarm.window = std::chrono::milliseconds(line.window_ms);
  return trackwire::exact::Run(std::move(line.swarm));
}
