#include "gateway/neighbours.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "base/log.h"
#include "cluster/redis_bus.h"
#include "gateway/open_broker.h"
#include "net/loop.h"
#include "socketio/adapters/classic_adapter.h"
#include "socketio/adapters/python_manager.h"
#include "socketio/adapters/streams_adapter.h"

namespace trackwire::gateway {
namespace {

constexpr std::chrono::seconds kPatience{5};

}  // namespace

Result<std::vector<NeighbourRule>> ParseNeighbours(const std::vector<std::string>& rules) {
  std::vector<NeighbourRule> out;
  for (const std::string& rule : rules) {
    const size_t equals = rule.find('=');
    if (equals == std::string::npos || rule[0] != '/') {
      return Err("bad_config", "\"" + rule + "\" is not of the form /namespace=format");
    }
    NeighbourRule read{rule.substr(0, equals), rule.substr(equals + 1)};
    if (read.format != "classic" && read.format != "streams" && read.format != "python") {
      return Err("bad_config", "\"" + rule + "\": the format is classic, streams or python");
    }
    if (read.nsp.find_first_of(",?# ") != std::string::npos) {
      return Err("bad_config", "\"" + rule + "\": no namespace has such a name");
    }
    if (read.nsp == "/" && read.format == "streams") {
      return Err("bad_config",
                 "\"/=streams\": notifications use /, and their offsets are of their own log; "
                 "share it as classic or python, or another namespace as streams");
    }
    if (std::any_of(out.begin(), out.end(), [&](const auto& r) { return r.nsp == read.nsp; })) {
      return Err("bad_config", "\"" + read.nsp + "\" stands there twice");
    }
    out.push_back(std::move(read));
  }
  return out;
}

struct Neighbours::Parts {
  explicit Parts(const Config& c) : config(c) {}

  const Config& config;
  net::Loop loop{"neighbours"};
  std::unique_ptr<cluster::RedisBus> bus;
  std::unique_ptr<socketio::StreamsCluster> streams;
  std::unique_ptr<socketio::PythonManager> python;
  socketio::Server* server = nullptr;
  bool running = false;

  void Share(const NeighbourRule& rule, socketio::Namespace& nsp, Participates participates);
  socketio::StreamsOptions StreamsOptionsOf() const;
};

socketio::StreamsOptions Neighbours::Parts::StreamsOptionsOf() const {
  socketio::StreamsOptions options;
  options.stream = options.channel_prefix = config.neighbours_prefix;
  options.recovery = config.recovery_enabled;
  options.max_disconnection = std::chrono::seconds(config.recovery_window_s);
  return options;
}

void Neighbours::Parts::Share(const NeighbourRule& rule, socketio::Namespace& nsp,
                              Participates participates) {
  if (rule.format == "classic") {
    socketio::ClassicAdapter::Options options;
    options.prefix = config.neighbours_prefix;
    return server->UseAdapter(nsp, std::make_unique<socketio::ClassicAdapter>(nsp, *bus, options));
  }
  if (rule.format == "python") {
    socketio::PythonOptions options;
    options.channel = config.neighbours_python_channel;
    if (!python) python = std::make_unique<socketio::PythonManager>(*bus, options);
    return server->UseAdapter(nsp, python->MakeAdapter(nsp));
  }
  if (!streams) {
    streams = std::make_unique<socketio::StreamsCluster>(*bus, *bus, StreamsOptionsOf());
  }
  server->UseAdapter(nsp, streams->MakeAdapter(nsp));
  if (auto* recovery = streams->recovery(nsp.name())) {
    server->UseRecovery(nsp, recovery, std::move(participates));
  }
}

Neighbours::Neighbours(const Config& config) : parts_(std::make_unique<Parts>(config)) {}
Neighbours::~Neighbours() { Stop(); }

Result<void> Neighbours::Attach(socketio::Server& server, const Guard& guard,
                                Participates participates) {
  auto rules = ParseNeighbours(parts_->config.neighbours_adapters);
  if (!rules) return Err(rules.error());
  auto broker = RedisOptionsOf(parts_->config, "trackwire-neighbours");
  if (!broker) return Err(broker.error());
  cluster::RedisBus::Options options;
  options.link = broker->link;
  parts_->server = &server;
  parts_->bus = std::make_unique<cluster::RedisBus>(parts_->loop, std::move(options));
  for (const NeighbourRule& rule : *rules) {
    socketio::Namespace& nsp = server.Of(rule.nsp);
    if (rule.nsp != "/") guard(nsp);
    parts_->Share(rule, nsp, participates);
  }
  return Ok();
}

void Neighbours::Start() {
  parts_->running = true;
  parts_->loop.Start();
  parts_->loop.Run([this] { parts_->bus->Start(); });
  auto heard = std::make_shared<std::promise<void>>();
  auto future = heard->get_future();
  parts_->server->StartAdapters([heard] { heard->set_value(); });
  if (future.wait_for(kPatience) != std::future_status::ready) {
    base::LogWarn("gateway", "other Socket.IO servers are not heard yet");
  }
}

socketio::AdapterCounters Neighbours::Counters() const {
  socketio::AdapterCounters sum = parts_->server->adapter_counters();
  parts_->loop.Run([this, &sum] {
    if (parts_->python) {
      const socketio::PythonCounters& python = parts_->python->counters();
      sum.bad += python.bad_messages + python.pickles;
    }
    if (parts_->streams) sum.bad += parts_->streams->counters().bad_entries;
  });
  return sum;
}

void Neighbours::Stop() {
  if (parts_->server == nullptr) return;
  // Adapters end on their loop, also when nothing ever started: they look into what goes with this.
  if (!parts_->running) parts_->loop.Start();
  parts_->server->StopAdapters();
  parts_->loop.Stop();
  parts_->running = false;
  parts_->server = nullptr;
}

}  // namespace trackwire::gateway
