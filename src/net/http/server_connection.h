#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "net/connections.h"
#include "net/http/exchange.h"
#include "net/http/parser.h"
#include "net/http/server.h"
#include "net/input_charge.h"
#include "net/timer.h"

namespace trackwire::net::http {

/// What the connections of one server share; constant.
struct ServerContext {
  const Router* router = nullptr;
  ServerOptions options;
};

/// Speaks HTTP/1.1 on one connection: one request at a time, the next one waits in the buffer.
/// Gives way to a WebSocket on an upgrade, moves to another shard on a hand-over.
class ServerConnection final : public Protocol {
 public:
  ServerConnection(std::shared_ptr<const ServerContext> context, std::string remote_address);

  /// Puts an accepted socket under HTTP; a full shard closes it.
  static void Start(Shard& shard, UniqueFd socket, AddressLimit::Seat seat,
                    std::unique_ptr<TlsPart> tls, std::shared_ptr<const ServerContext> context,
                    std::string remote_address);

  /// Closes as soon as no answer is owed.
  void CloseWhenIdle();
  const ServerContext& context() const { return *context_; }

  // For Exchange, which checks Awaits() first.
  static ServerConnection* Find(Shard& shard, uint32_t slot, uint32_t generation);
  bool Awaits(uint32_t serial) const { return owed_ && serial == serial_; }
  void Respond(Response response);
  void Abort() { Drop(); }
  void Watch(ExchangeWatcher* watcher) { watcher_ = watcher; }
  void HandOver(Shard& target);
  websocket::Stream Upgrade(const Request& request, websocket::Listener* listener,
                            const websocket::StreamOptions& options, const Headers& headers);

  void OnBytes(char* data, size_t size) override;
  void OnEndOfInput() override;
  void OnLost() override;
  void OnWritable() override;
  void OnTurnEnd() override;

 private:
  enum class Phase : uint8_t {
    kHead,        // between requests or within a head
    kBody,        // a handler wants the body
    kWaiting,     // for the answer
    kWriting,     // the answer, in several pieces
    kDiscarding,  // the answer is out, the rest of the body comes
    kLingering,   // all is said; what still comes is dropped until the client closes
    kGone,        // closed, upgraded or handed over
  };
  /// What a step of Run() came to.
  enum class Step : uint8_t { kAgain, kWait, kLeft };

  void Attach(Shard& shard, Connection& connection);
  void Run();
  void Settle();
  Step TakeHead();
  Step AwaitInput();
  Step Yield();
  Step TakeBody();
  Step CallHandler();
  Step Discard();
  Step StartAnswer();
  Step ContinueAnswer();
  Step EndAnswer();
  Step MoveToTarget();

  template <typename Call>
  void Guarded(Call call);
  void RefuseBody();
  bool Continue100();
  void Fail(int status);
  void Answer(Response response);
  void Abandon();
  void Drop();
  void DropUnanswered();
  void Linger();

  /// Whether a request may follow the one at hand.
  bool expects_more() const { return !input_ended_ || !unread().empty(); }
  std::string_view unread() const { return std::string_view(buffer_).substr(position_); }
  Exchange exchange() const;
  /// Counts what is held of a request that is not whole; refuses it when all hold too much.
  void ChargeInput();
  void StartTimer();
  /// From now on; of what is sent over, when the phase is one that has a rate.
  std::chrono::milliseconds TimeLeft() const;
  void Progress(size_t bytes);
  /// Takes down how much of an answer the kernel has and the client has not.
  void LookAtUnsent();
  /// Whether the client took what is due since that look, though its socket takes no more of us:
  /// the kernel says so only when a good part of its buffer is free, which may be megabytes.
  bool Drains() const;
  void OnTimer();

  /// An answer on its way.
  struct Outgoing {
    Response response;
    std::string head;
    std::string_view body;
    size_t sent = 0;
    bool keep_alive = false;
  };

  std::shared_ptr<const ServerContext> context_;
  std::string remote_address_;
  Shard* shard_ = nullptr;
  Connection* connection_ = nullptr;
  Timer timer_;
  InputCharge charge_;

  std::string buffer_;
  size_t position_ = 0;  // what of it is used up
  std::unique_ptr<RequestParser> parser_;
  std::unique_ptr<Request> request_;
  Handler* handler_ = nullptr;
  std::string body_;
  size_t body_limit_ = 0;
  size_t discarded_ = 0;

  std::unique_ptr<Outgoing> outgoing_;
  ExchangeWatcher* watcher_ = nullptr;
  Shard* target_ = nullptr;  // of a hand-over asked for
  uint32_t serial_ = 0;      // of the request
  Phase phase_ = Phase::kHead;
  Phase timed_phase_ = Phase::kGone;
  Steady::time_point phase_began_{};  // that has a rate
  size_t phase_bytes_ = 0;            // that went over in it
  Steady::time_point looked_at_{};
  size_t unsent_ = 0;  // then; in the kernel
  bool timed_head_begun_ = false;
  bool owed_ = false;
  bool running_ = false;
  bool calling_on_request_ = false;
  bool progressed_ = false;
  bool first_ = true;    // no request was whole yet
  bool yielded_ = false;  // has requests to serve in the next turn
  int requests_left_ = 0;  // for this one
  bool input_ended_ = false;
  bool close_when_idle_ = false;
};

}  // namespace trackwire::net::http
