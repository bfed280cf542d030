#include "broker/embedded/writer.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;

constexpr size_t kMaxSessionsPerGroup = 5'000;
constexpr size_t kExpirePerRound = 1'000;
constexpr size_t kMaxWaitingReads = 10'000;
constexpr auto kRound = 1s;

}  // namespace

Writer::Writer(const EmbeddedOptions& options, std::unique_ptr<Journal> journal,
               SessionTable& sessions, std::shared_ptr<LoopSide> loop_side, net::Loop& loop,
               const Clock& clock)
    : options_(options),
      journal_(std::move(journal)),
      sessions_(sessions),
      loop_side_(std::move(loop_side)),
      loop_(loop),
      clock_(clock) {
  if (auto reader = JournalReader::Make(journal_->db(), journal_->epoch())) {
    reader_ = std::move(*reader);
  }
  if (auto rejected = journal_->AllRejected()) {
    shared_->rejected.assign(rejected->begin(), rejected->end());
  }
  thread_ = std::thread([this] { Run(); });
}

Writer::~Writer() {
  Finish({});
  thread_.join();
}

const char* Writer::Add(AppendJob& job) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->finishing) return "unavailable";
    if (shared_->entries + job.entry_count > options_.max_queue_entries ||
        shared_->bytes + job.bytes > options_.max_queue_bytes) {
      return "queue_full";
    }
    shared_->entries += job.entry_count;
    shared_->bytes += job.bytes;
    shared_->appends.push_back(std::move(job));
  }
  shared_->changed.notify_one();
  return nullptr;
}

bool Writer::Change(TaskChange& change) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->finishing) return false;
    shared_->tasks_added |= change.kind == TaskChange::Kind::kAdd;
    shared_->tasks.push_back(std::move(change));
  }
  shared_->changed.notify_one();
  return true;
}

bool Writer::Change(RevocationChange& change) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->finishing) return false;
    shared_->revocations.push_back(std::move(change));
  }
  shared_->changed.notify_one();
  return true;
}

void Writer::Reject(Rejected rejected) {
  {
    const std::lock_guard lock(shared_->mutex);
    ++shared_->rejected_total;
    for (auto* kept : {&shared_->unsaved, &shared_->rejected}) {
      kept->push_back(rejected);
      while (kept->size() > options_.max_rejected) kept->pop_front();
    }
  }
  shared_->changed.notify_one();
}

std::vector<Rejected> Writer::NewestRejected(size_t max) const {
  const std::lock_guard lock(shared_->mutex);
  const size_t count = std::min(max, shared_->rejected.size());
  return {shared_->rejected.end() - static_cast<std::ptrdiff_t>(count), shared_->rejected.end()};
}

uint64_t Writer::rejected_total() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->rejected_total;
}

uint64_t Writer::waiting_entries() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->entries;
}

void Writer::Wake() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->wake = true;
  }
  shared_->changed.notify_one();
}

bool Writer::Read(LogReader::Job job) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->finishing || shared_->reads.size() >= kMaxWaitingReads) return false;
    shared_->reads.push_back(std::move(job));
  }
  shared_->changed.notify_one();
  return true;
}

void Writer::Finish(std::function<void()> done) {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->finishing = true;
    if (done && !shared_->ended) {
      shared_->finished.push_back(std::move(done));
      done = nullptr;
    }
  }
  if (done) loop_.Post(std::move(done));
  shared_->changed.notify_one();
}

Writer::Work Writer::WaitForWork() {
  Work work;
  std::unique_lock lock(shared_->mutex);
  // While writing fails only the round wakes for what nobody waits for, so that it does not spin.
  const auto ready = [this] {
    const bool quiet_work =
        shared_->wake || !shared_->unsaved.empty() || !shared_->tasks.empty();
    return shared_->finishing || !shared_->appends.empty() || !shared_->reads.empty() ||
           shared_->tasks_added || !shared_->revocations.empty() || (quiet_work && !failing_);
  };
  shared_->changed.wait_for(lock, more_to_expire_ ? 0ms : 1000ms, ready);
  work.group.appends.assign(std::make_move_iterator(shared_->appends.begin()),
                            std::make_move_iterator(shared_->appends.end()));
  shared_->appends.clear();
  work.group.rejected.assign(std::make_move_iterator(shared_->unsaved.begin()),
                             std::make_move_iterator(shared_->unsaved.end()));
  shared_->unsaved.clear();
  work.group.tasks.assign(std::make_move_iterator(shared_->tasks.begin()),
                          std::make_move_iterator(shared_->tasks.end()));
  shared_->tasks.clear();
  shared_->tasks_added = false;
  work.group.revocations.swap(shared_->revocations);
  work.reads.swap(shared_->reads);
  shared_->wake = false;
  work.finish = shared_->finishing;
  return work;
}

void Writer::Run() {
  for (;;) {
    Work work = WaitForWork();
    do {
      work.group.sessions = sessions_.TakeDirty(kMaxSessionsPerGroup);
      Commit(std::move(work.group));
      work.group = {};
    } while (!failing_ && sessions_.dirty());
    for (LogReader::Job& job : work.reads) {
      job.done(reader_ ? reader_->Read(job.after, job.last, job.max_entries, job.max_bytes)
                       : Err("unavailable", "the log cannot be read"));
    }
    if (work.finish) break;
    Tidy();
  }
  std::vector<std::function<void()>> finished;
  {
    const std::lock_guard lock(shared_->mutex);
    finished.swap(shared_->finished);
    shared_->ended = true;
  }
  for (auto& done : finished) loop_.Post(std::move(done));
}

void Writer::Commit(WriteGroup group) {
  if (group.appends.empty() && group.sessions.empty() && group.rejected.empty() &&
      group.tasks.empty() && group.revocations.empty()) {
    return;
  }
  Result<void> written = journal_->Write(group, clock_.WallNow());
  if (!written) PutBack(group);
  if (failing_ == written.has_value()) {
    if (written) {
      base::LogInfo("broker", "the journal takes writes again");
    } else {
      base::LogError("broker", "the journal cannot be written",
                     {{"code", written.error().code}, {"detail", written.error().detail}});
    }
  }
  failing_ = !written;
  Post(std::move(group), std::move(written));
}

void Writer::PutBack(WriteGroup& group) {
  sessions_.PutBack(group.sessions);
  const auto kept = std::stable_partition(
      group.tasks.begin(), group.tasks.end(),
      [](const TaskChange& change) { return change.kind == TaskChange::Kind::kAdd; });
  const std::lock_guard lock(shared_->mutex);
  shared_->tasks.insert(shared_->tasks.begin(), std::make_move_iterator(kept),
                        std::make_move_iterator(group.tasks.end()));
  group.tasks.erase(kept, group.tasks.end());
  shared_->unsaved.insert(shared_->unsaved.begin(), std::make_move_iterator(group.rejected.begin()),
                          std::make_move_iterator(group.rejected.end()));
  while (shared_->unsaved.size() > options_.max_rejected) shared_->unsaved.pop_front();
}

void Writer::Post(WriteGroup group, Result<void> written) {
  size_t entries = 0;
  size_t bytes = 0;
  for (const AppendJob& job : group.appends) {
    entries += job.entry_count;
    bytes += job.bytes;
  }
  LoopSide::Outcome outcome{std::move(group.appends),     std::move(group.tasks),
                            std::move(group.revocations), std::move(written),
                            journal_->trimmed_through(),  journal_->entry_count(),
                            journal_->byte_count()};
  loop_.Post([side = loop_side_, shared = shared_, entries, bytes,
              held = std::move(outcome)]() mutable {
    {
      const std::lock_guard lock(shared->mutex);
      shared->entries -= entries;
      shared->bytes -= bytes;
    }
    side->Deliver(std::move(held));
  });
}

void Writer::Retry() {
  auto probed = journal_->Probe();
  if (!probed) return;
  failing_ = false;
  base::LogInfo("broker", "the journal takes writes again");
  Post({}, Ok());
}

void Writer::Tidy() {
  const Steady::time_point now = clock_.Now();
  if (!more_to_expire_ && now - tidied_at_ < kRound) return;
  tidied_at_ = now;
  if (failing_) Retry();
  if (failing_) return;
  sessions_.Sweep(clock_.WallNow());
  const LogId trimmed_before = journal_->trimmed_through();
  auto more = journal_->Expire(clock_.WallNow(), kExpirePerRound);
  more_to_expire_ = more && *more;
  if (!more) {
    failing_ = true;
    base::LogError("broker", "expired entries cannot be removed",
                   {{"code", more.error().code}, {"detail", more.error().detail}});
    Post({}, Err(std::move(more.error())));
  } else if (journal_->trimmed_through() != trimmed_before) {
    Post({}, Ok());
  }
}

}  // namespace trackwire::broker
