#include "broker/embedded/embedded_broker.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <optional>
#include <utility>

#include "base/log.h"
#include "broker/embedded/embedded_cache.h"
#include "broker/embedded/embedded_pub_sub.h"
#include "broker/embedded/embedded_rate_limiter.h"
#include "broker/embedded/embedded_revocations.h"
#include "broker/embedded/embedded_task_queue.h"
#include "broker/embedded/file_lock.h"
#include "broker/embedded/log_reader.h"
#include "broker/embedded/writer.h"

namespace trackwire::broker {
namespace {

constexpr const char* kInMemory = ":memory:";

/// Cuts to at most `max` bytes, at the start of a character.
void CutText(std::string& text, size_t max) {
  if (text.size() <= max) return;
  while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xc0) == 0x80) --max;
  text.resize(max);
}

const char* DetailOf(std::string_view code) {
  return code == "queue_full" ? "too many notifications wait to be stored"
                              : "the broker is shutting down";
}

class EmbeddedBroker final : public Broker, public NotificationLog, public SessionStore {
 public:
  EmbeddedBroker(const EmbeddedOptions& options, std::unique_ptr<FileLock> lock,
                 std::unique_ptr<Journal> journal, std::unique_ptr<LogReader> reader,
                 std::vector<SessionTable::Row> sessions, std::vector<TaskRow> tasks,
                 std::vector<Revocation> revocations, net::Loop& loop,
                 const Clock& clock)
      : options_(options),
        loop_(loop),
        clock_(clock),
        lock_(std::move(lock)),
        side_(std::make_shared<LoopSide>(journal->epoch(), journal->last_id(),
                                         options.max_memory_bytes)),
        sessions_(options.max_sessions, options.session_lifetime),
        reader_(std::move(reader)),
        pub_sub_(loop),
        cache_(loop, clock, options.max_cache_bytes),
        rate_limiter_(clock, options.max_buckets) {
    side_->log_entries = journal->entry_count();
    side_->log_bytes = journal->byte_count();
    for (SessionTable::Row& row : sessions) sessions_.Load(std::move(row));
    writer_ = std::make_unique<Writer>(options_, std::move(journal), sessions_, side_, loop,
                                       clock);
    tasks_.emplace(loop, clock, [this](TaskChange& change) { return writer_->Change(change); },
                   std::move(tasks));
    revocations_.emplace(
        loop, clock, [this](RevocationChange& change) { return writer_->Change(change); },
        options.max_revocations, std::move(revocations));
  }

  ~EmbeddedBroker() override {
    side_->closed = true;
    side_->tails.clear();
    tasks_.reset();
    revocations_.reset();
    writer_.reset();
    if (reader_) reader_->Stop();
  }

  NotificationLog& log() override { return *this; }
  SessionStore& sessions() override { return *this; }
  PubSub& pub_sub() override { return pub_sub_; }
  TaskQueue& tasks() override { return *tasks_; }
  Cache& cache() override { return cache_; }
  RevocationList& revocations() override { return *revocations_; }
  RateLimiter& rate_limiter() override { return rate_limiter_; }

  void Append(std::vector<AppendRequest> requests, AppendDone done) override {
    AppendJob job;
    job.entry_count = requests.size();
    for (const AppendRequest& request : requests) {
      job.bytes += request.envelope.size() + request.idempotency_key.size();
    }
    job.requests = std::move(requests);
    job.done = std::move(done);
    const char* refused = writer_->Add(job);
    if (refused == nullptr) return;
    loop_.Post([side = side_, refused, answer = std::move(job.done)] {
      if (!side->closed && answer) answer(Err(refused, DetailOf(refused)));
    });
  }

  void Tail(TailFn tail) override { side_->tails.push_back(std::move(tail)); }

  void Read(const LogOffset& after, const LogOffset& last, size_t max_entries, size_t max_bytes,
            ReadDone done) override {
    const LogId tail = side_->window.last();
    if (after.epoch != side_->epoch || last.epoch != side_->epoch || !FitsId(after) ||
        ToId(after) > tail) {
      return done(Err("epoch", "that offset is not of this log"));
    }
    const LogId through = FitsId(last) ? std::min(ToId(last), tail) : tail;
    auto found = side_->window.Read(ToId(after), through, max_entries, max_bytes);
    if (found) return done(std::move(*found));
    LogReader::Job job{ToId(after), through, max_entries, max_bytes, AnswerOnLoop(done)};
    if (!(reader_ ? reader_->Add(std::move(job)) : writer_->Read(std::move(job)))) {
      done(Err("unavailable", "too many reads of the log wait"));
    }
  }

  LogOffset tail_offset() const override { return ToOffset(side_->epoch, side_->window.last()); }

  void OnBreak(std::function<void()>) override {}  // the journal and its tails cannot part

  void Save(SessionRecord record) override {
    const auto saved = sessions_.Save(std::move(record), clock_.WallNow());
    if (saved == SessionTable::Saved::kYes) return writer_->Wake();
    // One line for a flood: the table stays full for long once it is.
    if (saved == SessionTable::Saved::kTooMany && !full_told_.exchange(true)) {
      base::LogWarn("broker", "too many session records, new ones cannot be resumed",
                    {{"max_sessions", options_.max_sessions}});
    }
  }
  void Expire(const std::string& key, const std::string& owner,
              std::chrono::milliseconds ttl) override {
    if (sessions_.Expire(key, owner, clock_.WallNow() + ttl)) writer_->Wake();
  }
  void Remove(const std::string& key, const std::string& owner) override {
    if (sessions_.Remove(key, owner)) writer_->Wake();
  }
  void TakeOver(const std::string& key, const std::string& proof, const std::string& new_owner,
                TakeOverDone done) override {
    auto before = sessions_.TakeOver(key, proof, new_owner, clock_.WallNow());
    if (before) writer_->Wake();
    Answer(std::move(done), std::move(before));
  }

  void List(std::string after, size_t max, ListDone done) override {
    Answer(std::move(done), Result<SessionPage>(sessions_.List(after, max, clock_.WallNow())));
  }
  void Find(std::string key, FindDone done) override {
    Answer(std::move(done),
           Result<std::optional<SessionEntry>>(sessions_.Find(key, clock_.WallNow())));
  }
  void Touch(std::vector<SessionTouch> touches, KeysDone lost, KeysDone missing) override {
    SessionTable::Touched touched = sessions_.Touch(touches, clock_.WallNow());
    if (!missing) {
      std::move(touched.missing.begin(), touched.missing.end(), std::back_inserter(touched.lost));
    } else {
      Answer(std::move(missing), std::move(touched.missing));
    }
    Answer(std::move(lost), std::move(touched.lost));
  }
  void End(std::string key, EndDone done) override {
    auto before = sessions_.End(key, clock_.WallNow());
    if (before) writer_->Wake();
    Answer(std::move(done), std::move(before));
  }

  void Reject(Rejected rejected) override {
    CutText(rejected.envelope, options_.max_rejected_bytes);
    CutText(rejected.reason, options_.max_rejected_bytes);
    writer_->Reject(std::move(rejected));
  }
  void ListRejected(size_t max, std::function<void(std::vector<Rejected>)> done) override {
    Answer(std::move(done), writer_->NewestRejected(max));
  }

  BrokerHealth health() const override {
    BrokerHealth health;
    health.ready = !side_->failing;
    if (side_->failing) health.detail = "the journal cannot be written: " + side_->failure;
    health.append_queue = writer_->waiting_entries();
    health.log_entries = side_->log_entries;
    health.log_bytes = side_->log_bytes;
    health.rejected_total = writer_->rejected_total();
    return health;
  }

  void Shutdown(std::function<void()> done) override { writer_->Finish(std::move(done)); }

 private:
  template <typename Done, typename T>
  void Answer(Done done, T value) {
    loop_.Post([side = side_, answer = std::move(done), held = std::move(value)]() mutable {
      if (!side->closed && answer) answer(std::move(held));
    });
  }
  std::function<void(Result<std::vector<LogEntryPtr>>)> AnswerOnLoop(ReadDone done) {
    return [&loop = loop_, side = side_, answer = std::move(done)](auto found) {
      loop.Post([side, answer, held = std::move(found)]() mutable {
        if (!side->closed) answer(std::move(held));
      });
    };
  }

  const EmbeddedOptions options_;
  net::Loop& loop_;
  const Clock& clock_;
  std::unique_ptr<FileLock> lock_;
  std::shared_ptr<LoopSide> side_;
  SessionTable sessions_;
  std::unique_ptr<LogReader> reader_;
  std::unique_ptr<Writer> writer_;
  EmbeddedPubSub pub_sub_;
  EmbeddedCache cache_;
  EmbeddedRateLimiter rate_limiter_;
  std::optional<EmbeddedTaskQueue> tasks_;
  std::optional<EmbeddedRevocations> revocations_;
  std::atomic<bool> full_told_{false};
};

}  // namespace

Result<std::unique_ptr<Broker>> OpenEmbeddedBroker(EmbeddedOptions options, net::Loop& loop,
                                                   const Clock& clock) {
  const bool in_memory = options.path == kInMemory;
  std::unique_ptr<FileLock> lock;
  if (!in_memory) {
    auto taken = FileLock::Take(options.path);
    if (!taken) return Err(std::move(taken.error()));
    lock = std::move(*taken);
  }
  auto journal = Journal::Open(options.path, options.sync == EmbeddedOptions::Sync::kFull,
                               options.expiry, options.max_rejected);
  if (!journal) return Err(std::move(journal.error()));
  auto sessions = (*journal)->Sessions(clock.WallNow(), options.session_grace);
  if (!sessions) return Err(std::move(sessions.error()));
  auto tasks = (*journal)->AllTasks();
  if (!tasks) return Err(std::move(tasks.error()));
  auto revocations = (*journal)->AllRevocations(clock.WallNow());
  if (!revocations) return Err(std::move(revocations.error()));
  std::unique_ptr<LogReader> reader;
  if (!in_memory) {
    auto started = LogReader::Start(options.path, (*journal)->epoch());
    if (!started) return Err(std::move(started.error()));
    reader = std::move(*started);
  }
  return std::unique_ptr<Broker>(std::make_unique<EmbeddedBroker>(
      options, std::move(lock), std::move(*journal), std::move(reader), std::move(*sessions),
      std::move(*tasks), std::move(*revocations), loop, clock));
}

}  // namespace trackwire::broker
