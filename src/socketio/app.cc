#include "socketio/app.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <future>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "net/http/stored_file.h"
#include "net/shard.h"
#include "net/unique_fd.h"

namespace trackwire::socketio {
namespace {

/// Something that may be told from a signal handler, and waited for.
class Flag {
 public:
  Flag() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { CHECK(fd_.get() >= 0); }

  int fd() const { return fd_.get(); }
  void Set() const { Set(fd_.get()); }
  static void Set(int fd) {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(fd, &one, sizeof(one));
  }
  /// Whether it was set since the last call.
  bool Take() const {
    uint64_t count = 0;
    return ::read(fd_.get(), &count, sizeof(count)) > 0;
  }
  bool is_set() const {
    pollfd entry{fd_.get(), POLLIN, 0};
    return ::poll(&entry, 1, 0) == 1;
  }
  /// Waits for either.
  static void WaitForOne(const Flag& a, const Flag& b) {
    std::array<pollfd, 2> entries{{{a.fd(), POLLIN, 0}, {b.fd(), POLLIN, 0}}};
    while (::poll(entries.data(), entries.size(), -1) < 0) CHECK(errno == EINTR);
  }

 private:
  net::UniqueFd fd_;
};

// Of the App that runs; -1: none.
std::atomic<int> quit_fd{-1};
std::atomic<int> hangup_fd{-1};

extern "C" void OnSignal(int signal) {
  const int error = errno;
  Flag::Set(signal == SIGHUP ? hangup_fd : quit_fd);
  errno = error;
}

/// While it lives SIGTERM and SIGINT set one flag, each the first time; SIGHUP sets the other.
class Signals {
 public:
  Signals(const Flag& quit, const Flag& hangup, bool hears_hangup) : count_(hears_hangup ? 3 : 2) {
    int none = -1;
    CHECK(quit_fd.compare_exchange_strong(none, quit.fd()));
    hangup_fd = hangup.fd();
    for (size_t i = 0; i < count_; ++i) {
      struct sigaction action {};
      action.sa_handler = OnSignal;
      action.sa_flags = SA_RESTART;
      if (kSignals[i] != SIGHUP) action.sa_flags |= static_cast<int>(SA_RESETHAND);
      ::sigaction(kSignals[i], &action, &before_[i]);
    }
  }
  ~Signals() {
    for (size_t i = 0; i < count_; ++i) ::sigaction(kSignals[i], &before_[i], nullptr);
    hangup_fd = -1;
    quit_fd = -1;
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  static constexpr std::array<int, 3> kSignals{SIGTERM, SIGINT, SIGHUP};
  const size_t count_;
  std::array<struct sigaction, 3> before_{};
};

std::vector<std::unique_ptr<net::Shard>> MakeShards(uint16_t threads) {
  const unsigned count = threads > 0 ? threads : std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::unique_ptr<net::Shard>> shards;
  for (unsigned i = 0; i < count; ++i) {
    net::Shard::Options options;
    options.index = static_cast<uint16_t>(i);
    shards.push_back(std::make_unique<net::Shard>(options));
  }
  return shards;
}

std::vector<net::Shard*> Pointers(const std::vector<std::unique_ptr<net::Shard>>& owned) {
  std::vector<net::Shard*> shards;
  for (const auto& shard : owned) shards.push_back(shard.get());
  return shards;
}

/// An address as it stands in a URL.
std::string UrlHost(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace

// Destroyed in reverse: what uses a shard goes before it.
struct App::State {
  explicit State(AppOptions given)
      : options(std::move(given)),
        owned(MakeShards(options.threads)),
        shards(Pointers(owned)),
        server(shards, options.socketio) {}

  bool has_tls() const { return !options.tls.certificate.empty(); }

  void TellListening(uint16_t port) const {
    if (options.on_listening) return options.on_listening(port);
    std::printf("listening %s://%s:%u\n", options.http.tls != nullptr ? "https" : "http",
                UrlHost(options.host).c_str(), static_cast<unsigned>(port));
    std::fflush(stdout);
  }
  void ReloadTls() const {
    const auto changed = tls->Reload();
    if (!changed) {
      base::LogError("socketio", "the certificate was not read again",
                     {{"reason", changed.error().detail}});
    } else if (*changed) {
      base::LogInfo("socketio", "new certificate", {{"subject", tls->certificate().subject}});
    }
  }

  AppOptions options;
  std::vector<std::unique_ptr<net::Shard>> owned;
  std::vector<net::Shard*> shards;
  Server server;
  std::vector<std::unique_ptr<MemoryRecovery>> recoveries;
  net::http::Router router;
  std::shared_ptr<net::TlsContext> tls;
  std::unique_ptr<net::http::Server> http;
  Flag quit;
  Flag hangup;
  enum class Phase { kNew, kStarted, kStopped } phase = Phase::kNew;
};

App::App(AppOptions options) : state_(std::make_unique<State>(std::move(options))) {}

App::~App() { Stop(); }

Server& App::io() { return state_->server; }

net::http::Router& App::router() { return state_->router; }

const std::vector<net::Shard*>& App::shards() const { return state_->shards; }

Result<void> App::ServeFile(std::string path, const std::string& file) {
  auto stored = net::http::StoredFile::Load(file);
  if (!stored) return Err(std::move(stored.error()));
  const auto answer = [path, stored = std::move(*stored)](const net::http::Exchange& exchange,
                                                          const net::http::Request& request,
                                                          std::string) {
    // A path that ends in '/' gets requests for all below it.
    const bool is_meant = request.path == path;
    exchange.Respond(is_meant ? stored.Answer(request)
                              : net::http::Response::Text(404, "not found"));
  };
  state_->router.On("GET", std::move(path), 0, answer);
  return Ok();
}

void App::Recover(Namespace& nsp, const MemoryRecovery::Options& options) {
  state_->recoveries.push_back(std::make_unique<MemoryRecovery>(options));
  state_->server.UseRecovery(nsp, state_->recoveries.back().get(), nullptr);
}

int App::Run() {
  State& state = *state_;
  const Signals signals(state.quit, state.hangup, state.has_tls());
  const auto port = Start();
  if (!port && !state.quit.is_set()) {
    std::fprintf(stderr, "%s\n", port.error().detail.c_str());
    Stop();
    return 1;
  }
  if (port) state.TellListening(*port);
  while (!state.quit.is_set()) {
    Flag::WaitForOne(state.quit, state.hangup);
    if (state.hangup.Take() && state.tls != nullptr) state.ReloadTls();
  }
  Stop();
  return 0;
}

void App::Quit() { state_->quit.Set(); }

Result<uint16_t> App::Start() {
  State& state = *state_;
  CHECK(state.phase == State::Phase::kNew);
  if (state.has_tls()) {
    auto tls = net::TlsContext::Load(state.options.tls);
    if (!tls) return Err(std::move(tls.error()));
    state.tls = std::move(*tls);
    state.options.http.tls = state.tls;
  }
  state.phase = State::Phase::kStarted;
  state.router.Mount(state.server.engine().options().path, state.server.handler());
  state.http =
      std::make_unique<net::http::Server>(state.shards, &state.router, state.options.http);
  for (net::Shard* shard : state.shards) shard->Start();
  const auto heard = std::make_shared<Flag>();
  state.server.StartAdapters([heard] { heard->Set(); });
  Flag::WaitForOne(*heard, state.quit);
  if (!heard->is_set()) return Err("quit", "told to quit before other servers could be heard");
  return state.http->Listen(state.options.host, state.options.port);
}

void App::Stop() {
  State& state = *state_;
  if (state.phase != State::Phase::kStarted) return;
  state.phase = State::Phase::kStopped;
  state.http->StopListening();
  std::promise<void> closed;
  state.server.Drain(0, [&closed] { closed.set_value(); });
  closed.get_future().wait();
  for (net::Shard* shard : state.shards) shard->Stop();
  state.recoveries.clear();  // their threads use the namespaces
  state.server.StopAdapters();
}

}  // namespace trackwire::socketio
