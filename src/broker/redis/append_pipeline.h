#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker/redis/redis_context.h"
#include "net/timer.h"

namespace trackwire::broker {

/// Carries everything that changes the log or the inbox to Redis: in order, each once.
///
/// What waits leaves in batches, one script each, several under way. A batch has a number within
/// this run, and the script keeps its answer until a later batch says that it arrived: so a batch
/// whose fate is unknown, because the link broke, is sent again as it was and never stored twice.
/// Belongs to the loop.
class AppendPipeline {
 public:
  /// See the kinds at scripts::Append().
  struct Item {
    char kind = 'x';
    std::string key;  ///< whole name in Redis; empty: none
    std::string ident;
    std::string envelope;
    std::string extra;
  };
  struct Answers {
    std::string epoch;
    std::vector<std::string> words;  ///< one for each item
  };
  using Done = std::function<void(Result<Answers>)>;
  /// All of its items are stored or none.
  struct Job {
    std::vector<Item> items;
    Done done;
    /// When `done` is told `unavailable`; nothing: it waits for Redis.
    std::optional<Steady::time_point> deadline;
  };

  explicit AppendPipeline(RedisContext& context);

  void Add(Job job);
  /// The link came up.
  void OnUp();
  /// Answers what waits for longer than it wants to. Now and then.
  void FailLate(Steady::time_point now);

  bool idle() const { return queue_.empty() && under_way_.empty(); }
  /// Why Redis refuses what it is sent; empty while it does not.
  const std::string& trouble() const { return trouble_; }

 private:
  struct Batch {
    uint64_t number = 0;
    std::vector<Job> jobs;
    size_t bytes = 0;
  };

  void Flush();
  Batch NextBatch();
  void Send(const Batch& batch);
  void OnAnswer(uint64_t number, uint64_t round, Result<RespValue> answer);
  void Complete(std::string text);
  void SendAgainAfter(std::chrono::milliseconds pause);
  void SendAgain();

  RedisContext& context_;
  std::deque<Job> queue_;
  std::deque<Batch> under_way_;
  uint64_t next_number_ = 1;
  uint64_t answered_ = 0;  ///< up to this number
  uint64_t round_ = 0;     ///< answers of an earlier round say nothing
  size_t bytes_under_way_ = 0;
  bool stalled_ = false;   ///< what is under way is to be sent again
  bool flush_posted_ = false;
  std::string trouble_;
  net::Timer again_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace trackwire::broker
