#pragma once

#include <chrono>
#include <memory>

#include "engineio/session_host.h"
#include "engineio/transport.h"
#include "net/timer.h"

namespace trackwire::engineio {

/// A session's second transport while it is tried out: from its opening to its end or to the
/// client's `upgrade` packet. The session's own transport works on meanwhile.
/// Spec: Engine.IO v4, "Upgrade".
class Upgrade final : private TransportListener {
 public:
  /// What the session does about it. Each call may destroy the upgrade.
  class Owner {
   public:
    /// The client waits for its GET to end before it switches. Called again every 100 ms, because
    /// it may have sent another.
    virtual void OnProbe() = 0;
    virtual void OnUpgraded() = 0;
    virtual void OnUpgradeFailed() = 0;

   protected:
    ~Owner() = default;
  };

  /// Starts the time-out.
  Upgrade(SessionHost& host, Owner& owner, std::unique_ptr<Transport> transport);
  /// Closes the new transport unless it was taken.
  ~Upgrade();

  std::unique_ptr<Transport> TakeTransport() { return std::move(transport_); }

 private:
  void OnPacket(const Packet& packet) override;
  void OnBadPacket(DecodeError error) override;
  void OnTransportLost(CloseReason reason) override;
  void AnswerProbe();
  void Recheck();

  SessionHost& host_;
  Owner& owner_;
  std::unique_ptr<Transport> transport_;
  net::Timer timeout_;
  net::Timer recheck_;
  bool answered_ = false;  // a client probes once; more would let it pile up answers
};

}  // namespace trackwire::engineio
