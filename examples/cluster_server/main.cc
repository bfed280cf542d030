// A Socket.IO server that is one of many: they speak with each other over Redis.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "cluster/redis_bus.h"
#include "cluster_server/adapters.h"
#include "cluster_server/controls.h"
#include "net/http/server.h"
#include "socketio/server.h"

namespace trackwire::cluster_example {
namespace {

struct Settings {
  uint16_t port = 0;
  uint16_t threads = 1;
  std::string redis;
  std::string adapter = "classic";
  std::string prefix;
  std::string name = "trackwire";
  bool recovery = false;
};

void Define(CLI::App& app, Settings& settings) {
  app.add_option("--port", settings.port, "TCP port on 127.0.0.1, 0 for any")->required();
  app.add_option("--redis", settings.redis, "URL of Redis")->required();
  app.add_option("--adapter", settings.adapter, "what the servers speak with each other")
      ->check(CLI::IsMember(AdapterNames()));
  app.add_option("--threads", settings.threads)->check(CLI::Range(1, 256));
  app.add_option("--prefix", settings.prefix, "of the channels' names");
  app.add_option("--name", settings.name, "what the server calls itself");
  app.add_flag("--recovery", settings.recovery, "connection state recovery (streams)");
}

/// All that serves, in the order of its making; destroyed in reverse, when all threads have ended.
class Program {
 public:
  Program(const Settings& settings, cluster::RedisBus::Options bus_options)
      : adapters_(settings.adapter, settings.prefix, settings.recovery),
        loop_("bus"),
        bus_(loop_, std::move(bus_options)) {
    std::vector<net::Shard*> shards;
    for (uint16_t i = 0; i < settings.threads; ++i) {
      net::Shard::Options options;
      options.index = i;
      shards_.push_back(std::make_unique<net::Shard>(options));
      shards.push_back(shards_.back().get());
    }
    server_ = std::make_unique<socketio::Server>(shards, socketio::Options());
    for (const char* name : {"/", "/chat"}) {
      socketio::Namespace& nsp = server_->Of(name);
      AddControls(nsp, settings.name);
      adapters_.Use(*server_, nsp, bus_);
    }
    router_.Mount(server_->engine().options().path, server_->handler());
    http_ = std::make_unique<net::http::Server>(shards, &router_, net::http::ServerOptions{});
  }

  /// Listens only once the other servers can be heard.
  Result<uint16_t> Start(uint16_t port) {
    loop_.Start();
    loop_.Run([this] { bus_.Start(); });
    std::promise<void> heard;
    server_->StartAdapters([&heard] { heard.set_value(); });
    heard.get_future().wait();
    for (const auto& shard : shards_) shard->Start();
    return http_->Listen("127.0.0.1", port);
  }

  void Stop() {
    http_->StopListening();
    for (const auto& shard : shards_) shard->Stop();
    server_->StopAdapters();
    loop_.Stop();
  }

 private:
  Adapters adapters_;
  net::Loop loop_;
  cluster::RedisBus bus_;
  std::vector<std::unique_ptr<net::Shard>> shards_;
  std::unique_ptr<socketio::Server> server_;
  net::http::Router router_;
  std::unique_ptr<net::http::Server> http_;
};

int Serve(const Settings& settings) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  const auto target = broker::ParseRedisUrl(settings.redis);
  if (!target) {
    std::fprintf(stderr, "cluster: --redis: %s\n", target.error().detail.c_str());
    return 2;
  }
  cluster::RedisBus::Options options;
  options.link.target = *target;
  Program program(settings, std::move(options));
  const auto port = program.Start(settings.port);
  if (!port) {
    std::fprintf(stderr, "cluster: %s\n", port.error().detail.c_str());
    program.Stop();
    return 1;
  }
  std::printf("listening http://127.0.0.1:%u\n", static_cast<unsigned>(*port));
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  program.Stop();
  return 0;
}

}  // namespace
}  // namespace trackwire::cluster_example

int main(int argc, char** argv) {
  CLI::App app("A Socket.IO server in a cluster over Redis");
  trackwire::cluster_example::Settings settings;
  trackwire::cluster_example::Define(app, settings);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return trackwire::cluster_example::Serve(settings);
}
