#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "base/result.h"
#include "broker/notification_log.h"
#include "net/loop.h"
#include "notify/choices.h"
#include "notify/interest.h"
#include "notify/session_book.h"
#include "notify/view.h"
#include "socketio/namespace.h"
#include "tracking/board.h"

namespace trackwire::notify {

struct UserSession;

/// Counts of one process, written on all threads.
struct SubscriptionCounters {
  std::atomic<uint64_t> answered{0};
  std::atomic<uint64_t> refused{0};    ///< not valid, or over a limit
  std::atomic<uint64_t> truncated{0};  ///< answers whose positions were cut
};

/// Serves the events `subscribe` and `unsubscribe`.
///
/// What may be seen, where it is and at which place in the log that is true is found out on the
/// broker's loop, in one turn; the answer then takes the way of the deliveries to the socket's
/// shard. So entries up to the offset were delivered by the former choice, before the answer, and those
/// after it follow by the new one. The requests of a socket are dealt with one by one, in their
/// order; those of all sockets take turns with dispatch.
class Subscriptions {
 public:
  struct Options {
    size_t max_ids = 1'000;              ///< chosen by one socket
    size_t max_positions = 2'000;        ///< of one answer
    size_t max_position_bytes = 1u << 20;
    size_t max_waiting = 32;             ///< requests of one socket
  };

  /// Everything outlives it; `loop` is the broker's, which `log`, `board` and `choices` belong to.
  Subscriptions(net::Loop& loop, const broker::NotificationLog& log, const tracking::Board& board,
                const Views& views, Choices& choices, SessionBook& book, socketio::Namespace& nsp,
                Options options);

  /// Sets the handlers; before the server starts.
  void Attach();
  const SubscriptionCounters& counters() const { return counters_; }

 private:
  struct Request;
  struct Outcome;
  using RequestPtr = std::shared_ptr<Request>;

  void OnEvent(socketio::Socket& socket, const socketio::Event& event, socketio::AckFn ack,
               bool adds);
  void Ask(UserSession& session);
  void Step();
  Outcome Decide(const Request& request) const;
  Outcome DecideMore(const Request& request) const;
  Outcome DecideLess(const Request& request) const;
  void Apply(socketio::Socket& socket, const RequestPtr& request, const Outcome& outcome);

  net::Loop& loop_;
  const broker::NotificationLog& log_;
  const tracking::Board& board_;
  const Views& views_;
  Choices& choices_;
  SessionBook& book_;
  socketio::Namespace& nsp_;
  const Options options_;
  std::deque<RequestPtr> asked_;  ///< the loop's
  SubscriptionCounters counters_;
};

}  // namespace trackwire::notify
