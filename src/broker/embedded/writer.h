#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "broker/embedded/embedded_broker.h"
#include "broker/embedded/journal.h"
#include "broker/embedded/log_reader.h"
#include "broker/embedded/loop_side.h"

namespace trackwire::broker {

/// The one thread that writes the journal: it takes everything that waits, commits it as one
/// transaction and posts the results to the loop, in order.
class Writer {
 public:
  Writer(const EmbeddedOptions& options, std::unique_ptr<Journal> journal, SessionTable& sessions,
         std::shared_ptr<LoopSide> loop_side, net::Loop& loop, const Clock& clock);
  /// Writes what waits and ends the thread.
  ~Writer();

  /// Any thread. An error code when the job is not taken; it is left as it was then.
  const char* Add(AppendJob& job);
  /// Any thread. False when nothing is taken any more; the change is left as it was then.
  bool Change(TaskChange& change);
  bool Change(RevocationChange& change);
  /// Any thread.
  void Reject(Rejected rejected);
  std::vector<Rejected> NewestRejected(size_t max) const;
  uint64_t rejected_total() const;
  uint64_t waiting_entries() const;
  /// Sessions have changed. Any thread.
  void Wake();
  /// For a journal in memory, which has no second connection. Any thread.
  bool Read(LogReader::Job job);
  /// Takes nothing more; `done` runs on the loop behind all results. Any thread.
  void Finish(std::function<void()> done);

 private:
  struct Work {
    WriteGroup group;
    std::vector<LogReader::Job> reads;
    bool finish = false;
  };

  void Run();
  Work WaitForWork();
  void Commit(WriteGroup group);
  void Tidy();
  void Retry();
  void PutBack(WriteGroup& group);
  void Post(WriteGroup group, Result<void> written);

  const EmbeddedOptions options_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<JournalReader> reader_;
  SessionTable& sessions_;
  std::shared_ptr<LoopSide> loop_side_;
  net::Loop& loop_;
  const Clock& clock_;
  bool failing_ = false;
  bool more_to_expire_ = false;
  Steady::time_point tidied_at_{};

  // What other threads leave for the writer. A queue with a lock, not a posted task, because the
  // writer must be able to take everything that waits at once.
  struct Shared {
    std::deque<AppendJob> appends;
    std::vector<LogReader::Job> reads;
    std::deque<TaskChange> tasks;
    std::vector<RevocationChange> revocations;
    bool tasks_added = false;       ///< somebody waits to hear whether his task was written
    std::deque<Rejected> unsaved;   ///< rejected, not yet in the journal
    std::deque<Rejected> rejected;  ///< the newest
    uint64_t rejected_total = 0;
    size_t entries = 0;             ///< accepted, not yet handed over on the loop
    size_t bytes = 0;
    bool wake = false;
    bool finishing = false;
    bool ended = false;
    std::vector<std::function<void()>> finished;
    mutable std::mutex mutex;
    std::condition_variable changed;
  };
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  std::thread thread_;
};

}  // namespace trackwire::broker
