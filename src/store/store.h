#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "tracking/tracker.h"

namespace trackwire::store {

/// A notification that was stored together with the change it tells of, until it is in the log.
struct OutboxEntry {
  uint64_t seq = 0;  ///< given by the store, rising
  std::string key;   ///< idempotency key: appending it again changes nothing
  std::string envelope;
  WallTime created_at{};
};

/// That a tracker was heard without a newer place of it.
struct Contact {
  tracking::Id tracker;
  WallTime at{};
  /// What it said besides stands at its latest position from then on; absent: it stays.
  std::string attributes_json;
  std::optional<double> battery_percent;
};

/// One batch of writes that belong together.
struct WriteBatch {
  std::string producer;  ///< whose outbox it is: what several processes put there stays apart
  std::vector<tracking::Position> positions;  ///< the same tracker and fix time: ignored
  std::vector<std::pair<tracking::Id, tracking::Status>> statuses;
  std::vector<Contact> contacts;  ///< of what has a latest position, the others leave no trace
  std::vector<OutboxEntry> outbox;
  /// Forget what the producer has put into the outbox up to this number: it is in the log.
  uint64_t clear_outbox_through = 0;

  bool empty() const {
    return positions.empty() && statuses.empty() && contacts.empty() && outbox.empty() &&
           clear_outbox_through == 0;
  }
};

/// What a batch came to.
struct WriteOutcome {
  size_t stored = 0;      ///< positions that are new
  size_t duplicates = 0;  ///< positions that were there already
  size_t unknown = 0;     ///< positions and statuses of trackers that are not registered
  /// No entry that this Store has put into the outbox has a higher number; at first, no entry at
  /// all.
  uint64_t outbox_seq = 0;
};

/// Clients, trackers, positions and statuses. Blocking; used from one worker thread at a time,
/// never from a loop that serves clients. Several processes may use one database at once, also for
/// the same trackers.
///
/// Errors: `unavailable` (busy, disk full, input/output, connection lost; may pass), `corrupt`, and
/// when opening `bad_url`, `cannot_open`, `too_new` (the schema is of a later version), `outdated`
/// (of an earlier one, and not for this program to change by itself).
/// A call that fails may be made again. One that changes something and whose answer was lost with
/// the connection may have been carried out all the same.
class Store {
 public:
  virtual ~Store() = default;
  virtual Result<void> UpsertClients(const std::vector<tracking::Client>& clients) = 0;
  /// Errors: `exists`.
  virtual Result<void> CreateClient(const tracking::Client& client) = 0;
  /// Errors: `unknown_client`.
  virtual Result<void> EditClient(const tracking::Client& client) = 0;
  /// Errors: `unknown_client`, `in_use` while trackers are its own.
  virtual Result<void> RemoveClient(const tracking::Id& id) = 0;
  /// Fields that EditTracker() has set stay; one it moved to another provider stays as it is.
  virtual Result<void> UpsertTrackers(const std::vector<tracking::Tracker>& trackers) = 0;
  /// Changes one tracker by hand and returns it. Errors also: `unknown_tracker`, `unknown_client`.
  virtual Result<tracking::Tracker> EditTracker(const tracking::Id& id,
                                                const tracking::TrackerEdit& edit) = 0;
  /// As it is given, its `edited` too. Errors also: `exists`, `unknown_client`.
  virtual Result<void> CreateTracker(const tracking::Tracker& tracker) = 0;
  /// With history, status, latest position and tokens; for all who read it is gone at once. Of its
  /// history nobody knows any more, but it takes room until SweepRemoved() has come to its end.
  /// Errors also: `unknown_tracker`.
  virtual Result<void> RemoveTracker(const tracking::Id& id) = 0;
  /// Takes at most `limit` positions of removed trackers away, in one transaction: whoever wants to
  /// write meanwhile waits for no more. Returns whether there may be more; a limit of 0 only looks.
  /// Several may do so at once.
  virtual Result<bool> SweepRemoved(size_t limit) = 0;
  virtual Result<std::vector<tracking::Client>> Clients() = 0;
  /// All trackers with status and latest position, in one query and no particular order.
  virtual Result<std::vector<tracking::TrackerState>> TrackerStates() = 0;
  /// All of it or nothing, in one transaction. A position older than its tracker's latest goes to
  /// the history only.
  virtual Result<WriteOutcome> Write(const WriteBatch& batch) = 0;
  /// What was written with batches of this producer and not cleared since, in order.
  virtual Result<std::vector<OutboxEntry>> Outbox(const std::string& producer) = 0;
  /// A short text that somebody keeps here under a name, such as how far he has come; empty: none.
  virtual Result<std::string> Mark(const std::string& name) = 0;
  virtual Result<void> SetMark(const std::string& name, const std::string& value) = 0;
  /// Leaves `value` there unless there is one; returns what there is, the same for all who call.
  virtual Result<std::string> KeepMark(const std::string& name, const std::string& value) = 0;
  /// Removes positions older than `before` from the history, at most `limit`; returns how many.
  /// Each tracker's latest stays known.
  virtual Result<size_t> Prune(WallTime before, size_t limit) = 0;
};

/// Opens `sqlite:///absolute/path`, `sqlite:relative.db` or `sqlite::memory:` and brings its schema
/// up to date.
Result<std::unique_ptr<Store>> OpenStore(const std::string& url);

}  // namespace trackwire::store
