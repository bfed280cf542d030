#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/timer.h"
#include "socketio/adapter.h"
#include "socketio/adapters/classic_message.h"
#include "socketio/bus.h"

namespace trackwire::socketio {

/// Speaks as the npm package `@socket.io/redis-adapter` does, so that its servers and ours are one
/// cluster; hears what `@socket.io/redis-emitter` says too.
///
/// Nothing is stored: who is away misses what is said. A request waits until as many servers have
/// answered as the bus counts on the request channel. What cannot be understood is counted and
/// dropped; so is what would exceed `max_under_way`.
class ClassicAdapter final : public Adapter {
 public:
  struct Options {
    std::string prefix = "socket.io";
    std::chrono::milliseconds request_timeout{5'000};
    /// Acknowledgements are never waited for longer on behalf of another server.
    std::chrono::milliseconds max_ack_timeout{300'000};
    /// Answers go to the asker's own channel; it must be heard there by all (the npm package is).
    bool answer_on_own_channel = false;
    /// Requests at once: ours that wait, and those of others that are being answered; each.
    size_t max_under_way = 10'000;
    /// `max_bytes` bounds any message.
    MsgpackLimits limits;
  };

  /// Any thread. Both outlive it.
  ClassicAdapter(Namespace& nsp, Bus& bus, Options options);
  ~ClassicAdapter() override;

  net::Loop& loop() override { return bus_.loop(); }
  void Start(std::function<void()> done) override;
  void Broadcast(const socketio::Broadcast& broadcast) override;
  void BroadcastWithAck(const socketio::Broadcast& broadcast, std::chrono::milliseconds timeout,
                        std::function<void(uint64_t clients)> on_expected,
                        std::function<void(Args answer)> on_ack) override;
  void SocketsJoin(const SocketFilter& filter, const std::vector<std::string>& rooms) override;
  void SocketsLeave(const SocketFilter& filter, const std::vector<std::string>& rooms) override;
  void DisconnectSockets(const SocketFilter& filter, bool close) override;
  void FetchSockets(const SocketFilter& filter,
                    std::function<void(Result<std::vector<RemoteSocket>>)> done) override;
  void ServerSideEmit(const std::string& arguments_json,
                      std::function<void(ServerAnswers)> done) override;
  void ServerCount(std::function<void(Result<uint64_t>)> done) override;

  const std::string& uid() const { return uid_; }

 private:
  /// A request of ours that others are to answer.
  struct Pending;
  /// Says whether the adapter still lives; what comes back later holds it weakly.
  using Life = std::weak_ptr<ClassicAdapter*>;

  void Send(const std::string& channel, std::string message);
  void SendRequest(ClassicRequest request);
  Pending* Begin(std::chrono::milliseconds timeout);
  void OnTimeout(const std::string& id);
  /// Counts the other servers, then goes on with how many they are.
  void WithOthers(std::function<void(ClassicAdapter&, Result<uint64_t>)> then);

  void OnBroadcast(std::string_view channel, std::string_view message);
  void OnRequest(std::string_view message);
  void OnResponse(std::string_view message);
  void Take(Pending& pending, ClassicResponse& response);
  void Finish(const std::string& id, bool timed_out);
  void Bad(std::string_view channel, ClassicError error);

  // What others ask for (classic_requests.cc).
  bool MayBegin();
  void Answer(const ClassicRequest& request);
  void AnswerSockets(const ClassicRequest& request);
  void AnswerRooms(const ClassicRequest& request);
  void ChangeSockets(const ClassicRequest& request);
  void ChangeOneSocket(const ClassicRequest& request);
  void ApplyChange(const ClassicRequest& request, const SocketFilter& filter);
  void HearServerSide(const ClassicRequest& request);
  void AnswerBroadcast(const ClassicRequest& request);
  void Respond(const ClassicRequest& request, std::string response);

  Namespace& nsp_;
  Bus& bus_;
  const Options options_;
  const std::string uid_;
  const std::string channel_;
  const std::string request_channel_;
  const std::string response_channel_;
  const std::string own_response_channel_;
  std::shared_ptr<ClassicAdapter*> life_;
  std::unordered_map<std::string, std::unique_ptr<Pending>> pending_;
  size_t answering_ = 0;
  bool started_ = false;
};

}  // namespace trackwire::socketio
