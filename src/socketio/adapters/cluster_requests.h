#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/loop.h"
#include "net/timer.h"
#include "socketio/adapter.h"

namespace trackwire::socketio {

/// Requests to the other servers that wait for their answers, by request id. Of one loop's thread.
class ClusterRequests {
 public:
  using FetchDone = std::function<void(Result<std::vector<RemoteSocket>>)>;
  using AnswersDone = std::function<void(ServerAnswers)>;
  using Expected = std::function<void(uint64_t clients)>;
  using Ack = std::function<void(Args answer)>;

  /// Requests that wait at once; more are refused at once as timed out.
  static constexpr size_t kMaxPending = 10'000;

  /// `timeouts` counts requests that not everybody answered in time.
  ClusterRequests(net::Loop& loop, uint64_t& timeouts) : loop_(loop), timeouts_(timeouts) {}

  /// A request id nobody else has; empty when there are too many already. Each ends by itself
  /// after `timeout`.
  std::string AddFetch(uint64_t servers, std::chrono::milliseconds timeout, FetchDone done);
  std::string AddServerEmit(uint64_t servers, std::chrono::milliseconds timeout, AnswersDone done);
  std::string AddBroadcast(std::chrono::milliseconds timeout, Expected on_expected, Ack on_ack);

  /// Answers; those to unknown requests have no effect.
  void OnSockets(const std::string& id, std::vector<RemoteSocket> sockets);
  void OnServerAnswer(const std::string& id, std::string json);
  void OnClientCount(const std::string& id, uint64_t clients);
  void OnAck(const std::string& id, Args answer);
  size_t pending() const { return pending_.size(); }

 private:
  struct Pending {
    Pending(ClusterRequests& owner, std::string request_id)
        : requests(owner), id(std::move(request_id)), timer(&Pending::OnTimer, this) {}
    static void OnTimer(void* self);

    ClusterRequests& requests;
    std::string id;
    net::Timer timer;
    uint64_t missing = 0;  // servers that have not answered
    FetchDone fetch_done;
    AnswersDone answers_done;
    Expected on_expected;
    Ack on_ack;
    std::vector<RemoteSocket> sockets;
    ServerAnswers answers;
  };

  Pending* Add(std::chrono::milliseconds timeout);
  Pending* Find(const std::string& id);
  /// Takes it out and tells whoever waits.
  void Finish(const std::string& id, bool timed_out);

  net::Loop& loop_;
  uint64_t& timeouts_;
  std::unordered_map<std::string, std::unique_ptr<Pending>> pending_;
};

/// 16 hex digits nobody else has.
std::string NewClusterId();

}  // namespace trackwire::socketio
