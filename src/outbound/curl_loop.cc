#include "outbound/curl_loop.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <unordered_map>

#include "base/check.h"
#include "base/log.h"

namespace trackwire::outbound {
namespace {

using Descriptor = boost::asio::posix::stream_descriptor;

/// One of curl's sockets, as long as curl wants to know about it.
struct Watch {
  explicit Watch(boost::asio::io_context& context) : descriptor(context) {}

  Descriptor descriptor;
  int wanted = 0;  // CURL_POLL_*
  bool reading = false;
  bool writing = false;
};

}  // namespace

struct CurlLoop::State : std::enable_shared_from_this<State> {
  explicit State(boost::asio::io_context& io_context)
      : context(io_context), timer(io_context), multi(curl_multi_init()) {
    CHECK(multi != nullptr);
  }

  void OnSocket(curl_socket_t fd, int what);
  void OnTimer(long after_ms);
  void Arm(const std::shared_ptr<Watch>& watch, curl_socket_t fd);
  void Wait(const std::shared_ptr<Watch>& watch, curl_socket_t fd, bool for_reading);
  void Act(curl_socket_t fd, int events);

  boost::asio::io_context& context;
  boost::asio::steady_timer timer;
  std::unordered_map<curl_socket_t, std::shared_ptr<Watch>> watches;
  CURLM* multi;
};

void CurlLoop::State::OnSocket(curl_socket_t fd, int what) {
  const auto found = watches.find(fd);
  if (what == CURL_POLL_REMOVE) {
    if (found == watches.end()) return;
    found->second->wanted = 0;
    // The socket is curl's to close.
    found->second->descriptor.release();
    watches.erase(found);
    return;
  }
  auto watch = found != watches.end() ? found->second : nullptr;
  if (watch == nullptr) {
    watch = std::make_shared<Watch>(context);
    boost::system::error_code error;
    watch->descriptor.assign(fd, error);
    if (error) {
      // Its transfer ends by its time-out.
      base::LogError("outbound", "a socket cannot be watched", {{"reason", error.message()}});
      return;
    }
    watches[fd] = watch;
  }
  watch->wanted = what;
  Arm(watch, fd);
}

void CurlLoop::State::Arm(const std::shared_ptr<Watch>& watch, curl_socket_t fd) {
  if ((watch->wanted & CURL_POLL_IN) != 0 && !watch->reading) Wait(watch, fd, true);
  if ((watch->wanted & CURL_POLL_OUT) != 0 && !watch->writing) Wait(watch, fd, false);
}

void CurlLoop::State::Wait(const std::shared_ptr<Watch>& watch, curl_socket_t fd,
                           bool for_reading) {
  (for_reading ? watch->reading : watch->writing) = true;
  const auto kind = for_reading ? Descriptor::wait_read : Descriptor::wait_write;
  watch->descriptor.async_wait(
      kind, [weak = weak_from_this(), watch, fd, for_reading](const boost::system::error_code& e) {
        (for_reading ? watch->reading : watch->writing) = false;
        const auto self = weak.lock();
        if (e || self == nullptr) return;
        const int bit = for_reading ? CURL_POLL_IN : CURL_POLL_OUT;
        if ((watch->wanted & bit) == 0) return;
        self->Act(fd, for_reading ? CURL_CSELECT_IN : CURL_CSELECT_OUT);
        // Curl may have closed the socket meanwhile, and opened another of the same number.
        const auto found = self->watches.find(fd);
        if (found != self->watches.end() && found->second == watch) self->Arm(watch, fd);
      });
}

void CurlLoop::State::OnTimer(long after_ms) {
  if (after_ms < 0) {
    timer.cancel();
    return;
  }
  timer.expires_after(std::chrono::milliseconds(after_ms));
  timer.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!error && self != nullptr) self->Act(CURL_SOCKET_TIMEOUT, 0);
  });
}

void CurlLoop::State::Act(curl_socket_t fd, int events) {
  const auto keep = shared_from_this();
  int running = 0;
  CHECK(curl_multi_socket_action(multi, fd, events, &running) == CURLM_OK);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    Ender* ender = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &ender);
    ender->OnEnd(code);
  }
}

CurlLoop::CurlLoop(net::Loop& loop) {
  static const bool initialised = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  CHECK(initialised);
  state_ = std::make_shared<State>(loop.context());
  curl_multi_setopt(state_->multi, CURLMOPT_SOCKETDATA, state_.get());
  curl_multi_setopt(state_->multi, CURLMOPT_SOCKETFUNCTION,
                    +[](CURL*, curl_socket_t fd, int what, void* state, void*) -> int {
                      static_cast<State*>(state)->OnSocket(fd, what);
                      return 0;
                    });
  curl_multi_setopt(state_->multi, CURLMOPT_TIMERDATA, state_.get());
  curl_multi_setopt(state_->multi, CURLMOPT_TIMERFUNCTION,
                    +[](CURLM*, long after_ms, void* state) -> int {
                      static_cast<State*>(state)->OnTimer(after_ms);
                      return 0;
                    });
}

CurlLoop::~CurlLoop() {
  curl_multi_cleanup(state_->multi);
  for (auto& [fd, watch] : state_->watches) watch->descriptor.release();
  state_->watches.clear();
  state_->timer.cancel();
}

void CurlLoop::Limit(size_t connections, size_t per_host) {
  const auto set = [this](CURLMoption option, size_t value) {
    CHECK(curl_multi_setopt(state_->multi, option, static_cast<long>(value)) == CURLM_OK);
  };
  set(CURLMOPT_MAX_TOTAL_CONNECTIONS, connections);
  set(CURLMOPT_MAX_HOST_CONNECTIONS, per_host);
  set(CURLMOPT_MAXCONNECTS, connections);
}

void CurlLoop::Add(CURL* easy, Ender* ender) {
  CHECK(curl_easy_setopt(easy, CURLOPT_PRIVATE, ender) == CURLE_OK);
  CHECK(curl_multi_add_handle(state_->multi, easy) == CURLM_OK);
}

void CurlLoop::Remove(CURL* easy) {
  CHECK(curl_multi_remove_handle(state_->multi, easy) == CURLM_OK);
}

}  // namespace trackwire::outbound
