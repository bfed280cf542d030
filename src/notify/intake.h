#pragma once

#include <atomic>
#include <cstdint>
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

namespace trackwire::notify {

/// What became of one envelope: where it stands in the log, or why it was refused.
struct IntakeResult {
  std::string offset;
  bool duplicate = false;
  std::optional<Error> error;
};

struct IntakeCounters {
  uint64_t accepted = 0;
  uint64_t duplicates = 0;   ///< known ids: not stored again
  uint64_t rejected = 0;     ///< envelopes that are not valid
  uint64_t unavailable = 0;  ///< valid ones that could not be stored
  uint64_t waiting_bytes = 0;
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
/// a large body.
class Intake {
 public:
  struct Options {
    size_t max_envelope_bytes = 1'000'000;
    size_t max_envelopes = 10'000;         ///< in one body
    size_t max_waiting_bytes = 64u << 20;  ///< taken but not yet stored
  };
  /// Errors for the whole body: `bad_json`, `not_an_envelope`, `too_many`, `queue_full`,
  /// `unavailable`. On the intake's or the broker's loop.
  using Done = std::function<void(Result<IntakeAnswer>)>;

  /// `loop` and `broker` outlive the intake; `loop` has stopped when it is destroyed.
  Intake(net::Loop& loop, broker::Broker& broker, Options options);

  /// Any thread. Takes an envelope or an array of them; `done` runs once all are durable.
  void Take(std::string body, Done done);
  /// Any thread.
  IntakeCounters counters() const;

 private:
  struct Sorted;
  void Work(const std::string& body, Steady::time_point accepted_at, const Done& done);
  Result<Sorted> Sort(const std::string& body, Steady::time_point accepted_at);
  void SortOne(base::JsonValue value, Steady::time_point accepted_at, Sorted& sorted);
  void Reject(std::string_view envelope, const Error& error);
  void Store(Sorted sorted, const Done& done);

  net::Loop& loop_;
  broker::Broker& broker_;
  const Options options_;
  // Written on two loops, read by whoever asks for metrics.
  std::atomic<uint64_t> accepted_{0};
  std::atomic<uint64_t> duplicates_{0};
  std::atomic<uint64_t> rejected_{0};
  std::atomic<uint64_t> unavailable_{0};
  std::atomic<uint64_t> waiting_bytes_{0};
};

}  // namespace trackwire::notify
