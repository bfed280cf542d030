#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "socketio/adapters/cluster_message.h"
#include "socketio/adapters/cluster_requests.h"
#include "socketio/adapters/stream_id.h"
#include "socketio/adapters/streams_adapter.h"

namespace trackwire::socketio {

class StreamsRecovery;

/// What the members of one StreamsCluster share. The bus's loop.
struct StreamsShared {
  Bus& bus;
  StreamLog& log;
  const StreamsOptions options;
  const std::string uid;
  StreamsCounters counters;
};

/// How far a stream has been read here, by the members that use it.
struct StreamTail {
  std::string stream;
  /// The last entry seen; nothing until the first one: where the reading began is not known.
  std::optional<StreamId> last;
};

/// One namespace in a cluster of streams adapters. The bus's loop.
class StreamsMember final : public Adapter {
 public:
  StreamsMember(StreamsShared& shared, StreamTail& tail, std::unique_ptr<LocalSide> side);
  ~StreamsMember() override;

  net::Loop& loop() override { return shared_.bus.loop(); }
  /// Hears the namespace's channels; its stream is followed by the cluster.
  void Start(std::function<void()> done) override;
  /// With recovery, an event comes by Recovery::Publish() alone, and this does nothing.
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

  /// Appends an event that comes back out of the stream for this server's clients, too.
  void AppendForAll(const socketio::Broadcast& broadcast);
  /// An entry of this namespace. What it brings waits until Flush().
  void OnEntry(StreamId id, const StreamFields& fields);
  void Flush();
  StreamTail& tail() { return tail_; }
  LocalSide& side() { return *side_; }
  StreamsRecovery* recovery() { return recovery_.get(); }

 private:
  ClusterMessage Message(ClusterMessageType type) const;
  void Append(const ClusterMessage& message, std::function<void(const Error&)> failed);
  void OnChannel(std::string_view bytes);
  void OnRequest(const ClusterMessage& message);
  void OnBroadcastRequest(const ClusterMessage& message);
  void OnAnswer(ClusterMessage message);
  void OnBroadcastEntry(StreamId id, const ClusterMessage& message);
  /// Runs `answer` on the loop with what another thread gives.
  void Respond(const std::string& uid, ClusterMessage response);
  /// Servers beside this one; `ask` runs with how many they are.
  void WithOthers(std::function<void(uint64_t)> ask, std::function<void(const Error&)> failed);
  Bus::Kind kind() const;
  std::string Channel(std::string_view server) const;

  StreamsShared& shared_;
  StreamTail& tail_;
  std::unique_ptr<LocalSide> side_;
  std::unique_ptr<StreamsRecovery> recovery_;
  ClusterRequests requests_;
  DeliveryBatch batch_;
};

}  // namespace trackwire::socketio
