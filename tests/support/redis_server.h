#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/temp_dir.h"

namespace trackwire::test {

struct RedisServerOptions {
  std::string password{};       ///< of the default user; empty: none asked
  std::string user{};           ///< one more user who may do everything …
  std::string user_password{};  ///< … with this password
  bool tls = false;           ///< one more port that speaks TLS
  bool tls_client_certificate = false;  ///< … and asks for the client's certificate
  bool cluster = false;
  bool sentinel = false;
  std::vector<std::string> lines{};  ///< of redis.conf, after ours
};

/// A redis-server of the test's own: on a unix socket and a free loopback port, with every write on
/// disk before its answer. Ready when the constructor returns, killed with the object and with the
/// test program. Failing to start fails the program.
class RedisServer {
 public:
  explicit RedisServer(RedisServerOptions options = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  uint16_t port() const { return port_; }
  uint16_t tls_port() const { return tls_port_; }
  std::string socket_path() const { return directory_.File("socket"); }
  /// `redis://…`, `unix://…` and `rediss://…`, with the credentials of the options' `user` or
  /// default user.
  std::string url() const;
  std::string unix_url() const;
  std::string tls_url() const;
  /// PEM files of the TLS port; the certificate is its own authority and a client's as well.
  std::string certificate_file() const { return directory_.File("certificate.pem"); }
  std::string key_file() const { return directory_.File("key.pem"); }

  void Stop();     ///< SIGTERM, and waits for the end
  void Kill();     ///< SIGKILL, and waits
  void Restart();  ///< in the same directory, on the same ports; kills what still runs
  void Pause();    ///< SIGSTOP: connections stay, nothing is answered
  void Resume();
  bool running() const { return pid_ > 0; }

  /// What redis-cli prints for a command, without the last line end.
  std::string Command(const std::vector<std::string>& arguments) const;

 private:
  void WriteConfiguration() const;
  void Launch();
  bool WaitUntilReady();
  std::string Credentials() const;

  RedisServerOptions options_;
  TempDir directory_;
  uint16_t port_ = 0;
  uint16_t tls_port_ = 0;
  uint16_t bus_port_ = 0;
  pid_t pid_ = -1;
};

/// Three masters that share the slots of a cluster, ready when the constructor returns.
class RedisCluster {
 public:
  RedisCluster();

  RedisServer& node(size_t index) { return *nodes_.at(index); }
  static constexpr size_t size() { return 3; }
  std::string url() const { return nodes_[0]->url(); }
  std::string NodeId(size_t index) const;
  /// The node whose slots hold `key`, asked of the nodes themselves.
  size_t OwnerOf(const std::string& key) const;
  /// The two steps that bracket a move of a slot, then the keys, then the end.
  void BeginMove(int slot, size_t from, size_t to);
  void MoveKeys(int slot, size_t from, size_t to);
  void EndMove(int slot, size_t from, size_t to);
  int SlotOf(const std::string& key) const;

 private:
  std::array<std::unique_ptr<RedisServer>, 3> nodes_;
};

/// A master named "main", its replica, and three Sentinels that take 1 s to find the master dead.
class RedisSentinels {
 public:
  RedisSentinels();

  RedisServer& master() { return *servers_[0]; }
  RedisServer& replica() { return *servers_[1]; }
  RedisServer& sentinel(size_t index) { return *sentinels_.at(index); }
  /// `redis+sentinel://…/main`
  std::string url() const;

 private:
  std::array<std::unique_ptr<RedisServer>, 2> servers_;
  std::array<std::unique_ptr<RedisServer>, 3> sentinels_;
};

}  // namespace trackwire::test
