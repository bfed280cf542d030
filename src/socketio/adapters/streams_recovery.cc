#include "socketio/adapters/streams_recovery.h"

#include <algorithm>

#include "base/log.h"
#include "net/loop.h"
#include "net/shard.h"
#include "socketio/adapters/session_value.h"
#include "socketio/adapters/streams_member.h"
#include "socketio/delivery_log.h"

namespace trackwire::socketio {
namespace {

constexpr size_t kEntriesPerRead = 100;  // each may be megabytes
constexpr size_t kMaxResuming = 10'000;
constexpr size_t kSlices = 64;  // of the records, written anew one after the other

size_t HashOf(const std::string& value) { return std::hash<std::string>()(value) | 1U; }

}  // namespace

struct StreamsRecovery::Resuming {
  Resuming(StreamsRecovery& owner, std::string p, StreamId offset, const Socket& s,
           std::function<void(std::optional<Resumption>)> d)
      : recovery(owner),
        pid(std::move(p)),
        from(offset),
        read(offset),
        nsp(&s.nsp()),
        socket(s.ref()),
        done(std::move(d)),
        overdue([](void* self) { static_cast<Resuming*>(self)->OnOverdue(); }, this) {}

  void OnOverdue() {
    for (const Shared& one : recovery.resuming_) {
      if (one.get() != this) continue;
      const Shared self = one;
      return recovery.Refuse(self);
    }
  }

  StreamsRecovery& recovery;
  const std::string pid;
  const StreamId from;
  StreamId read;   // how far the log was read for it
  StreamId until;  // how far this server had read when it began
  Namespace* nsp;
  SocketRef socket;
  std::function<void(std::optional<Resumption>)> done;  // empty: it has ended
  net::Timer overdue;
  RecoveryRecord record;
  DeliveryBatch missed;
  bool waits = false;  // for this server to read up to its offset
};

StreamsRecovery::StreamsRecovery(StreamsShared& shared, StreamTail& tail, std::string nsp)
    : shared_(shared),
      tail_(tail),
      nsp_(std::move(nsp)),
      refresh_([](void* self) { static_cast<StreamsRecovery*>(self)->Refresh(); }, this) {}

StreamsRecovery::~StreamsRecovery() = default;

void StreamsRecovery::Start() {
  refresh_.Start(loop().timers(), shared_.options.max_disconnection / kSlices);
}

std::string StreamsRecovery::Key(const std::string& pid) const {
  return shared_.options.session_prefix + pid;
}

net::Loop& StreamsRecovery::loop() const { return shared_.bus.loop(); }

void StreamsRecovery::Save(const RecoveryRecord& record) {
  loop().Post([this, record] { SaveNow(record); });
}

void StreamsRecovery::SaveNow(const RecoveryRecord& record) {
  Live& live = live_[record.pid];
  live.record = record;
  if (live.stored != HashOf(EncodeSessionValue(record))) Put(record.pid, live);
}

/// A record lives for twice the time a client may be away and is written anew each single time, so
/// that at any moment enough is left, whenever the client goes.
void StreamsRecovery::Put(const std::string& pid, Live& live) {
  std::string value = EncodeSessionValue(live.record);
  live.stored = HashOf(value);
  shared_.log.Put(Key(pid), std::move(value), 2 * shared_.options.max_disconnection,
                  [this, pid](Result<void> result) {
                    if (result) return;
                    ++shared_.counters.sessions_failed;
                    const auto found = live_.find(pid);
                    if (found != live_.end()) found->second.stored = 0;
                  });
}

/// Not all in one moment: there may be a hundred thousand.
void StreamsRecovery::Refresh() {
  for (auto& [pid, live] : live_) {
    if (std::hash<std::string>()(pid) % kSlices == slice_) Put(pid, live);
  }
  slice_ = (slice_ + 1) % kSlices;
  Start();
}

void StreamsRecovery::Release(const std::string& pid, SocketRef owner, bool recoverable) {
  loop().Post([this, pid, owner, recoverable] { ReleaseNow(pid, owner, recoverable); });
}

void StreamsRecovery::ReleaseNow(const std::string& pid, SocketRef owner, bool recoverable) {
  const auto found = live_.find(pid);
  if (found == live_.end() || !(found->second.record.owner == owner)) return;
  if (!recoverable) {
    shared_.log.Take(Key(pid), [](const Result<std::optional<std::string>>&) {});
  } else if (found->second.stored == 0) {
    Put(pid, found->second);
  }
  live_.erase(found);
}

void StreamsRecovery::Resume(const std::string& pid, const std::string& offset,
                             const Socket& socket,
                             std::function<void(std::optional<Resumption>)> done) {
  const auto from = StreamId::Parse(offset);
  // The key of a record is made of the pid: nothing but what servers make for one.
  const bool plausible = pid.size() <= 64 && std::all_of(pid.begin(), pid.end(), [](char c) {
                           return c > ' ' && c <= '~';
                         });
  if (!from || !plausible) return done(std::nullopt);
  loop().Post([this, resuming = std::make_shared<Resuming>(*this, pid, *from, socket,
                                                           std::move(done))] { Begin(resuming); });
}

void StreamsRecovery::Begin(const Shared& resuming) {
  resuming_.push_back(resuming);
  if (!tail_.last || resuming_.size() > kMaxResuming) return Refuse(resuming);
  resuming->until = *tail_.last;
  resuming->overdue.Start(loop().timers(), shared_.options.request_timeout);
  const auto live = live_.find(resuming->pid);
  if (live != live_.end()) return CloseOwner(resuming, live->second.record.owner);
  TakeRecord(resuming);
}

/// The client is back before its former socket here was seen to be dead: that one is closed, and
/// what it still has to tell us arrives, before the record is taken.
void StreamsRecovery::CloseOwner(const Shared& resuming, SocketRef owner) {
  net::Shard& shard = *resuming->nsp->shards()[owner.shard];
  shard.Post([this, &shard, resuming, owner] {
    if (Socket* former = resuming->nsp->Find(shard, owner)) former->CloseConnection();
    loop().Post([this, resuming, owner] {
      ReleaseNow(resuming->pid, owner, true);
      TakeRecord(resuming);
    });
  });
}

void StreamsRecovery::TakeRecord(const Shared& resuming) {
  if (!resuming->done) return;
  shared_.log.Take(Key(resuming->pid), [this, resuming](Result<std::optional<std::string>> value) {
    OnTaken(resuming, std::move(value));
  });
}

void StreamsRecovery::OnTaken(const Shared& resuming, Result<std::optional<std::string>> value) {
  if (!value || !*value) return Refuse(resuming);
  auto record = DecodeSessionValue(**value, shared_.options.limits);
  if (!record || record->pid != resuming->pid) return Refuse(resuming);
  resuming->record = std::move(*record);
  resuming->record.nsp = nsp_;
  resuming->record.owner = resuming->socket;
  if (!resuming->done) {  // too late: it stays for the next time
    return shared_.log.Put(Key(resuming->pid), std::move(**value),
                           2 * shared_.options.max_disconnection, [](const Result<void>&) {});
  }
  CheckOffset(resuming, std::move(**value));
}

/// What came behind an entry is only known while that entry itself is there.
void StreamsRecovery::CheckOffset(const Shared& resuming, std::string value) {
  const std::string id = resuming->from.ToString();
  shared_.log.Range(tail_.stream, id, id, 1,
                    [this, resuming, value = std::move(value)](Result<StreamLog::Entries> found) {
                      if (!found) {  // nobody can tell now: the client may ask again
                        shared_.log.Put(Key(resuming->pid), value,
                                        2 * shared_.options.max_disconnection,
                                        [](const Result<void>&) {});
                      }
                      if (!found || found->empty()) return Refuse(resuming);
                      ReadOn(resuming);
                    });
}

void StreamsRecovery::ReadOn(const Shared& resuming) {
  if (!resuming->done) return;
  if (resuming->read >= resuming->until) return Finish(resuming);
  shared_.log.Range(tail_.stream, "(" + resuming->read.ToString(), resuming->until.ToString(),
                    kEntriesPerRead, [this, resuming](Result<StreamLog::Entries> entries) {
                      if (!entries || !Collect(*resuming, *entries)) return Refuse(resuming);
                      if (entries->size() < kEntriesPerRead) return Finish(resuming);
                      ReadOn(resuming);
                    });
}

/// False: the client missed more than is given back.
bool StreamsRecovery::Collect(Resuming& resuming, const StreamLog::Entries& entries) {
  for (const StreamLog::Entry& entry : entries) {
    const auto id = StreamId::Parse(entry.id);
    if (!id) return false;
    resuming.read = *id;
    const auto has = [&](std::string_view name, std::string_view wanted) {
      return std::any_of(entry.fields.begin(), entry.fields.end(), [&](const auto& field) {
        return field.first == name && field.second == wanted;
      });
    };
    if (!has("type", "3") || !has("nsp", resuming.record.nsp)) continue;
    const auto message = DecodeStreamEntry(entry.fields, shared_.options.limits);
    if (!message || message->is_volatile || !message->request_id.empty()) continue;
    auto delivery = EncodeDelivery(
        resuming.record.nsp,
        {message->event, message->args, message->filter.rooms, message->filter.except}, entry.id,
        resuming.nsp->parser());
    if (Addresses(*delivery, resuming.record)) resuming.missed.push_back(std::move(delivery));
    if (resuming.missed.size() > shared_.options.max_missed) return false;
  }
  return true;
}

void StreamsRecovery::Finish(const Shared& resuming) {
  if (!resuming->done) return;
  if (*tail_.last < resuming->from) {
    // Another server was faster. Only when this one has read the client's offset too will it not
    // give the client again what it has.
    resuming->waits = true;
    return;
  }
  for (const auto& [id, delivery] : recent_) {
    if (id > resuming->until && id > resuming->from && Addresses(*delivery, resuming->record)) {
      resuming->missed.push_back(delivery);
    }
  }
  live_[resuming->pid] = {resuming->record, 0};
  ++shared_.counters.resumed;
  End(resuming, Resumption{resuming->record, std::move(resuming->missed)});
}

void StreamsRecovery::Refuse(const Shared& resuming) {
  if (!resuming->done) return;
  ++shared_.counters.resume_refused;
  End(resuming, std::nullopt);
}

void StreamsRecovery::End(const Shared& resuming, std::optional<Resumption> resumption) {
  resuming->overdue.Cancel();
  resuming_.remove(resuming);
  if (resuming_.empty()) recent_.clear();
  std::exchange(resuming->done, {})(std::move(resumption));
}

void StreamsRecovery::OnDelivery(StreamId id, const std::shared_ptr<const Delivery>& delivery) {
  if (resuming_.empty()) return;
  recent_.emplace_back(id, delivery);
  if (recent_.size() <= shared_.options.max_missed) return;
  while (!resuming_.empty()) Refuse(Shared(resuming_.front()));
}

void StreamsRecovery::OnAdvance() {
  std::vector<Shared> ready;
  for (const Shared& one : resuming_) {
    if (one->waits && *tail_.last >= one->from) ready.push_back(one);
  }
  for (const Shared& one : ready) Finish(one);
}

}  // namespace trackwire::socketio
