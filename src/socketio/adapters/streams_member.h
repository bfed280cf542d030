#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/timer.h"
#include "socketio/adapters/cluster_message.h"
#include "socketio/adapters/cluster_requests.h"
#include "socketio/adapters/places.h"
#include "socketio/adapters/stream_id.h"
#include "socketio/adapters/streams_adapter.h"
#include "socketio/room_index.h"

namespace trackwire::socketio {

class StreamsMember;
class StreamsRecovery;

/// How far a stream has been read here, for the members that use it.
struct StreamTail {
  std::string stream;
  bool followed = false;
  /// The last entry seen; nothing until the first one: where the reading began is not known.
  std::optional<StreamId> last;
  std::vector<std::function<void()>> waiting;  ///< for the first one
};

/// What the members of one StreamsCluster share. The bus's loop.
class StreamsShared {
 public:
  StreamsShared(Bus& b, StreamLog& l, StreamsOptions o);
  ~StreamsShared();

  /// Begins to follow the stream of a member, unless another has; `done` when its position is
  /// known.
  void Follow(StreamTail& tail, std::function<void()> done);

  Bus& bus;
  StreamLog& log;
  const StreamsOptions options;
  const std::string uid;
  StreamsCounters counters;
  std::unordered_map<std::string, std::unique_ptr<StreamTail>> tails;  ///< by stream
  /// Those that live, by namespace.
  std::unordered_map<std::string, StreamsMember*, StringHash, std::equal_to<>> members;
  std::unordered_map<std::string, std::unique_ptr<StreamsRecovery>> recoveries;  ///< by namespace

 private:
  void OnEntries(StreamTail& tail, const StreamLog::Entries& entries);
  void OnEntry(StreamTail& tail, const StreamLog::Entry& entry);
  void FindPositions();

  net::Timer retry_;
};

/// One namespace in a cluster of streams adapters. The bus's loop.
class StreamsMember final : public Adapter {
 public:
  StreamsMember(StreamsShared& shared, StreamTail& tail, Namespace& nsp, StreamsRecovery* recovery);
  ~StreamsMember() override;

  net::Loop& loop() override { return shared_.bus.loop(); }
  void Start(std::function<void()> done) override;
  void Broadcast(const socketio::Broadcast& broadcast) override;
  void BroadcastWithAck(const socketio::Broadcast& broadcast, std::chrono::milliseconds timeout,
                        std::function<void(uint64_t clients)> on_expected,
                        std::function<void(Args answer)> on_ack) override;
  void SocketsJoin(const SocketFilter& filter, const std::vector<std::string>& rooms) override;
  void SocketsLeave(const SocketFilter& filter, const std::vector<std::string>& rooms) override;
  void DisconnectSockets(const SocketFilter& filter, bool close) override;
  void FetchSockets(const SocketFilter& filter, ClusterRequests::FetchDone done) override;
  void ServerSideEmit(const std::string& arguments_json,
                      ClusterRequests::AnswersDone done) override;

  void ServerCount(std::function<void(Result<uint64_t>)> done) override;
  /// With recovery a broadcast gets its offset from the stream, and comes from there for all.
  bool broadcasts_locally() const override { return recovery_ != nullptr; }

  /// An entry of this namespace. What it brings waits until Flush().
  void OnEntry(StreamId id, const StreamFields& fields);
  void Flush();
  StreamTail& tail() { return tail_; }
  StreamsRecovery* recovery() { return recovery_; }

 private:
  ClusterMessage Message(ClusterMessageType type) const;
  ClusterMessage BroadcastMessage(const socketio::Broadcast& broadcast) const;
  void Append(const ClusterMessage& message, std::function<void(const Error&)> failed = {});
  void AppendChange(const ClusterMessage& message);
  /// Joins, leaves and disconnections, for the sockets of this server.
  void Apply(const ClusterMessage& message);
  void Publish(std::string_view server, const ClusterMessage& message);
  void OnChannel(std::string_view bytes);
  void OnRequest(const ClusterMessage& message);
  void OnFetchRequest(const ClusterMessage& message);
  void OnServerSideRequest(const ClusterMessage& message);
  void OnBroadcastRequest(const ClusterMessage& message);
  void OnAnswer(ClusterMessage message);
  void OnBroadcastEntry(StreamId id, const ClusterMessage& message);
  /// `task` with what it is called with, unless this is gone by then.
  template <typename Task>
  auto IfAlive(Task task) const;
  /// Servers beside this one; `ask` runs with how many they are.
  void WithOthers(std::function<void(uint64_t)> ask, std::function<void(const Error&)> failed);
  Bus::Kind kind() const;
  std::string Channel(std::string_view server) const;

  StreamsShared& shared_;
  StreamTail& tail_;
  Namespace& nsp_;
  StreamsRecovery* recovery_;
  ClusterRequests requests_;
  Places places_;
  DeliveryBatch batch_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace trackwire::socketio
