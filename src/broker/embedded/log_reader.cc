#include "broker/embedded/log_reader.h"

#include <chrono>
#include <optional>
#include <utility>

namespace trackwire::broker {
namespace {

constexpr auto kCheckpointEvery = std::chrono::seconds(1);

}  // namespace

LogReader::LogReader(std::unique_ptr<base::SqliteDb> db, std::unique_ptr<JournalReader> reader)
    : db_(std::move(db)), reader_(std::move(reader)), thread_([this] { Run(); }) {}

Result<std::unique_ptr<LogReader>> LogReader::Start(const std::string& path, std::string epoch) {
  auto db = base::SqliteDb::Open(path, {});
  if (!db) return Err(std::move(db.error()));
  auto reader = JournalReader::Make(**db, std::move(epoch));
  if (!reader) return Err(std::move(reader.error()));
  return std::unique_ptr<LogReader>(new LogReader(std::move(*db), std::move(*reader)));
}

LogReader::~LogReader() { Stop(); }

bool LogReader::Add(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || jobs_.size() >= kMaxWaiting) return false;
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void LogReader::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  std::call_once(joined_, [this] { thread_.join(); });
}

void LogReader::Run() {
  auto checkpointed_at = Steady::now();
  for (;;) {
    std::optional<Job> job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, kCheckpointEvery, [this] { return stopping_ || !jobs_.empty(); });
      if (jobs_.empty() && stopping_) return;
      if (!jobs_.empty()) {
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
    }
    if (job) job->done(reader_->Read(job->after, job->last, job->max_entries, job->max_bytes));
    if (Steady::now() - checkpointed_at < kCheckpointEvery) continue;
    // A failure is the writer's to tell: its own checkpoints come when the file grows too long.
    (void)db_->Execute("PRAGMA wal_checkpoint(PASSIVE)");
    checkpointed_at = Steady::now();
  }
}

}  // namespace trackwire::broker
