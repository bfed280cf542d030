// A server for conformance and interoperability suites: Socket.IO, or bare Engine.IO.
#include <chrono>
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <trackwire/net/http/server.h>
#include <trackwire/socketio/memory_recovery.h>
#include <trackwire/socketio/server.h>
#include <vector>

#include "echo_server.h"
#include "event_server.h"
#include "feature_server.h"

namespace trackwire::conformance {
namespace {

struct Settings {
  uint16_t port = 0;
  bool engineio = false;
  uint16_t threads = 1;
  uint32_t ping_interval_ms = 300;
  uint32_t ping_timeout_ms = 200;
  uint32_t upgrade_timeout_ms = 10'000;
  uint32_t connect_timeout_ms = 1'000;
  size_t max_payload = 1'000'000;
  bool recovery = false;
  bool features = false;
  std::vector<std::string> cors_origins;
  std::string client_files;
};

void Define(CLI::App& app, Settings& settings) {
  app.add_option("--port", settings.port, "TCP port on 127.0.0.1, 0 for any")->required();
  app.add_flag("--engineio", settings.engineio, "bare Engine.IO that echoes messages");
  app.add_option("--threads", settings.threads)->check(CLI::Range(1, 256));
  app.add_option("--ping-interval-ms", settings.ping_interval_ms)->check(CLI::PositiveNumber);
  app.add_option("--ping-timeout-ms", settings.ping_timeout_ms)->check(CLI::PositiveNumber);
  app.add_option("--upgrade-timeout-ms", settings.upgrade_timeout_ms)->check(CLI::PositiveNumber);
  app.add_option("--connect-timeout-ms", settings.connect_timeout_ms)->check(CLI::PositiveNumber);
  app.add_option("--max-payload", settings.max_payload, "bytes")->check(CLI::PositiveNumber);
  app.add_flag("--recovery", settings.recovery, "connection state recovery in memory");
  app.add_flag("--features", settings.features, "dynamic namespaces and handlers of sockets");
  app.add_option("--cors-origin", settings.cors_origins, "may be given several times");
  app.add_option("--client-files", settings.client_files,
                 "folder of socket.io.min.js and its like, to be served");
}

engineio::Options EngineOptions(const Settings& settings) {
  engineio::Options options;
  options.ping_interval = std::chrono::milliseconds(settings.ping_interval_ms);
  options.ping_timeout = std::chrono::milliseconds(settings.ping_timeout_ms);
  options.upgrade_timeout = std::chrono::milliseconds(settings.upgrade_timeout_ms);
  options.max_payload = settings.max_payload;
  options.cors.origins = settings.cors_origins;
  return options;
}

std::unique_ptr<socketio::Server> MakeEventServer(const std::vector<net::Shard*>& shards,
                                                  const Settings& settings,
                                                  socketio::Recovery* recovery) {
  socketio::Options options;
  const std::string path = options.engine.path;
  options.engine = EngineOptions(settings);
  options.engine.path = path;
  options.client_files = settings.client_files;
  options.connect_timeout = std::chrono::milliseconds(settings.connect_timeout_ms);
  options.cleanup_empty_child_namespaces = settings.features;
  auto server = std::make_unique<socketio::Server>(shards, options);
  AddHandlers(*server);
  if (settings.features) AddFeatures(*server);
  if (recovery != nullptr) server->UseRecovery(server->Of("/"), recovery, nullptr);
  return server;
}

/// Blocks until the program is told to end; no thread was started before the signals were kept.
int WaitForSignal(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
  return signal;
}

int Serve(const Settings& settings) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  // Destroyed in reverse: what uses a shard goes before it.
  std::vector<std::unique_ptr<net::Shard>> owned;
  std::vector<net::Shard*> shards;
  for (uint16_t i = 0; i < settings.threads; ++i) {
    net::Shard::Options options;
    options.index = i;
    owned.push_back(std::make_unique<net::Shard>(options));
    shards.push_back(owned.back().get());
  }
  std::unique_ptr<socketio::MemoryRecovery> recovery;
  if (settings.recovery) recovery = std::make_unique<socketio::MemoryRecovery>();
  std::unique_ptr<engineio::Server> echo;
  std::unique_ptr<socketio::Server> events;
  net::http::Router router;
  if (settings.engineio) {
    echo = MakeEchoServer(shards, EngineOptions(settings));
    router.Mount(echo->options().path, echo.get());
  } else {
    events = MakeEventServer(shards, settings, recovery.get());
    router.Mount(events->engine().options().path, events->handler());
  }
  net::http::Server server(shards, &router, {});
  for (const auto& shard : owned) shard->Start();
  const auto port = server.Listen("127.0.0.1", settings.port);
  if (!port) {
    std::fprintf(stderr, "conformance: %s\n", port.error().detail.c_str());
    for (const auto& shard : owned) shard->Stop();
    return 1;
  }
  std::printf("listening http://127.0.0.1:%u\n", static_cast<unsigned>(*port));
  std::fflush(stdout);

  WaitForSignal(signals);
  server.StopListening();
  for (const auto& shard : owned) shard->Stop();
  recovery.reset();  // its thread uses the server's namespaces
  return 0;
}

}  // namespace
}  // namespace trackwire::conformance

int main(int argc, char** argv) {
  CLI::App app("A Socket.IO and Engine.IO server for test suites");
  trackwire::conformance::Settings settings;
  trackwire::conformance::Define(app, settings);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return trackwire::conformance::Serve(settings);
}
