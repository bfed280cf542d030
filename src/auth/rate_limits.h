#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "broker/bucket_table.h"
#include "broker/rate_limiter.h"

namespace trackwire::auth {

/// What is limited.
enum class LimitKind : uint8_t { kConnection, kEvent, kGeocoding, kGraphql, kLogin, kApi };
inline constexpr size_t kLimitKinds = 6;
/// Whose doings are counted together. An address is all of an IPv6 customer's network.
enum class LimitScope : uint8_t { kSession, kUser, kAddress };
inline constexpr size_t kLimitScopes = 3;

/// As in configuration keys and metrics: `connection`, `session`.
const char* ToString(LimitKind kind);
const char* ToString(LimitScope scope);

/// The rules of all kinds. The defaults are far above what a person's client does, also where
/// many share an address.
struct LimitRules {
  LimitRules();

  broker::BucketRule& Of(LimitKind kind, LimitScope scope) {
    return rules[static_cast<size_t>(kind)][static_cast<size_t>(scope)];
  }
  const broker::BucketRule& Of(LimitKind kind, LimitScope scope) const {
    return rules[static_cast<size_t>(kind)][static_cast<size_t>(scope)];
  }
  /// Whether the kind knows the scope: only sockets have a session.
  static bool Applies(LimitKind kind, LimitScope scope);

  std::array<std::array<broker::BucketRule, kLimitScopes>, kLimitKinds> rules{};
  /// Whether loopback addresses are limited like others. Else connections, events and the API are
  /// free for them, and other kinds but logins do not count by address: they are local proxies,
  /// that speak for many, and load tests.
  bool loopback = false;
  /// A connection that has so many events refused within the window is ended; 0: never.
  int64_t abuse_refusals = 200;
  int64_t abuse_window_s = 60;
};

/// Who does something. What is empty is not known and not counted.
struct Caller {
  std::string session{};  ///< the public id of a socket
  std::string user{};     ///< of a valid token; of a login the name that is tried
  std::string address{};
};

struct LimitCounters {
  std::array<std::atomic<uint64_t>, kLimitKinds> allowed{};
  std::array<std::atomic<uint64_t>, kLimitKinds> refused{};
  std::atomic<uint64_t> abusers{0};  ///< connections ended
};

class EventMeter;
class SharedMeter;
class SharedMeters;

/// Decides what is too much, by buckets that the gateways of a deployment share. Any thread.
class RateLimits {
 public:
  using Done = broker::RateLimiter::Done;

  /// `limiter` and `clock` outlive it.
  RateLimits(broker::RateLimiter& limiter, const Clock& clock, LimitRules rules);
  ~RateLimits();

  /// Counts one act of `caller`; all scopes must allow it, else none is charged. `done` runs at once
  /// when the answer is at hand, else on the broker's loop. For logins: ask before the password is
  /// looked at; who goes on guessing is kept out by name and by address.
  void Check(LimitKind kind, const Caller& caller, Done done);
  /// One act of that kind shall not count against `user` after all: a login that was no guess.
  void GiveBack(LimitKind kind, const std::string& user);
  /// As kConnection, by address and by this process alone, at once: for what comes before there is a
  /// session.
  broker::Verdict CheckHandshake(std::string_view address);
  /// As kApi, in the same way: for a request that is refused before its bearer counts as anybody.
  broker::Verdict CheckRefused(std::string_view address);
  /// What counts the events of one socket; nullptr when they are free.
  std::unique_ptr<EventMeter> MeterFor(const Caller& caller);
  /// From now on the events of that socket are counted for another user; empty: for none.
  void Rename(EventMeter& meter, const std::string& user);
  /// Whether there is any limit on this kind from that address.
  bool Limits(LimitKind kind, std::string_view address) const;

  const LimitRules& rules() const { return rules_; }
  LimitCounters& counters() { return counters_; }
  const LimitCounters& counters() const { return counters_; }
  /// Verdicts given without the other gateways.
  uint64_t decided_alone() const { return limiter_.decided_alone(); }

 private:
  using Verdict = broker::Verdict;

  std::vector<broker::BucketCharge> ChargesFor(LimitKind kind, const Caller& caller) const;
  std::shared_ptr<SharedMeter> SharedMeterOf(LimitScope scope, const std::string& whose);
  Verdict Count(LimitKind kind, Verdict verdict);
  /// By address, at once; nothing when there is no limit.
  std::optional<Verdict> TakeAlone(LimitKind kind, std::string_view address);

  broker::RateLimiter& limiter_;
  const LimitRules rules_;
  const std::unique_ptr<broker::BucketTable> alone_;
  const std::shared_ptr<SharedMeters> shared_;
  LimitCounters counters_;
};

/// The key of a bucket: `event:user:…`. Users and sessions are hashed: whatever a client calls itself,
/// the key is short, and tells nobody who it is.
std::string BucketKey(LimitKind kind, LimitScope scope, std::string_view whose);

/// Whole seconds, at least 1: `retry_after` as clients get it.
int64_t RetrySeconds(std::chrono::milliseconds retry_after);

}  // namespace trackwire::auth
