#include "notify/log_recovery.h"

#include "base/log.h"
#include "notify/session_record.h"
#include "notify/user_session.h"

namespace trackwire::notify {
namespace {

constexpr size_t kMaxPidBytes = 64;  // Recovery::NewPid()
constexpr size_t kMaxOffsetBytes = 128;

}  // namespace

/// One client on its way back. Lives on the broker's loop.
struct LogRecovery::Attempt {
  std::string pid;
  std::string sid;          // of the earlier connection
  std::string proof;        // that the token presented now is of the same user
  auth::Identity identity;
  View view = 0;
  ChoiceHistory choices;
  socketio::SocketRef socket;
  std::shared_ptr<Returned> returned;
  broker::LogOffset began;   // the client's own offset
  broker::LogOffset cursor;  // the client has everything up to here
  broker::LogOffset target;  // of the reading under way
  socketio::DeliveryBatch missed;
  size_t missed_bytes = 0;
  size_t read_bytes = 0;
  std::function<void(std::optional<socketio::Resumption>)> done;
};

LogRecovery::LogRecovery(net::Loop& loop, broker::Broker& broker, socketio::Namespace& nsp,
                         const Dispatch& dispatch, SessionBook& book, OwnerLine& line,
                         Choices& choices, const TrackerNews& news, Options options)
    : loop_(loop),
      broker_(broker),
      nsp_(nsp),
      dispatch_(dispatch),
      book_(book),
      line_(line),
      choices_(choices),
      news_(news),
      options_(options) {
  line_.On(OwnerLine::Word::kLetGo, [this](socketio::SocketRef former) { LetGo(former); });
}

std::string LogRecovery::NewPid(const std::string& sid) { return MakePid(sid); }

void LogRecovery::Save(const socketio::RecoveryRecord&) {}

void LogRecovery::Release(const std::string& pid, socketio::SocketRef owner, bool recoverable) {
  book_.Release(SplitPid(pid).sid, owner, recoverable);
}

void LogRecovery::Resume(const std::string& pid, const std::string& offset,
                         const socketio::Socket& socket,
                         std::function<void(std::optional<socketio::Resumption>)> done) {
  auto attempt = std::make_shared<Attempt>();
  attempt->pid = pid;
  const auth::Identity& identity = IdentityOf(socket);
  PidParts parts = SplitPid(pid);
  attempt->sid = std::move(parts.sid);
  attempt->proof = ProofOf(parts.secret, identity.Fingerprint());
  attempt->identity = identity;
  attempt->view = dispatch_.views().Of(identity);
  attempt->socket = socket.ref();
  if (UserSession* session = FindSession(socket)) {
    attempt->returned = std::make_shared<Returned>();
    session->rest().returned = attempt->returned;
  }
  attempt->done = std::move(done);
  const bool sane = pid.size() <= kMaxPidBytes && offset.size() <= kMaxOffsetBytes;
  const auto cursor = sane ? broker::LogOffset::Parse(offset) : std::nullopt;
  loop_.Post([this, attempt, cursor] {
    if (!cursor) return Refuse(attempt, &RecoveryCounters::offset);
    // Asked before the record changes hands, which it would do for nothing.
    if (cursor->epoch != broker_.log().tail_offset().epoch) {
      return Refuse(attempt, &RecoveryCounters::offset);
    }
    attempt->began = *cursor;
    attempt->cursor = *cursor;
    broker_.sessions().TakeOver(attempt->sid, attempt->proof, line_.NameOf(attempt->socket),
                                [this, attempt](const auto& record) {
                                  OnTakenOver(attempt, record);
                                });
  });
}

void LogRecovery::OnTakenOver(
    const AttemptPtr& attempt,
    const Result<broker::SessionRecord, broker::TakeOverError>& record) {
  if (record) {
    newest_[attempt->pid] = attempt.get();
    if (!Restore(*attempt, record->value)) return Drop(attempt, &RecoveryCounters::limits);
    return CloseFormer(attempt, record->owner);
  }
  switch (record.error()) {
    case broker::TakeOverError::kUnknown:
      return Refuse(attempt, &RecoveryCounters::unknown);
    case broker::TakeOverError::kRefused:
      base::LogWarn("notify", "somebody else's session was to be resumed", {{"sid", attempt->sid}});
      return Refuse(attempt, &RecoveryCounters::identity);
    case broker::TakeOverError::kUnavailable:
      return Refuse(attempt, &RecoveryCounters::failed);
  }
}

bool LogRecovery::Restore(Attempt& attempt, const std::string& value) {
  const auto before = DecodeSessionValue(value);
  auto choices = ChoiceHistory::Parse(before ? before->selection_json : std::string());
  if (!choices || !choices->Covers(attempt.cursor)) return false;
  attempt.choices = std::move(*choices);
  attempt.choices.ForgetUpTo(attempt.cursor);
  return true;
}

void LogRecovery::CloseFormer(const AttemptPtr& attempt, const std::string& former_owner) {
  const auto former = line_.OwnSocket(former_owner);
  if (!former) {
    // Its connection is broken as far as the client knows, so there is nothing to wait for.
    line_.Tell(former_owner, OwnerLine::Word::kLetGo);
    return ReadOn(attempt);
  }
  Close(*former, [this, attempt] { loop_.Post([this, attempt] { ReadOn(attempt); }); });
}

void LogRecovery::LetGo(const socketio::SocketRef& former) {
  ++counters_.let_go;
  // Its own attempt may still be reading: it must not be answered as if the record were its.
  std::erase_if(newest_, [&](const auto& attempt) { return attempt.second->socket == former; });
  Close(former, [] {});
}

void LogRecovery::Close(const socketio::SocketRef& ref, std::function<void()> done) {
  net::Shard* shard = nsp_.shards()[ref.shard];
  shard->Post([this, shard, ref, done = std::move(done)] {
    if (socketio::Socket* socket = nsp_.Find(*shard, ref)) socket->CloseConnection();
    done();
  });
}

bool LogRecovery::Superseded(const AttemptPtr& attempt) {
  const auto newest = newest_.find(attempt->pid);
  if (newest != newest_.end() && newest->second == attempt.get()) return false;
  Refuse(attempt, &RecoveryCounters::superseded);
  return true;
}

void LogRecovery::Forget(const Attempt& attempt) {
  const auto newest = newest_.find(attempt.pid);
  if (newest != newest_.end() && newest->second == &attempt) newest_.erase(newest);
}

void LogRecovery::ReadOn(const AttemptPtr& attempt) {
  if (Superseded(attempt)) return;
  broker::NotificationLog& log = broker_.log();
  attempt->target = log.tail_offset();
  if (attempt->cursor == attempt->target) return Finish(attempt);
  log.Read(attempt->cursor, attempt->target, options_.batch_entries, 1u << 20,
           [this, attempt](Result<std::vector<broker::LogEntryPtr>> entries) {
             OnRead(attempt, std::move(entries));
           });
}

void LogRecovery::OnRead(const AttemptPtr& attempt,
                         Result<std::vector<broker::LogEntryPtr>> entries) {
  if (Superseded(attempt)) return;
  if (!entries) {
    const std::string& code = entries.error().code;
    if (code == "trimmed") return Drop(attempt, &RecoveryCounters::trimmed);
    if (code == "epoch") return Drop(attempt, &RecoveryCounters::offset);
    base::LogError("notify", "the log could not be read for a returning client",
                   {{"reason", code}});
    return Drop(attempt, &RecoveryCounters::failed);
  }
  if (!Collect(*attempt, *entries)) return Drop(attempt, &RecoveryCounters::limits);
  if (!entries->empty()) {
    attempt->cursor = entries->back()->offset;
  } else if (attempt->cursor < attempt->target) {
    attempt->cursor = attempt->target;  // else another gateway was ahead, and the tail was waited for
  }
  if (attempt->cursor == broker_.log().tail_offset()) return Finish(attempt);
  // Between batches the loop dispatches what is new and serves other clients.
  loop_.Post([this, attempt] { ReadOn(attempt); });
}

bool LogRecovery::Collect(Attempt& attempt, const std::vector<broker::LogEntryPtr>& entries) {
  for (const broker::LogEntryPtr& entry : entries) {
    attempt.read_bytes += entry->envelope.size();
    const auto item = cache_.Get(*entry, dispatch_, nsp_.name());
    if (item->by_view.empty()) continue;
    const tracking::Selection* chosen = attempt.choices.At(entry->offset);
    const bool by_place = dispatch_.views().ShowsPlaces(attempt.view);
    if (!item->audience->Admits(attempt.identity, chosen, attempt.sid, by_place)) continue;
    const auto& delivery = item->by_view[attempt.view];
    attempt.missed_bytes += delivery->with_offset->wire().size();
    attempt.missed.push_back(delivery);
  }
  return attempt.missed.size() <= options_.max_missed_events &&
         attempt.missed_bytes <= options_.max_missed_bytes &&
         attempt.read_bytes <= options_.max_read_bytes;
}

void LogRecovery::Finish(const AttemptPtr& attempt) {
  Forget(*attempt);
  ++counters_.resumed;
  const tracking::Selection* chosen = attempt->choices.now();
  socketio::Resumption resumption;
  resumption.record.pid = attempt->pid;
  resumption.record.sid = attempt->sid;
  resumption.record.nsp = nsp_.name();
  resumption.record.rooms = RoomsOf(attempt->identity, attempt->view, chosen);
  if (attempt->returned != nullptr) {
    attempt->returned->replayed = attempt->missed.size();
    if (chosen != nullptr) attempt->returned->selection = choices_.Hold(*chosen);
    attempt->returned->choices = std::move(attempt->choices);
  }
  AppendNews(*attempt);
  resumption.record.owner = attempt->socket;
  resumption.missed = std::move(attempt->missed);
  attempt->done(std::move(resumption));
}

void LogRecovery::AppendNews(Attempt& attempt) {
  const std::string payload = news_.MissedSince(attempt.began, attempt.identity);
  if (payload.empty()) return;
  auto delivery = std::make_shared<socketio::Delivery>();
  delivery->plain = socketio::EncodeEvent(nsp_.name(), "trackers_changed", payload, {}, {});
  attempt.missed.push_back(std::move(delivery));
}

void LogRecovery::Drop(const AttemptPtr& attempt, uint64_t RecoveryCounters::*reason) {
  book_.Release(attempt->sid, attempt->socket, false);
  Refuse(attempt, reason);
}

void LogRecovery::Refuse(const AttemptPtr& attempt, uint64_t RecoveryCounters::*reason) {
  Forget(*attempt);
  ++(counters_.*reason);
  attempt->missed.clear();
  attempt->done(std::nullopt);
}

}  // namespace trackwire::notify
