#include "notify/log_recovery.h"

#include <charconv>

#include "base/json_scanner.h"
#include "base/log.h"
#include "base/text.h"
#include "notify/user_session.h"

namespace trackwire::notify {
namespace {

constexpr size_t kMaxPidBytes = 64;  // Recovery::NewPid()
constexpr size_t kMaxOffsetBytes = 128;

/// What a gateway hears, by the name of its run: names of its sockets that it has lost.
constexpr const char* kGatewayChannel = "socket:gateway:";

constexpr char kOwnerSeparator = '/';
constexpr char kPidSeparator = '.';
constexpr size_t kSecretBytes = 18;

/// The two halves of a private id: the public id of its client, which names the record, and what
/// only that client knows.
struct PidParts {
  std::string sid;
  std::string secret;
};

PidParts SplitPid(std::string_view pid) {
  const size_t at = pid.find(kPidSeparator);
  if (at == std::string_view::npos) return {std::string(pid), {}};
  return {std::string(pid.substr(0, at)), std::string(pid.substr(at + 1))};
}

/// What a client must show to get a record: the secret, and that it is the same user as before.
std::string ProofOf(const std::string& secret, const std::string& fingerprint) {
  return secret + " " + fingerprint;
}

/// The recovery data of a socket is one text; the choice, which is JSON on one line, comes first.
constexpr char kDataSeparator = '\n';

}  // namespace

std::string RecordData(const ChoiceHistory& choices, const auth::Identity& identity) {
  return choices.ToJson() + kDataSeparator + identity.Fingerprint();
}

/// One client on its way back. Lives on the broker's loop.
struct LogRecovery::Attempt {
  std::string pid;
  std::string sid;          // of the earlier connection
  std::string proof;
  std::string fingerprint;  // of the token presented now
  auth::Identity identity;
  View view = 0;
  ChoiceHistory choices;
  std::shared_ptr<RestoredChoice> restored;
  socketio::SocketRef socket;
  std::shared_ptr<std::atomic<uint64_t>> replayed;
  broker::LogOffset began;   // the client's own offset
  broker::LogOffset cursor;  // the client has everything up to here
  broker::LogOffset target;  // of the reading under way
  socketio::DeliveryBatch missed;
  size_t missed_bytes = 0;
  size_t read_bytes = 0;
  std::function<void(std::optional<socketio::Resumption>)> done;
};

LogRecovery::LogRecovery(net::Loop& loop, broker::Broker& broker, socketio::Namespace& nsp,
                         const Dispatch& dispatch, Choices& choices, const TrackerNews& news,
                         Options options)
    : loop_(loop),
      broker_(broker),
      nsp_(nsp),
      dispatch_(dispatch),
      choices_(choices),
      news_(news),
      options_(options),
      instance_(base::Base64UrlEncode(base::RandomBytes(9))) {}

std::string LogRecovery::NewPid(const std::string& sid) {
  return sid + kPidSeparator + base::Base64UrlEncode(base::RandomBytes(kSecretBytes));
}

void LogRecovery::Save(const socketio::RecoveryRecord& record) {
  PidParts parts = SplitPid(record.pid);
  const size_t end = record.data.find(kDataSeparator);
  std::string proof = ProofOf(parts.secret, record.data.substr(end + 1));
  broker_.sessions().Save({std::move(parts.sid), std::move(proof), OwnerName(record.owner),
                           record.data.substr(0, end == std::string::npos ? 0 : end)});
}

void LogRecovery::Release(const std::string& pid, socketio::SocketRef owner, bool recoverable) {
  const PidParts parts = SplitPid(pid);
  if (recoverable) {
    broker_.sessions().Expire(parts.sid, OwnerName(owner), options_.window);
  } else {
    broker_.sessions().Remove(parts.sid, OwnerName(owner));
  }
}

void LogRecovery::Resume(const std::string& pid, const std::string& offset,
                         const socketio::Socket& socket,
                         std::function<void(std::optional<socketio::Resumption>)> done) {
  auto attempt = std::make_shared<Attempt>();
  attempt->pid = pid;
  const auth::Identity& identity = IdentityOf(socket);
  attempt->fingerprint = identity.Fingerprint();
  PidParts parts = SplitPid(pid);
  attempt->sid = std::move(parts.sid);
  attempt->proof = ProofOf(parts.secret, attempt->fingerprint);
  attempt->identity = identity;
  attempt->view = dispatch_.views().Of(identity);
  attempt->socket = socket.ref();
  if (UserSession* session = MutableSessionOf(socket)) {
    attempt->replayed = session->replayed;
    session->restored = std::make_shared<RestoredChoice>();
    attempt->restored = session->restored;
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
    broker_.sessions().TakeOver(attempt->sid, attempt->proof, OwnerName(attempt->socket),
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
  auto choices = ChoiceHistory::Parse(value);
  if (!choices || !choices->Covers(attempt.cursor)) return false;
  attempt.choices = std::move(*choices);
  attempt.choices.ForgetUpTo(attempt.cursor);
  return true;
}

void LogRecovery::CloseFormer(const AttemptPtr& attempt, const std::string& former_owner) {
  const auto former = OwnSocket(former_owner);
  if (!former) {
    // Its connection is broken as far as the client knows, so there is nothing to wait for.
    const size_t end = former_owner.find(kOwnerSeparator);
    const std::string run = former_owner.substr(0, end);
    if (end != std::string::npos && run != instance_) {
      broker_.pub_sub().Publish(kGatewayChannel + run, former_owner);
    }
    return ReadOn(attempt);
  }
  net::Shard* shard = nsp_.shards()[former->shard];
  shard->Post([this, shard, attempt, ref = *former] {
    if (socketio::Socket* socket = nsp_.Find(*shard, ref)) socket->CloseConnection();
    loop_.Post([this, attempt] { ReadOn(attempt); });
  });
}

void LogRecovery::Listen() {
  hearing_ = broker_.pub_sub().Subscribe(kGatewayChannel + instance_,
                                         [this](std::string_view owner) { LetGo(owner); });
}

void LogRecovery::LetGo(std::string_view owner) {
  const auto former = OwnSocket(owner);
  if (!former) return;
  ++counters_.let_go;
  // Its own attempt may still be reading: it must not be answered as if the record were its.
  std::erase_if(newest_, [&](const auto& attempt) { return attempt.second->socket == *former; });
  net::Shard* shard = nsp_.shards()[former->shard];
  shard->Post([this, shard, ref = *former] {
    if (socketio::Socket* socket = nsp_.Find(*shard, ref)) socket->CloseConnection();
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
    if (!item->audience->Admits(attempt.identity, chosen, attempt.sid)) continue;
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
  if (attempt->replayed != nullptr) attempt->replayed->store(attempt->missed.size());
  AppendNews(*attempt);
  socketio::Resumption resumption;
  resumption.record.pid = attempt->pid;
  resumption.record.sid = attempt->sid;
  resumption.record.nsp = nsp_.name();
  const tracking::Selection* chosen = attempt->choices.now();
  resumption.record.rooms = RoomsOf(attempt->identity, attempt->view, chosen);
  resumption.record.data = RecordData(attempt->choices, attempt->identity);
  if (attempt->restored != nullptr) {
    if (chosen != nullptr) attempt->restored->selection = choices_.Hold(*chosen);
    attempt->restored->choices = std::move(attempt->choices);
  }
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
  broker_.sessions().Remove(attempt->sid, OwnerName(attempt->socket));
  Refuse(attempt, reason);
}

void LogRecovery::Refuse(const AttemptPtr& attempt, uint64_t RecoveryCounters::*reason) {
  Forget(*attempt);
  ++(counters_.*reason);
  attempt->missed.clear();
  attempt->done(std::nullopt);
}

std::string LogRecovery::OwnerName(const socketio::SocketRef& ref) const {
  return instance_ + kOwnerSeparator + std::to_string(ref.shard) + "." + std::to_string(ref.slot) + "." +
         std::to_string(ref.generation);
}

std::optional<socketio::SocketRef> LogRecovery::OwnSocket(std::string_view owner) const {
  if (owner.substr(0, instance_.size()) != instance_ || owner.size() <= instance_.size()) {
    return std::nullopt;
  }
  uint32_t parts[3] = {};
  const char* at = owner.data() + instance_.size();
  const char* end = owner.data() + owner.size();
  for (uint32_t& part : parts) {
    if (at == end) return std::nullopt;
    const auto [rest, error] = std::from_chars(at + 1, end, part);
    if (error != std::errc()) return std::nullopt;
    at = rest;
  }
  if (at != end || parts[0] >= nsp_.shards().size()) return std::nullopt;
  return socketio::SocketRef{static_cast<uint16_t>(parts[0]), parts[1], parts[2]};
}

}  // namespace trackwire::notify
