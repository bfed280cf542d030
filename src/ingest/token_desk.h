#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"
#include "net/loop.h"
#include "net/timer.h"
#include "store/ingest_tokens.h"

namespace trackwire::ingest {

/// The tokens with which trackers push: kept in the store as digests, looked up in memory, on a
/// thread of their own.
class TokenDesk {
 public:
  template <typename T>
  using Done = std::function<void(Result<T>)>;
  /// One tracker has no more at a time: who changes one makes the new, moves over, removes the old.
  static constexpr size_t kMaxOfTracker = 10;

  /// Opens the store at `url` and reads it (blocking, for start-up). `clock` outlives it.
  static Result<std::unique_ptr<TokenDesk>> Open(const std::string& url, const Clock& clock);
  ~TokenDesk();
  TokenDesk(const TokenDesk&) = delete;
  TokenDesk& operator=(const TokenDesk&) = delete;

  /// Any thread: whose token that is. Takes the same time whatever part of it is right.
  std::optional<tracking::Id> Find(std::string_view token) const;

  /// Any thread. The token in text, once. Errors: `unknown_tracker`, `invalid` (it has too many),
  /// `unavailable`.
  void Issue(tracking::Id tracker, Done<std::string> done);
  /// Any thread. How many there were.
  void Revoke(tracking::Id tracker, Done<size_t> done);
  /// Any thread. The store may have others than before: reads them again, soon.
  void Reload();
  /// Ends the thread; `done`s not yet called are dropped. May be called twice.
  void Stop();

 private:
  using Digest = std::string;  ///< by TokenDigest()
  using Book = std::unordered_map<Digest, tracking::Id>;

  TokenDesk(std::unique_ptr<store::IngestTokenStore> store, const Clock& clock);
  Result<void> Load();
  void OnTimer();
  Result<std::string> IssueNow(const tracking::Id& tracker);
  std::shared_ptr<const Book> book() const;

  std::unique_ptr<store::IngestTokenStore> store_;
  const Clock& clock_;
  mutable std::mutex mutex_;  ///< guards the pointer, which many threads read and one replaces
  std::shared_ptr<const Book> book_ = std::make_shared<const Book>();
  net::Loop loop_{"tokens"};
  net::Timer timer_;
};

/// SHA-256 in lower-case hex, as the store has it.
std::string TokenDigest(std::string_view token);

}  // namespace trackwire::ingest
