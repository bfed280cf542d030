#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json_scanner.h"
#include "base/result.h"
#include "broker/broker.h"
#include "net/loop.h"
#include "net/timer.h"

namespace trackwire::notify {

/// What became of one envelope: where it stands in the log, or why it was refused.
struct IntakeResult {
  std::string offset;
  bool duplicate = false;
  std::optional<Error> error;
};

/// What became of envelopes that came one way.
struct SourceCounters {
  uint64_t accepted = 0;
  uint64_t duplicates = 0;   ///< known ids, and what another process stored first
  uint64_t rejected = 0;     ///< envelopes that are not valid
  uint64_t unavailable = 0;  ///< valid ones that could not be stored
};

struct IntakeCounters {
  SourceCounters http;
  SourceCounters channel;
  SourceCounters inbox;
  uint64_t waiting_bytes = 0;  ///< of both: bodies, and what an inlet brought
  uint64_t retries = 0;        ///< times that storing what an inlet brought was tried again
};

/// What one body came to.
struct IntakeAnswer {
  bool array = false;                 ///< the body was an array of envelopes
  std::vector<IntakeResult> results;  ///< in the order of the body
};

/// Stage 1: takes bodies of envelopes, checks each, stores the valid ones and keeps the others for
/// the operator.
///
/// Works on a loop of its own, so that neither the loops that serve clients nor dispatch wait for
/// a large body. What an inlet brings goes the same way: one batch at a time, in the order in which
/// it came, tried again until it is stored.
class Intake {
 public:
  struct Options {
    size_t max_envelope_bytes = 1'000'000;
    size_t max_envelopes = 10'000;         ///< in one body
    size_t max_waiting_bytes = 64u << 20;  ///< taken but not yet stored
    size_t max_batch = 4'000;              ///< of an inlet's envelopes stored in one step
    std::chrono::milliseconds retry_after{100};
  };
  /// Errors for the whole body: `bad_json`, `not_an_envelope`, `too_many`, `queue_full`,
  /// `unavailable`. On the intake's or the broker's loop.
  using Done = std::function<void(Result<IntakeAnswer>)>;

  /// `loop` and `broker` outlive the intake; `loop` has stopped when it is destroyed.
  Intake(net::Loop& loop, broker::Broker& broker, Options options);

  /// Any thread. Takes an envelope or an array of them; `done` runs once all are durable.
  void Take(std::string body, Done done);
  /// Any thread, once: takes what `inlet` brings, until the inlet is closed.
  void Follow(broker::Inlet& inlet);
  /// Any thread; `done` on the intake's loop, once nothing of an inlet waits to be stored.
  void Settle(std::function<void()> done);
  /// Any thread. While the broker is away, Take() refuses at once with `unavailable`.
  void SetAway(bool away) { away_.store(away, std::memory_order_relaxed); }
  /// Any thread.
  IntakeCounters counters() const;

 private:
  struct Sorted;
  struct Counts {
    std::atomic<uint64_t> accepted{0};
    std::atomic<uint64_t> duplicates{0};
    std::atomic<uint64_t> rejected{0};
    std::atomic<uint64_t> unavailable{0};
    SourceCounters Read() const;
  };

  void Hear(std::vector<broker::Incoming> incoming);
  void HearOne(broker::Incoming incoming);
  void StoreHeard();
  void OnHeardStored(const Result<std::vector<broker::Appended>>& appended);
  void RetryHeard();
  Counts& CountsOf(broker::InletTicket::From from);
  void Work(const std::string& body, Steady::time_point accepted_at, const Done& done);
  Result<Sorted> Sort(const std::string& body, Steady::time_point accepted_at);
  void SortOne(base::JsonValue value, Steady::time_point accepted_at, Sorted& sorted);
  void Reject(std::string_view envelope, const Error& error);
  void Store(Sorted sorted, const Done& done);

  net::Loop& loop_;
  broker::Broker& broker_;
  const Options options_;
  // Written on two loops, read by whoever asks for metrics.
  Counts http_;
  Counts channel_;
  Counts inbox_;
  std::atomic<uint64_t> waiting_bytes_{0};
  std::atomic<uint64_t> retries_{0};
  std::atomic<bool> away_{false};

  // The intake loop's: what an inlet brought, in order. The first `storing_` of them are on their
  // way to the log.
  broker::Inlet* inlet_ = nullptr;
  std::deque<broker::AppendRequest> heard_;
  size_t storing_ = 0;
  bool told_full_ = false;
  std::vector<std::function<void()>> settled_;
  net::Timer retry_;
};

}  // namespace trackwire::notify
