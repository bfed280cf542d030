#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker/cache.h"
#include "broker/inlet.h"
#include "broker/notification_log.h"
#include "broker/pub_sub.h"
#include "broker/rate_limiter.h"
#include "broker/revocation_list.h"
#include "broker/session_store.h"
#include "broker/task_queue.h"
#include "net/loop.h"

namespace trackwire::broker {

/// An envelope that intake refused, kept for the operator to look at.
struct Rejected {
  std::string envelope;  ///< cut to a bounded length
  std::string reason;
};

/// The link to a server that a broker is on.
struct BrokerLink {
  bool up = false;
  uint64_t connects = 0;   ///< times it came up, the first one too
  uint64_t lost = 0;       ///< times it broke
  uint64_t redirects = 0;  ///< to another node of a cluster
  uint64_t commands = 0;
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
  uint64_t messages_dropped = 0;  ///< of PubSub, for want of a way
};

/// How a broker does, for readiness and metrics.
struct BrokerHealth {
  bool ready = false;
  std::string detail;           ///< what is wrong, for people
  uint64_t append_queue = 0;    ///< waiting to become durable
  uint64_t log_entries = 0;
  uint64_t log_bytes = 0;
  uint64_t rejected_total = 0;
  std::optional<BrokerLink> link;  ///< none: it is embedded
};

/// Everything shared between the parts of one deployment. One loop runs its callbacks: the control
/// thread, where dispatch lives too, so that an entry and what follows from it keep their order.
class Broker {
 public:
  virtual ~Broker() = default;
  virtual NotificationLog& log() = 0;
  virtual SessionStore& sessions() = 0;
  virtual PubSub& pub_sub() = 0;
  virtual TaskQueue& tasks() = 0;
  virtual Cache& cache() = 0;
  virtual RevocationList& revocations() = 0;
  virtual RateLimiter& rate_limiter() = 0;
  /// What publishers outside put in, if this broker is one that others can reach; else nullptr.
  virtual Inlet* inlet() { return nullptr; }
  /// Where a process that is not a gateway hands notifications over: the durable inbox, whose
  /// entries a gateway's intake takes into the log. The log itself where there is no inbox.
  virtual NotificationSink& outlet() { return log(); }
  /// Any thread. Bounded: the oldest rejected ones fall out.
  virtual void Reject(Rejected rejected) = 0;
  /// Callback on the broker's loop.
  virtual void ListRejected(size_t max, std::function<void(std::vector<Rejected>)> done) = 0;
  /// The broker's loop.
  virtual BrokerHealth health() const = 0;
  /// The broker's loop. Makes what was accepted durable, answers its callbacks, then ends.
  virtual void Shutdown(std::function<void()> done) = 0;
};

}  // namespace trackwire::broker
