#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "broker/pub_sub.h"
#include "net/http/upstream.h"
#include "net/loop.h"
#include "net/timer.h"

namespace trackwire::gateway {

/// A gateway as it tells the others of itself.
struct Peer {
  uint32_t number = 0;  ///< in its session ids; never 0, another one for each start
  std::string host;     ///< an address, not a name
  uint16_t port = 0;
  std::string key;      ///< of ForwardSeal, for requests to it
  std::string machine;  ///< what shares its loopback addresses

  friend bool operator==(const Peer&, const Peer&) = default;
};

/// Other gateways that are alive, by number.
using PeerTable = std::map<uint32_t, Peer>;

/// What shares loopback addresses with this process: the network namespace of this boot of the
/// machine; something unique when the system does not say.
std::string LoopbackDomain();

/// Knows the other gateways on the same broker: each says every two seconds where it is.
///
/// One that was not heard for three beats is gone; beats are counted as they are heard back, so
/// that nobody is forgotten while the broker is away. All on the broker's loop.
class Peers {
 public:
  static constexpr size_t kMaxPeers = 1'000;
  using OnChange = std::function<void(const PeerTable&)>;

  Peers(net::Loop& loop, broker::PubSub& pub_sub, OnChange on_change);

  /// Begins to speak and to hear. `heard` runs once the others were asked and had time to answer.
  void Join(Peer self, std::function<void()> heard);
  /// Tells the others that this gateway is gone, and hears no more.
  void Leave();

  const PeerTable& table() const { return table_; }

 private:
  void Say(std::string_view word);
  void Beat();
  void Hear(std::string_view message);
  void HearSelf();
  void Take(Peer peer);
  void ForgetSilent();

  net::Loop& loop_;
  broker::PubSub& pub_sub_;
  OnChange on_change_;
  std::optional<Peer> self_;
  std::function<void()> heard_;
  PeerTable table_;
  std::map<uint32_t, uint64_t> last_heard_;  ///< at which beat
  uint64_t beat_ = 0;                        ///< of ours, heard back
  bool clash_told_ = false;
  net::Timer timer_;
  std::unique_ptr<broker::PubSub::Subscription> hearing_;
};

}  // namespace trackwire::gateway
