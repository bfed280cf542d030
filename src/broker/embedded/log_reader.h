#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "broker/embedded/journal.h"

namespace trackwire::broker {

/// Reads older entries from the file on a thread of its own, so that neither the broker's loop nor
/// its writer waits for the disk; and moves what was written into the file proper, for the same
/// reason.
class LogReader {
 public:
  struct Job {
    LogId after = 0;
    LogId last = 0;
    size_t max_entries = 0;
    size_t max_bytes = 0;
    /// Runs on the reader's thread.
    std::function<void(Result<std::vector<LogEntryPtr>>)> done;
  };

  static Result<std::unique_ptr<LogReader>> Start(const std::string& path, std::string epoch);
  ~LogReader();

  /// Any thread. False when too many wait; `job.done` does not run then.
  bool Add(Job job);
  /// Answers what waits, then ends the thread. Any thread, more than once.
  void Stop();

 private:
  static constexpr size_t kMaxWaiting = 10'000;

  LogReader(std::unique_ptr<base::SqliteDb> db, std::unique_ptr<JournalReader> reader);
  void Run();

  std::unique_ptr<base::SqliteDb> db_;
  std::unique_ptr<JournalReader> reader_;
  std::mutex mutex_;  // guards the queue between the loop and the reader
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::once_flag joined_;
  std::thread thread_;
};

}  // namespace trackwire::broker
