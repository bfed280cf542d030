#pragma once

#include <optional>

#include "engineio/session_host.h"
#include "engineio/transport.h"
#include "net/http/exchange.h"
#include "net/out_queue.h"

namespace trackwire::engineio {

/// Packets as bodies of GET (to the client) and POST (from it).
class PollingTransport final : public Transport {
 public:
  explicit PollingTransport(SessionHost& host)
      : host_(host), poll_watcher_{*this}, post_watcher_{*this} {}
  ~PollingTransport() override;

  /// A GET came: answered at once when something waits, else when something comes. `extra` is for
  /// the answer's headers. False: one waited already; the newcomer was refused and the other
  /// told to go, so the session must end.
  bool Poll(const net::http::Exchange& exchange, const net::http::Request& request,
            net::http::Headers extra = {});
  /// Whether the client has got everything up to the close packet of Close().
  bool finished() const { return finished_; }
  /// The head of a POST came. False: one is in progress already; the session must end.
  bool BeginPost(const net::http::Exchange& exchange);
  /// The body of that POST is complete.
  void EndPost();

  std::string_view name() const override { return "polling"; }
  bool writable() const override { return poll_.alive() && empty(); }
  void Send(net::FrameRef frame, bool control) override;
  void Flush() override;
  bool Close() override;
  void Terminate(PacketType last) override;
  bool Release(PacketType last) override;
  net::FrameRef TakeNext() override;

 private:
  struct Watcher final : net::http::ExchangeWatcher {
    explicit Watcher(PollingTransport& owner) : transport(owner) {}
    void OnAborted() override;
    PollingTransport& transport;
  };
  bool empty() const { return !next_ && queue_.empty(); }
  /// Tells the shard's total what waits now.
  void Recount();
  void Answer(std::string body, bool compressible);

  SessionHost& host_;
  net::OutQueue queue_;
  size_t counted_ = 0;  // of its bytes, in the shard's total
  net::FrameRef next_;  // taken off the queue, but too long for the last body
  net::http::Exchange poll_;
  const net::http::Request* poll_request_ = nullptr;  // lives as long as the exchange
  net::http::Headers poll_headers_;
  net::http::Exchange post_;
  Watcher poll_watcher_;
  Watcher post_watcher_;
  bool closing_ = false;
  bool finished_ = false;
};

}  // namespace trackwire::engineio
