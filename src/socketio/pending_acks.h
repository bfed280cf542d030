#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/timer.h"
#include "socketio/socket.h"

namespace trackwire::socketio {

/// The acknowledgements one client owes. Each result runs once. Its shard's thread only.
class PendingAcks {
 public:
  /// `sid` names the client in the log; it must outlive this.
  explicit PendingAcks(const std::string& sid) : sid_(sid) {}

  /// `timeout` 0: waits as long as the socket lives.
  void Add(uint64_t id, net::TimerWheel& timers, std::chrono::milliseconds timeout,
           AckResult result);
  /// Ids nobody waits for are ignored; `id` are digits.
  void Resolve(std::string_view id, std::string_view args_json,
               const std::vector<std::string_view>& attachments);
  /// The socket is gone: all of them time out.
  void FailAll();
  size_t size() const { return waiting_.size(); }

 private:
  struct Waiting {
    Waiting(PendingAcks& all, uint64_t number, AckResult done);
    PendingAcks& owner;
    uint64_t id;
    AckResult result;
    net::Timer timer;
  };
  void OnTimeout(uint64_t id);
  /// Whatever the result's function throws is logged.
  void Finish(Waiting& waiting, bool timed_out, std::string_view args_json,
              const std::vector<std::string_view>& attachments) const;

  const std::string& sid_;
  std::unordered_map<uint64_t, std::unique_ptr<Waiting>> waiting_;
};

}  // namespace trackwire::socketio
