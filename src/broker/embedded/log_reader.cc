#include "broker/embedded/log_reader.h"

#include <utility>

namespace trackwire::broker {

LogReader::LogReader(std::unique_ptr<base::SqliteDb> db, std::unique_ptr<JournalReader> reader)
    : db_(std::move(db)), reader_(std::move(reader)), thread_([this] { Run(); }) {}

Result<std::unique_ptr<LogReader>> LogReader::Start(const std::string& path, std::string epoch) {
  base::SqliteDb::Options options;
  options.read_only = true;
  auto db = base::SqliteDb::Open(path, options);
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
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job.done(reader_->Read(job.after, job.last, job.max_entries, job.max_bytes));
  }
}

}  // namespace trackwire::broker
