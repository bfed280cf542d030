#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "broker/broker.h"
#include "broker/redis/redis_client.h"
#include "net/loop.h"

namespace trackwire::broker {

struct RedisBrokerOptions {
  RedisLinkOptions link;
  /// Before every key and channel; not set: `{tw}:` in a cluster, so that what one script touches
  /// shares a slot, else nothing. In a cluster it must hold a hash tag.
  std::optional<std::string> prefix;
  std::chrono::milliseconds start_timeout{10'000};  ///< how long opening waits for Redis
  std::chrono::seconds expiry{3600};                ///< of entries and idempotency keys
  size_t max_memory_bytes = 64u << 20;     ///< of newest entries read without asking Redis
  size_t max_queue_entries = 100'000;      ///< accepted but not yet stored
  size_t max_queue_bytes = 256u << 20;
  size_t max_rejected = 1000;
  size_t max_rejected_bytes = 4096;        ///< of one envelope that is kept
  std::chrono::seconds session_lifetime{15 * 60};  ///< of a record that nobody touches
  std::chrono::milliseconds unavailable_after{10'000};  ///< an Append() waits for Redis so long
  size_t max_cache_bytes = 256u << 20;     ///< of the cache that all processes share
  size_t max_revocations = RevocationList::kMaxRevocations;
  size_t max_incoming_bytes = 1'100'000;   ///< of what is heard; longer ones are counted, then dropped
  size_t max_inbox_entries = 1'000'000;    ///< where the outlet answers `queue_full`
  std::chrono::milliseconds window{10'000};   ///< at least between two counts of what was heard
  std::chrono::milliseconds lease{3'000};  ///< how long nobody drains a dead process's inbox
  /// For tests: how far the clock of the log is ahead of the server's. The loop.
  std::function<std::chrono::milliseconds()> clock_ahead;
};

/// Opens the broker that many processes share: one Redis (7.0 or later), alone, behind Sentinels or
/// a cluster.
///
/// Blocks until Redis has answered, `start_timeout` at most; not from `loop`, which must run. From
/// then on it comes back by itself after whatever happens to Redis: it goes on in the log where it
/// was, tells OnBreak() when that place is gone, and stores once what it could not store meanwhile.
/// `loop` and `clock` outlive the broker; destroy it on the loop, or after the loop has
/// stopped.
/// Errors: `unavailable`, `refused` (wrong password, too old a version), `bad_prefix`.
///
/// Keys, after the prefix: docs/design/redis-broker.md.
Result<std::unique_ptr<Broker>> OpenRedisBroker(RedisBrokerOptions options, net::Loop& loop,
                                                const Clock& clock);

}  // namespace trackwire::broker
