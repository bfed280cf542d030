#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "checker.h"
#include "connection.h"
#include "wire/fd.h"

namespace trackwire::exact {

struct SwarmOptions {
  std::vector<uint16_t> ports;  ///< of the gateways, on 127.0.0.1
  size_t clients = 100;
  size_t contents = 1000;
  size_t trackers = 100;
  size_t connecting = 64;                    ///< handshakes under way at a time
  std::string token;                         ///< in the auth object of each CONNECT, when not empty
  std::chrono::milliseconds delay_least{5};  ///< before a lost client tries again
  std::chrono::milliseconds delay_most{150};
  std::chrono::milliseconds window{120'000};  ///< who is back earlier has to be recovered
};

/// How long clients were away: from the loss to the answer that says they were recovered.
struct Absences {
  std::vector<uint32_t> ms;
  uint32_t Percentile(double share) const;
};

/// All clients, on one thread and one epoll set: connects them, brings the lost ones back to
/// another gateway, and keeps the books in a Checker.
class Swarm final : private ConnectionEvents {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Swarm(SwarmOptions options);

  int epoll() const { return epoll_.get(); }
  /// When Turn() has something to do without any readiness; nothing: never.
  std::optional<Clock::time_point> NextDue() const;
  /// Acts on one readiness of the epoll set, whose event data is the number of a client.
  void OnReady(uint64_t client, uint32_t events);
  /// Connects those whose time has come.
  void Turn();

  void set_ports(std::vector<uint16_t> ports);
  /// Breaks `count` connections, beginning with client `first`, for at least `pause`.
  void Cut(size_t first, size_t count, std::chrono::milliseconds pause);

  size_t joined() const { return joined_; }
  bool all_have(uint32_t content) const;
  const Checker& checker() const { return checker_; }
  const Absences& absences() const { return absences_; }
  /// Why connections were lost or did not come about, and how often.
  const std::map<std::string, uint64_t>& losses() const { return losses_; }

 private:
  struct Seat {
    std::string pid;
    size_t port = 0;  ///< index of the gateway tried last
    Clock::time_point lost_at;
    std::chrono::milliseconds pause{0};  ///< added to the next delay
    bool joined = false;
    bool in_session = false;  ///< the `session` of this connection has come
    bool recovered = false;
  };
  struct Due {
    Clock::time_point at;
    size_t client;
    bool operator>(const Due& other) const { return at > other.at; }
  };

  std::string AuthOf(size_t client) override;
  void OnConnect(size_t client, std::string_view pid) override;
  void OnConnectError(size_t client, std::string_view packet) override;
  void OnEvent(size_t client, std::string_view packet) override;
  void OnLost(size_t client, const std::string& reason) override;
  void Open(size_t client);
  void Later(size_t client);

  SwarmOptions options_;
  Checker checker_;
  bench::UniqueFd epoll_;
  std::vector<char> buffer_;
  std::vector<Seat> seats_;
  std::deque<Connection> connections_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  size_t under_way_ = 0;
  size_t joined_ = 0;
  std::minstd_rand random_{1};
  Absences absences_;
  std::map<std::string, uint64_t> losses_;
};

}  // namespace trackwire::exact
