#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "broker/notification_log.h"
#include "broker/redis/append_pipeline.h"
#include "broker/redis/log_tail.h"
#include "broker/redis/redis_context.h"
#include "broker/redis/ticket_book.h"

namespace trackwire::broker {

/// The notification log in Redis: a stream that all processes append to by one script and follow
/// each for itself. Belongs to the loop.
class RedisLog {
 public:
  RedisLog(RedisContext& context, AppendPipeline& pipeline, TicketBook& book);

  /// At the start, once. From the end of the log on.
  void Start(const LogTail::Place& place);
  void Append(std::vector<AppendRequest> requests, NotificationLog::AppendDone done);
  void Tail(NotificationLog::TailFn tail) { tails_.push_back(std::move(tail)); }
  void OnBreak(std::function<void()> on_break) { on_break_.push_back(std::move(on_break)); }
  void Read(const LogOffset& after, const LogOffset& last, size_t max_entries, size_t max_bytes,
            NotificationLog::ReadDone done);
  LogOffset tail_offset() const { return tail_.end(); }

  /// Asks how the log stands; `done` gets it, or why not.
  void Look(std::function<void(Result<LogTail::Place>)> done);
  /// Looks, and tells the tail. Now and then, and when the link has come up.
  void LookAfter();
  void FailLate(Steady::time_point now);
  const LogTail& tail() const { return tail_; }
  uint64_t entries() const { return entries_; }
  uint64_t bytes() const { return bytes_; }
  void Close();

 private:
  /// Somebody asks for what lies after an offset that another process gave.
  struct Waiting {
    LogOffset after;
    std::function<void()> go_on;
    NotificationLog::ReadDone done;
    Steady::time_point deadline;
  };
  struct ReadJob {
    LogOffset after;
    LogOffset last;
    size_t max_entries;
    size_t max_bytes;
  };

  AppendPipeline::Item ItemOf(AppendRequest& request) const;
  void OnEntries(const std::vector<LogEntryPtr>& entries);
  void OnLost();
  void AskWhetherAhead(ReadJob job, NotificationLog::ReadDone done);
  void ReadStored(const ReadJob& job, NotificationLog::ReadDone done);

  RedisContext& context_;
  AppendPipeline& pipeline_;
  TicketBook& book_;
  LogTail tail_;
  std::vector<NotificationLog::TailFn> tails_;
  std::vector<std::function<void()>> on_break_;
  std::deque<Waiting> waiting_;
  uint64_t entries_ = 0;
  uint64_t bytes_ = 0;
  bool looking_ = false;
  bool closed_ = false;
};

}  // namespace trackwire::broker
