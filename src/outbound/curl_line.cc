#include "outbound/curl_line.h"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <optional>

#include "outbound/curl_loop.h"
#include "outbound/easy.h"

namespace trackwire::outbound {
namespace {

using Descriptor = boost::asio::posix::stream_descriptor;

constexpr size_t kPortion = 16 * 1'024;
/// Portions read before others have their turn.
constexpr int kPortionsPerTurn = 16;

}  // namespace

struct CurlLine::State final : CurlLoop::Ender, std::enable_shared_from_this<State> {
  State(net::Loop& owner, const Options& options, Events line_events)
      : loop(owner),
        events(std::move(line_events)),
        curl(owner),
        easy(options.allow_private, options.user_agent, options.ca_file),
        descriptor(owner.context()) {}

  void OnEnd(CURLcode code) override;
  void Connected();
  void Post(void (State::*member)());
  void WaitToRead();
  void WaitToWrite();
  void Read();
  void Write();
  void End(Error error);
  void Close();

  net::Loop& loop;
  Events events;
  CurlLoop curl;
  Easy easy;
  Descriptor descriptor;
  std::string out;
  bool added = false;
  bool connected = false;
  bool ended = false;
  bool writing = false;  // the socket's room is waited for
};

/// Calls it in a turn of its own, if the line still stands then.
void CurlLine::State::Post(void (State::*member)()) {
  loop.Post([weak = weak_from_this(), member] {
    const auto self = weak.lock();
    if (self != nullptr && !self->ended) ((*self).*member)();
  });
}

void CurlLine::State::OnEnd(CURLcode code) {
  if (code != CURLE_OK) return End(easy.ErrorOf(code));
  // In the middle of its own work curl has not let go of the socket yet.
  Post(&State::Connected);
}

void CurlLine::State::Connected() {
  curl_socket_t fd = CURL_SOCKET_BAD;
  curl_easy_getinfo(easy.get(), CURLINFO_ACTIVESOCKET, &fd);
  boost::system::error_code error;
  if (fd != CURL_SOCKET_BAD) descriptor.assign(fd, error);
  if (fd == CURL_SOCKET_BAD || error) return End({"unreachable", "the connection was lost"});
  connected = true;
  WaitToRead();
  const auto on_connected = std::move(events.on_connected);
  on_connected();
}

void CurlLine::State::WaitToRead() {
  descriptor.async_wait(Descriptor::wait_read,
                        [weak = weak_from_this()](const boost::system::error_code& error) {
                          const auto self = weak.lock();
                          if (!error && self != nullptr && !self->ended) self->Read();
                        });
}

void CurlLine::State::Read() {
  const auto keep = shared_from_this();
  std::array<char, kPortion> bytes;
  for (int i = 0; i < kPortionsPerTurn; ++i) {
    size_t got = 0;
    const CURLcode code = curl_easy_recv(easy.get(), bytes.data(), bytes.size(), &got);
    if (code == CURLE_AGAIN) return WaitToRead();
    if (code != CURLE_OK) return End(easy.ErrorOf(code));
    if (got == 0) return End({});
    if (!events.on_bytes(bytes.data(), got)) ended = true;
    if (ended) return;
  }
  // What TLS has unpacked already does not make the socket readable.
  Post(&State::Read);
}

void CurlLine::State::Write() {
  while (!out.empty() && !ended) {
    size_t sent = 0;
    const CURLcode code = curl_easy_send(easy.get(), out.data(), out.size(), &sent);
    if (code == CURLE_AGAIN) return WaitToWrite();
    // The reader finds out why, perhaps with last words of the server.
    if (code != CURLE_OK) return out.clear();
    out.erase(0, sent);
  }
}

void CurlLine::State::WaitToWrite() {
  if (writing) return;
  writing = true;
  descriptor.async_wait(Descriptor::wait_write,
                        [weak = weak_from_this()](const boost::system::error_code& error) {
                          const auto self = weak.lock();
                          if (error || self == nullptr || self->ended) return;
                          self->writing = false;
                          self->Write();
                        });
}

void CurlLine::State::End(Error error) {
  if (ended) return;
  ended = true;
  loop.Post([weak = weak_from_this(), error = std::move(error)] {
    const auto self = weak.lock();
    if (self == nullptr) return;
    const auto on_end = std::move(self->events.on_end);
    if (on_end) on_end(error);
  });
}

void CurlLine::State::Close() {
  ended = true;
  events = Events();
  // The socket is curl's to close.
  if (connected) descriptor.release();
  if (added) curl.Remove(easy.get());
  added = false;
}

CurlLine::CurlLine(net::Loop& loop, const Options& options, Events events)
    : state_(std::make_shared<State>(loop, options, std::move(events))) {
  State& state = *state_;
  if (auto url = state.easy.SetUrl(options.url); !url) {
    state.End(url.error());
    return;
  }
  state.easy.Set(CURLOPT_CONNECT_ONLY, 1L);
  state.easy.Set(CURLOPT_FRESH_CONNECT, 1L);
  state.easy.Set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  state.added = true;
  state.curl.Add(state.easy.get(), &state);
}

CurlLine::~CurlLine() { state_->Close(); }

void CurlLine::Send(std::string_view bytes) {
  State& state = *state_;
  if (!state.connected || state.ended) return;
  state.out.append(bytes);
  if (!state.writing) state.Write();
}

size_t CurlLine::unsent_bytes() const { return state_->out.size(); }

}  // namespace trackwire::outbound
