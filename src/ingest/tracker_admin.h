#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "tracking/tracker.h"

namespace trackwire::ingest {

/// What administrators do to trackers and clients, whoever holds the store.
///
/// Any thread; `done` on any, once this gateway decides by the new state; the others follow soon.
/// Errors: `unknown_tracker`, `unknown_client`, `exists`, `in_use` (a client that has trackers),
/// `invalid` (the detail says what), `unavailable`.
class TrackerAdmin {
 public:
  template <typename T>
  using Done = std::function<void(Result<T>)>;

  virtual ~TrackerAdmin() = default;
  virtual void CreateTracker(tracking::Tracker tracker, Done<tracking::Tracker> done) = 0;
  virtual void EditTracker(tracking::Id id, tracking::TrackerEdit edit,
                           Done<tracking::Tracker> done) = 0;
  /// With its history, status and tokens.
  virtual void RemoveTracker(tracking::Id id, Done<void> done) = 0;
  virtual void CreateClient(tracking::Client client, Done<tracking::Client> done) = 0;
  virtual void EditClient(tracking::Client client, Done<tracking::Client> done) = 0;
  virtual void RemoveClient(tracking::Id id, Done<void> done) = 0;
  /// A new token with which the tracker may push, in text: it is not kept and not shown again.
  virtual void IssueToken(tracking::Id tracker, Done<std::string> done) = 0;
  /// Removes the tokens of a tracker; how many there were.
  virtual void RevokeTokens(tracking::Id tracker, Done<size_t> done) = 0;
};

}  // namespace trackwire::ingest
