#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>

#include "net/timer.h"
#include "socketio/cluster.h"

namespace trackwire::socketio {

/// Broadcasts that wait for acknowledgements, on the shard that asked. Its thread only.
///
/// A round is complete when as many servers have told how many clients they asked as there are
/// servers, and as many clients have answered or gone.
class AckRounds {
 public:
  using Done = std::function<void(BroadcastAcks)>;

  explicit AckRounds(net::TimerWheel& timers) : timers_(timers) {}

  /// The number by which the round is called. `done` runs once.
  uint64_t Begin(std::chrono::milliseconds timeout, Done done);
  /// One more server has told how many clients it asked.
  void AddServer(uint64_t round, uint64_t clients);
  /// How many servers there are. Without it the round waits for its time-out.
  void SetServers(uint64_t round, uint64_t servers);
  void AddAnswer(uint64_t round, Args answer);
  /// A client will not answer any more.
  void AddFailure(uint64_t round);
  size_t size() const { return rounds_.size(); }

 private:
  struct Round {
    Round(AckRounds& all, uint64_t number, Done then);
    AckRounds& owner;
    uint64_t id;
    Done done;
    BroadcastAcks acks;
    uint64_t failures = 0;
    uint64_t servers_heard = 0;
    std::optional<uint64_t> servers;
    net::Timer timer;
  };

  Round* Find(uint64_t round);
  void FinishIfComplete(Round& round);
  void Finish(Round& round, bool timed_out);

  net::TimerWheel& timers_;
  std::unordered_map<uint64_t, std::unique_ptr<Round>> rounds_;
  uint64_t next_ = 0;
};

}  // namespace trackwire::socketio
