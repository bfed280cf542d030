#pragma once

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "base/json_scanner.h"
#include "socketio/adapters/classic_adapter.h"
#include "socketio/adapters/python_manager.h"
#include "socketio/adapters/streams_adapter.h"
#include "tests/socketio/memory_bus.h"
#include "tests/socketio/server_harness.h"

namespace trackwire::testing {

/// One server of a cluster, with the namespace `/`. Clients get rooms by the event `join`, and
/// answer `ask` themselves.
class ClusterNode {
 public:
  explicit ClusterNode(MemoryHub& hub, uint16_t shards = 2)
      : shards_(shards), server_(shards_.shards(), {}), nsp_(server_.Of("/")), bus_(hub, loop_) {
    loop_.Start();
    nsp_.On("join", [](socketio::Socket& socket, const socketio::Event& event,
                       const socketio::AckFn& ack) {
      const auto room = base::JsonArrayReader({base::JsonType::kArray, event.args_json}).Next();
      socket.Join(base::DecodeJsonString(room->text));
      if (ack) ack({});
    });
    nsp_.OnConnection([](socketio::Socket& socket) {
      if (!socket.recovered()) socket.set_recovery_data(R"({"user":"u"})");
    });
  }
  ~ClusterNode() {
    server_.StopAdapters();
    shards_.Stop();
    loop_.Stop();
  }

  void UseClassic(socketio::ClassicAdapter::Options options = {}) {
    server_.UseAdapter(
        nsp_, std::make_unique<socketio::ClassicAdapter>(nsp_, bus_, std::move(options)));
    Serve();
  }
  void UseStreams(socketio::StreamsOptions options = {}) {
    streams_ = std::make_unique<socketio::StreamsCluster>(bus_, bus_, std::move(options));
    server_.UseAdapter(nsp_, streams_->MakeAdapter(nsp_));
    if (auto* recovery = streams_->recovery("/")) server_.UseRecovery(nsp_, recovery, nullptr);
    Serve();
  }
  void UsePython(socketio::PythonOptions options = {}) {
    python_ = std::make_unique<socketio::PythonManager>(bus_, std::move(options));
    server_.UseAdapter(nsp_, python_->MakeAdapter(nsp_));
    Serve();
  }

  socketio::Namespace& nsp() { return nsp_; }
  MemoryBus& bus() { return bus_; }
  socketio::StreamsCluster& streams() { return *streams_; }
  socketio::PythonManager& python() { return *python_; }
  socketio::AdapterCounters counters() { return server_.adapter_counters(); }
  EventClient Client() { return EventClient(shards_.port()); }
  /// A client in `room`.
  EventClient Member(const std::string& room) {
    EventClient client = Client();
    client.Connect();
    client.Send("20[\"join\",\"" + room + "\"]");
    EXPECT_EQ(client.Read(), "30[]");
    return client;
  }
  /// Waits until what was posted to the loop and from there to the shards is done.
  void Settle() {
    loop_.Run([] {});
    for (net::Shard* shard : shards_.shards()) shard->Run([] {});
    loop_.Run([] {});
  }
  template <typename Task>
  void OnLoop(Task task) {
    loop_.Run(std::move(task));
  }

 private:
  void Serve() {
    shards_.Listen("/socket.io/", server_.handler());
    std::promise<void> ready;
    server_.StartAdapters([&ready] { ready.set_value(); });
    ready.get_future().wait();
  }

  TestShards shards_;
  net::Loop loop_{"bus"};
  socketio::Server server_;
  socketio::Namespace& nsp_;
  MemoryBus bus_;
  std::unique_ptr<socketio::StreamsCluster> streams_;
  std::unique_ptr<socketio::PythonManager> python_;
};

}  // namespace trackwire::testing
