#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "broker/broker.h"
#include "net/loop.h"
#include "net/shard.h"
#include "notify/choices.h"
#include "notify/dispatch.h"
#include "notify/owner_line.h"
#include "notify/replay_cache.h"
#include "notify/session_book.h"
#include "notify/tracker_news.h"
#include "socketio/recovery.h"

namespace trackwire::notify {

/// Why clients that asked to resume had to start anew, and how many did not.
struct RecoveryCounters {
  uint64_t resumed = 0;
  uint64_t unknown = 0;     ///< no record of that private id, or it has expired
  uint64_t identity = 0;    ///< the record is somebody else's
  uint64_t offset = 0;      ///< no offset, or of another log
  uint64_t trimmed = 0;     ///< what was missed is no longer kept
  uint64_t limits = 0;      ///< too much was missed
  uint64_t failed = 0;      ///< the log could not be read
  uint64_t superseded = 0;  ///< the same client came again meanwhile, here or elsewhere
  uint64_t let_go = 0;      ///< sockets that another gateway asked for; not an attempt
};

/// Connection state recovery from the notification log.
///
/// A record says which client had which socket id and who it was, and SessionBook writes it; what was
/// missed is read from the log by the client's offset. So nothing needs to be written while a
/// connection ends, and a server that is killed takes nothing with it.
///
/// Exactness: deliveries and the end of a resumption leave from one loop, the broker's. The reading
/// goes on until it has reached the tail of the log as dispatch has delivered it; the comparison
/// and the answer happen in one turn, so that each entry is either in the answer or delivered
/// after it, never both and never neither.
///
/// What a client had chosen is part of the record: of what it missed it gets that.
///
/// Gateways that share a log share the records too: a client may come back to any of them. The one
/// that takes it tells the one that had it to let go.
class LogRecovery final : public socketio::Recovery {
 public:
  struct Options {
    size_t max_missed_events = 20'000;
    size_t max_missed_bytes = 2'000'000;
    size_t max_read_bytes = 256u << 20;  ///< of log entries looked at for one client
    size_t batch_entries = 512;
  };

  /// Everything outlives it; `loop` is the broker's. Before `line` listens.
  LogRecovery(net::Loop& loop, broker::Broker& broker, socketio::Namespace& nsp,
              const Dispatch& dispatch, SessionBook& book, OwnerLine& line, Choices& choices,
              const TrackerNews& news, Options options);

  /// Does nothing: SessionBook writes the records of all sockets, with what it knows of them.
  void Save(const socketio::RecoveryRecord& record) override;
  void Release(const std::string& pid, socketio::SocketRef owner, bool recoverable) override;
  /// The public id, which is the key of the record, and a secret.
  std::string NewPid(const std::string& sid) override;
  void Resume(const std::string& pid, const std::string& offset, const socketio::Socket& socket,
              std::function<void(std::optional<socketio::Resumption>)> done) override;

  /// The broker's loop. Must be called when the visibility of a tracker has changed, and when the log
  /// is another one.
  void ForgetAudiences() { cache_.Clear(); }
  /// The broker's loop.
  const RecoveryCounters& counters() const { return counters_; }

 private:
  struct Attempt;
  using AttemptPtr = std::shared_ptr<Attempt>;

  void OnTakenOver(const AttemptPtr& attempt,
                   const Result<broker::SessionRecord, broker::TakeOverError>& record);
  /// Takes what was chosen from the record. False: it does not reach back to the client's offset.
  bool Restore(Attempt& attempt, const std::string& value);
  void CloseFormer(const AttemptPtr& attempt, const std::string& former_owner);
  /// Another gateway has taken over the record that a socket of this one had.
  void LetGo(const socketio::SocketRef& former);
  void Close(const socketio::SocketRef& ref, std::function<void()> done);
  void ReadOn(const AttemptPtr& attempt);
  void OnRead(const AttemptPtr& attempt, Result<std::vector<broker::LogEntryPtr>> entries);
  /// Whether a later attempt has taken over the same record. If so, this one is refused, and what
  /// becomes of the record is no longer its business.
  bool Superseded(const AttemptPtr& attempt);
  void Forget(const Attempt& attempt);
  bool Collect(Attempt& attempt, const std::vector<broker::LogEntryPtr>& entries);
  void Finish(const AttemptPtr& attempt);
  void AppendNews(Attempt& attempt);
  /// Refuse() for who has taken the record over: the client goes on under another private id.
  void Drop(const AttemptPtr& attempt, uint64_t RecoveryCounters::*reason);
  void Refuse(const AttemptPtr& attempt, uint64_t RecoveryCounters::*reason);

  net::Loop& loop_;
  broker::Broker& broker_;
  socketio::Namespace& nsp_;
  const Dispatch& dispatch_;
  SessionBook& book_;
  OwnerLine& line_;
  Choices& choices_;
  const TrackerNews& news_;
  const Options options_;
  ReplayCache cache_;
  RecoveryCounters counters_;
  /// The attempts under way by private id: of several, the one that took the record over last.
  std::unordered_map<std::string, const Attempt*> newest_;
};

}  // namespace trackwire::notify
