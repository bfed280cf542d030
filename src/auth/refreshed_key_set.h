#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "auth/jwk_set.h"
#include "auth/key_fetcher.h"
#include "base/clock.h"

namespace trackwire::auth {

/// How often keys are fetched.
struct RefreshOptions {
  /// Age at which they are fetched anew in the background.
  std::chrono::milliseconds ttl = std::chrono::minutes(5);
  /// The first pause after a failure; it doubles up to `ttl`.
  std::chrono::milliseconds retry = std::chrono::seconds(5);
  /// Time from one answer to the next fetch that an unknown name may cause.
  std::chrono::milliseconds min_interval = std::chrono::seconds(10);
  /// How long a name that was looked for in vain causes no fetch of its own.
  std::chrono::milliseconds absent_for = std::chrono::minutes(1);
  /// Look-ups that wait at a time; more are answered at once, in the negative.
  size_t max_waiting = 1'024;
};

/// Counts since the start, and how it stands.
struct KeySetStatus {
  size_t keys = 0;
  uint64_t fetches = 0;
  uint64_t failures = 0;
  uint64_t not_asked = 0;  ///< look-ups refused by the limits on rate and waiting
  bool failing = false;    ///< the last fetch failed; older keys, if any, go on
};

/// A key set that lies elsewhere and changes: fetched by a thread of its own, when old and when a
/// token names a key that is not in it, one fetch at a time for all who wait.
///
/// While it cannot be fetched, or what comes is no key set, the keys stay as they were. Names of
/// keys come from tokens that nobody signed yet: they decide at most that the configured place is
/// asked, at a bounded rate, never where. Memory is bounded too. Any thread.
class RefreshedKeySet final : public KeySet {
 public:
  /// `name` is for logs; `clock` outlives the set.
  RefreshedKeySet(std::string name, std::unique_ptr<KeyFetcher> fetcher, JwkOptions keys,
                  RefreshOptions options, const Clock& clock);
  /// Ends the thread; who still waits is answered.
  ~RefreshedKeySet() override;

  /// Fetches on the calling thread: for a set that must be good from the beginning. Before Start().
  Result<void> Load();
  /// Starts the thread, which fetches at once what Load() has not.
  void Start();

  void Find(Algorithm algorithm, std::string_view key_id, Candidates& out) const override;
  bool Learns(Algorithm algorithm) const override;
  bool Refresh(std::string_view key_id, UniqueFunction<void()> done) override;
  KeySetStatus status() const;

 private:
  struct Waiter {
    std::string key_id;
    UniqueFunction<void()> done;
  };
  using Keys = std::shared_ptr<const JwkSet>;
  using Lock = std::unique_lock<std::mutex>;

  void Run();
  void FetchOnce(Lock& lock);
  void Learn(Result<Keys> fetched, const std::vector<Waiter>& waiters);
  void RememberAbsent(const std::string& key_id);
  bool MayAsk(std::string_view key_id) const;
  Result<Keys> Fetch();

  const std::string name_;
  const std::unique_ptr<KeyFetcher> fetcher_;
  const JwkOptions key_options_;
  const RefreshOptions options_;
  const Clock& clock_;

  // Guards everything below. Shards take it to copy one pointer when they check a signature made
  // with a public key, which takes a hundred times as long; shared secrets never come here.
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Keys keys_;
  KeySetStatus status_;
  std::vector<Waiter> waiters_;
  std::map<std::string, Steady::time_point, std::less<>> absent_until_;
  Steady::time_point due_{};        // of the next fetch in the background
  Steady::time_point ask_after_{};  // before, unknown names cause no fetch
  bool wanted_ = false;
  bool fetching_ = false;
  bool stopping_ = false;
  uint32_t failures_in_row_ = 0;
  std::thread thread_;
};

}  // namespace trackwire::auth
