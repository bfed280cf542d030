#include "cluster_server/adapters.h"

#include <utility>

#include "base/check.h"
#include "socketio/adapters/classic_adapter.h"

namespace trackwire::cluster_example {

const std::vector<std::string>& AdapterNames() {
  static const std::vector<std::string> names = {"classic", "streams", "python"};
  return names;
}

Adapters::Adapters(std::string name, std::string prefix, bool recovery)
    : name_(std::move(name)), prefix_(std::move(prefix)), recovery_(recovery) {}

void Adapters::Use(socketio::Server& server, socketio::Namespace& nsp, cluster::RedisBus& bus) {
  if (name_ == "classic") {
    socketio::ClassicAdapter::Options options;
    if (!prefix_.empty()) options.prefix = prefix_;
    server.UseAdapter(nsp, std::make_unique<socketio::ClassicAdapter>(nsp, bus, options), true);
  } else if (name_ == "streams") {
    socketio::StreamsOptions options;
    if (!prefix_.empty()) options.stream = options.channel_prefix = prefix_;
    options.recovery = recovery_;
    if (!streams_) streams_ = std::make_unique<socketio::StreamsCluster>(bus, bus, options);
    server.UseAdapter(nsp, streams_->MakeAdapter(nsp), true);
    if (recovery_) server.UseRecovery(nsp, streams_->recovery(nsp.name()), nullptr);
  } else {
    CHECK(name_ == "python");
    socketio::PythonOptions options;
    if (!prefix_.empty()) options.channel = prefix_;
    if (!python_) python_ = std::make_unique<socketio::PythonManager>(bus, options);
    server.UseAdapter(nsp, python_->MakeAdapter(nsp), true);
  }
}

}  // namespace trackwire::cluster_example
