#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "broker/broker.h"
#include "net/loop.h"

namespace trackwire::broker {

struct EmbeddedOptions {
  enum class Sync {
    kNormal,  ///< what was accepted survives the death of the process
    kFull,    ///< and a power cut
  };

  /// An SQLite file of its own (a store's file works too, but then they wait for each other), or
  /// ":memory:".
  std::string path = ":memory:";
  std::chrono::seconds expiry{3600};              ///< of entries and idempotency keys
  size_t max_memory_bytes = 64u << 20;            ///< of newest entries read without the disk
  size_t max_queue_entries = 100'000;             ///< accepted but not yet handed to the tails
  size_t max_queue_bytes = 256u << 20;
  size_t max_rejected = 1000;
  size_t max_rejected_bytes = 4096;               ///< of one envelope that is kept
  size_t max_sessions = 1'000'000;
  std::chrono::seconds session_lifetime{15 * 60};  ///< of a record that nobody touches
  /// How long the records of an earlier process, however it ended, wait for their clients.
  std::chrono::milliseconds session_grace = std::chrono::seconds(120);
  size_t max_cache_bytes = 64u << 20;
  size_t max_revocations = RevocationList::kMaxRevocations;
  size_t max_buckets = 200'000;                   ///< of the rate limiter
  Sync sync = Sync::kNormal;
};

/// Opens the broker that lives in this process, its durable parts journalled in SQLite.
///
/// One writer thread commits everything that waits as one transaction and posts the results to
/// `loop`: first the tails get the new entries, then the callbacks of Append() run. `loop` and
/// `clock` outlive the broker; destroy it on the loop, or after the loop has stopped.
/// Errors: `in_use` (another process has the file), `cannot_open`, `corrupt`, `too_new`,
/// `unavailable`.
Result<std::unique_ptr<Broker>> OpenEmbeddedBroker(EmbeddedOptions options, net::Loop& loop,
                                                   const Clock& clock);

}  // namespace trackwire::broker
