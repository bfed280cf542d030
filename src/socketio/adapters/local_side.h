#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "socketio/adapter.h"
#include "socketio/namespace.h"

namespace trackwire::socketio {

/// What other servers ask of the sockets of one namespace on this one. Calls of one thread take
/// effect in their order, deliveries among them; callbacks run on any thread.
class LocalSide {
 public:
  virtual ~LocalSide() = default;
  virtual const std::string& name() const = 0;
  virtual void Deliver(DeliveryBatch batch) = 0;
  /// An event from another server that has no offset of a shared log.
  virtual void Emit(const Broadcast& broadcast) = 0;
  virtual void EmitWithAck(const Broadcast& broadcast, std::chrono::milliseconds timeout,
                           std::function<void(uint64_t clients)> on_expected,
                           std::function<void(Args answer)> on_ack) = 0;
  virtual void Join(const SocketFilter& filter, const std::vector<std::string>& rooms) = 0;
  virtual void Leave(const SocketFilter& filter, const std::vector<std::string>& rooms) = 0;
  virtual void Disconnect(const SocketFilter& filter, bool close) = 0;
  virtual void Fetch(const SocketFilter& filter,
                     std::function<void(std::vector<RemoteSocket>)> done) = 0;
  /// `answer` (empty when none is wanted) gets one JSON value.
  virtual void ServerSideEvent(const std::string& arguments_json,
                               std::function<void(std::string)> answer) = 0;
};

}  // namespace trackwire::socketio
