#pragma once

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "net/timer.h"
#include "socketio/adapters/stream_id.h"
#include "socketio/bus.h"
#include "socketio/recovery.h"

namespace trackwire::socketio {

class StreamsShared;
struct StreamTail;

/// Connection state recovery shared by all servers of a cluster, those of npm too: a stream keeps
/// what was broadcast, and each client's record lies at `<session_prefix><pid>` from the moment it
/// connects, so that a server that dies takes none with it.
///
/// A resuming client gets what the stream holds behind its offset, up to where this server has read
/// it, and then what this server reads on: the two meet without a gap or an overlap because both
/// are in the order of the stream.
class StreamsRecovery final : public Recovery {
 public:
  StreamsRecovery(StreamsShared& shared, StreamTail& tail, std::string nsp);
  ~StreamsRecovery() override;

  void Save(const RecoveryRecord& record) override;
  void Release(const std::string& pid, SocketRef owner, bool recoverable) override;
  void Resume(const std::string& pid, const std::string& offset, const Socket& socket,
              std::function<void(std::optional<Resumption>)> done) override;
  bool PublishesSingles() const override { return true; }

  /// The loop: begins to keep the records alive.
  void Start();
  /// The loop: an event was read and will be delivered in this turn.
  void OnDelivery(StreamId id, const std::shared_ptr<const Delivery>& delivery);
  /// The loop: all that was read up to here has been delivered.
  void OnAdvance();

 private:
  struct Resuming;
  struct Live {
    RecoveryRecord record;
    size_t stored = 0;  // a hash of the value that was put last; 0: none was
  };
  using Shared = std::shared_ptr<Resuming>;

  void Begin(const Shared& resuming);
  void CloseOwner(const Shared& resuming, SocketRef owner);
  void TakeRecord(const Shared& resuming);
  void OnTaken(const Shared& resuming, Result<std::optional<std::string>> value);
  void CheckOffset(const Shared& resuming, std::string value);
  void ReadOn(const Shared& resuming);
  bool Collect(Resuming& resuming, const StreamLog::Entries& entries);
  void Finish(const Shared& resuming);
  void Refuse(const Shared& resuming);
  void End(const Shared& resuming, std::optional<Resumption> resumption);
  void Put(const std::string& pid, Live& live);
  void SaveNow(const RecoveryRecord& record);
  void ReleaseNow(const std::string& pid, SocketRef owner, bool recoverable);
  void Refresh();
  std::string Key(const std::string& pid) const;
  net::Loop& loop() const;

  StreamsShared& shared_;
  StreamTail& tail_;
  const std::string nsp_;
  std::unordered_map<std::string, Live> live_;  // by pid, those with a socket here
  std::list<Shared> resuming_;
  /// What was read while somebody resumes.
  std::deque<std::pair<StreamId, std::shared_ptr<const Delivery>>> recent_;
  net::Timer refresh_;
  size_t slice_ = 0;
};

}  // namespace trackwire::socketio
