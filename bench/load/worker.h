#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "load/board.h"
#include "load/client.h"
#include "load/completion.h"
#include "load/histogram.h"
#include "load/notification.h"
#include "load/options.h"
#include "load/pacer.h"
#include "load/places.h"
#include "load/sequence.h"
#include "load/sink.h"
#include "wire/fd.h"

namespace trackwire::bench {

/// What one worker saw. Deliveries and latency are those of the measured phase alone.
struct WorkerResult {
  uint64_t delivered = 0;
  int64_t last_delivery_ns = 0;
  Histogram latency;
  DeliveryFaults faults;  ///< of the whole run
  uint64_t lost_clients = 0;
  uint64_t lost_stalled = 0;  ///< of those that had stopped reading
  uint64_t uninvited = 0;     ///< messages from outside their receiver's box
  // Of a storm.
  uint64_t recovered = 0;  ///< clients taken for those they were before
  uint64_t refused = 0;    ///< attempts to come back that failed
  uint64_t foreign_events = 0;  ///< events without a stamp of this run
  uint64_t requests = 0;        ///< HTTP requests, or commands to Redis, that published
};

/// One thread of the generator: an epoll set with its share of the clients and publishers. Client
/// n belongs to worker n modulo their number, publisher likewise, so that with `--publish event`
/// publisher n is client n. Commands are posted and run on the worker's thread.
class Worker final : private ClientEvents {
 public:
  /// `run` marks this run's messages. The references must outlive the worker.
  Worker(const Options& options, Board& board, size_t index, uint32_t run);

  /// Serves until Stop(); call it on the worker's thread.
  void Run();

  /// The others, to be woken when a publisher of theirs may go on. Before any Run().
  void set_workers(std::vector<Worker*> workers) { workers_ = std::move(workers); }

  // From any thread; each but Stop() and Wake() answers with Board::MarkDone().
  /// Connects clients until those of the whole run number `clients`.
  void Connect(size_t clients);
  /// Runs a publishing phase, done when all messages of all publishers have come.
  void Publish(const Plan& plan, bool measured);
  /// Breaks all connections off.
  void Cut();
  /// Lets all clients come back; together with a Publish() done when they have what they missed,
  /// too.
  void Return(bool with_messages);
  /// Ends the publishing of a phase that takes too long.
  void StopPublishing();
  void Stop();
  void Wake();

  /// After Run() has returned.
  WorkerResult TakeResult();

 private:
  struct Publisher {
    size_t number;  ///< in the whole run
    Pacer pacer;
    std::unique_ptr<Sink> sink;  ///< nullptr: a client publishes
  };

  void Post(std::function<void()> command);
  void RunPosted();
  void OnEpoll(uint64_t tag, uint32_t events);

  void OnJoined(Client& client) override;
  void OnEvent(Client& client, std::string_view packet) override;
  void OnLost(Client& client, const std::string& reason) override;
  size_t LocalIndex(const Client& client) const { return client.number() / options_.threads; }
  size_t LocalCount(size_t of_all) const;
  void ConnectMore();
  Result<void> StartClient(size_t local);
  bool Refuse(const std::string& who, size_t local);
  void BeginPublishing();
  void CountDelivery(size_t client, const Stamp& stamp);
  void CountComplete(size_t publisher, uint64_t first, uint64_t n);

  bool OpenPublishers();
  uint64_t CompleteFor(size_t publisher) const;
  bool HasAll();
  std::vector<uint64_t> AllPublished();
  bool IsReady(const Publisher& publisher) const;
  void Pump(Publisher& publisher);
  void Hand(Publisher& publisher, size_t n, int64_t now_ns);
  void ArmTimer();
  void ReportIfDone();

  const Options& options_;
  Board& board_;
  const size_t index_;
  const uint32_t run_;
  std::vector<Worker*> workers_;
  UniqueFd epoll_;
  UniqueFd wake_;
  UniqueFd timer_;
  int64_t armed_ns_ = 0;  ///< when timer_ will fire; 0 when it is off
  std::vector<char> buffer_;
  NotificationWriter writer_;
  std::deque<Client> clients_;
  size_t connect_target_ = 0;
  size_t joined_ = 0;
  std::vector<Publisher> publishers_;
  SequenceChecker checker_;
  std::optional<BoxChecker> boxes_;  ///< in place of checker_ when clients look at boxes
  std::vector<uint64_t> expected_of_;  ///< the published messages that expected_ is about
  uint64_t expected_ = 0;
  std::vector<Completion> completions_;
  bool publishing_ = false;
  bool measured_ = false;
  bool stopping_ = false;
  bool connecting_ = false;
  bool returning_ = false;         ///< clients come back, and may try again
  std::deque<size_t> to_return_;   ///< those that have yet to begin to
  bool began_publishing_ = false;
  WorkerResult result_;

  std::mutex posted_mutex_;  ///< guards posted_: commands are few, none while messages flow
  std::vector<std::function<void()>> posted_;
};

}  // namespace trackwire::bench
