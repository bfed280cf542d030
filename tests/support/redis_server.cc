#include "tests/support/redis_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <random>
#include <thread>

#include "base/check.h"
#include "tests/support/certificate.h"

namespace trackwire::test {
namespace {

constexpr auto kPatience = std::chrono::seconds(30);
constexpr int kLaunches = 20;

bool IsFree(uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return free;
}

/// Below the ports that the system gives to outgoing connections, so that a restarted server finds
/// its own port free again.
uint16_t FreePort() {
  static std::mt19937 random(std::random_device{}());
  std::uniform_int_distribution<int> ports(10'000, 31'999);
  while (true) {
    const auto port = static_cast<uint16_t>(ports(random));
    if (IsFree(port)) return port;
  }
}

/// True when the server on a unix socket answers PING: with PONG, or by asking for a password.
bool Answers(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  CHECK(path.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  char reply[64] = {};
  bool answered = false;
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      ::write(fd, "PING\r\n", 6) == 6) {
    pollfd readable{fd, POLLIN, 0};
    if (::poll(&readable, 1, 1000) == 1 && ::read(fd, reply, sizeof reply - 1) > 0) {
      answered = reply[0] == '+' || std::string_view(reply).starts_with("-NOAUTH");
    }
  }
  ::close(fd);
  return answered;
}

std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

void WaitFor(const std::function<bool()>& holds, const char* what) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) {
      std::cerr << "redis: waited in vain for " << what << '\n';
      std::abort();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace

RedisServer::RedisServer(RedisServerOptions options) : options_(std::move(options)) {
  if (options_.tls) WriteCertificate(certificate_file(), key_file());
  for (int launch = 0; launch < kLaunches; ++launch) {
    port_ = FreePort();
    if (options_.tls) tls_port_ = FreePort();
    if (options_.cluster) bus_port_ = FreePort();
    WriteConfiguration();
    Launch();
    if (WaitUntilReady()) return;
  }
  std::cerr << std::ifstream(directory_.File("log")).rdbuf() << "redis-server does not start\n";
  std::abort();
}

RedisServer::~RedisServer() { Kill(); }

void RedisServer::WriteConfiguration() const {
  std::ofstream out(directory_.File("redis.conf"), std::ios::trunc);
  out << "dir " << directory_.File("") << "\nport " << port_ << "\nbind 127.0.0.1\nunixsocket "
      << socket_path() << "\nlogfile " << directory_.File("log") << "\ndaemonize no\n";
  if (!options_.sentinel) {
    out << "save \"\"\nappendonly yes\nappendfsync always\nenable-debug-command yes\n";
  }
  if (!options_.password.empty()) out << "requirepass " << options_.password << '\n';
  if (!options_.user.empty()) {
    out << "user " << options_.user << " on >" << options_.user_password << " ~* &* +@all\n";
  }
  if (options_.tls) {
    out << "tls-port " << tls_port_ << "\ntls-cert-file " << certificate_file()
        << "\ntls-key-file " << key_file() << "\ntls-ca-cert-file " << certificate_file()
        << "\ntls-auth-clients " << (options_.tls_client_certificate ? "yes" : "no") << '\n';
  }
  if (options_.cluster) {
    out << "cluster-enabled yes\ncluster-config-file nodes.conf\ncluster-node-timeout 1000\n"
        << "cluster-port " << bus_port_ << '\n';
  }
  for (const std::string& line : options_.lines) out << line << '\n';
  CHECK(out.flush().good());
}

void RedisServer::Launch() {
  const std::string configuration = directory_.File("redis.conf");
  const char* program = options_.sentinel ? "redis-sentinel" : "redis-server";
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  CHECK(pid_ >= 0);
  if (pid_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  const int null = ::open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; ++fd) ::dup2(null, fd);
  ::execlp(program, program, configuration.c_str(), static_cast<char*>(nullptr));
  ::_exit(1);
}

/// False when the server ended instead, for example because a port was taken meanwhile.
bool RedisServer::WaitUntilReady() {
  bool ended = false;
  WaitFor(
      [&] {
        ended = ::waitpid(pid_, nullptr, WNOHANG) == pid_;
        return ended || Answers(socket_path());
      },
      "redis-server");
  if (ended) pid_ = -1;
  return !ended;
}

std::string RedisServer::Credentials() const {
  if (!options_.user.empty()) return options_.user + ":" + options_.user_password + "@";
  if (!options_.password.empty()) return ":" + options_.password + "@";
  return {};
}

std::string RedisServer::url() const {
  return "redis://" + Credentials() + "127.0.0.1:" + std::to_string(port_);
}

std::string RedisServer::unix_url() const { return "unix://" + Credentials() + socket_path(); }

std::string RedisServer::tls_url() const {
  return "rediss://" + Credentials() + "127.0.0.1:" + std::to_string(tls_port_);
}

void RedisServer::Stop() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  ::kill(pid_, SIGCONT);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void RedisServer::Kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void RedisServer::Restart() {
  Kill();
  for (int launch = 0; launch < kLaunches; ++launch) {
    Launch();
    if (WaitUntilReady()) return;
  }
  std::cerr << std::ifstream(directory_.File("log")).rdbuf() << "redis-server does not restart\n";
  std::abort();
}

void RedisServer::Pause() {
  CHECK(pid_ > 0);
  ::kill(pid_, SIGSTOP);
  int status = 0;
  CHECK(::waitpid(pid_, &status, WUNTRACED) == pid_ && WIFSTOPPED(status));
}

void RedisServer::Resume() {
  CHECK(pid_ > 0);
  ::kill(pid_, SIGCONT);
}

std::string RedisServer::Command(const std::vector<std::string>& arguments) const {
  std::string line = "redis-cli --no-auth-warning -s " + Quoted(socket_path());
  if (!options_.user.empty()) {
    line += " --user " + Quoted(options_.user) + " --pass " + Quoted(options_.user_password);
  } else if (!options_.password.empty()) {
    line += " --pass " + Quoted(options_.password);
  }
  for (const std::string& argument : arguments) line += " " + Quoted(argument);
  std::FILE* pipe = ::popen(line.c_str(), "r");
  CHECK(pipe != nullptr);
  std::string output;
  char buffer[4096];
  while (const size_t size = std::fread(buffer, 1, sizeof buffer, pipe)) {
    output.append(buffer, size);
  }
  ::pclose(pipe);
  if (output.ends_with('\n')) output.pop_back();
  return output;
}

RedisCluster::RedisCluster() {
  for (auto& node : nodes_) {
    node = std::make_unique<RedisServer>(RedisServerOptions{.cluster = true});
  }
  constexpr std::array<std::pair<const char*, const char*>, 3> kRanges{
      {{"0", "5460"}, {"5461", "10922"}, {"10923", "16383"}}};
  for (size_t i = 0; i < size(); ++i) {
    node(i).Command({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
    node(i).Command({"CLUSTER", "ADDSLOTSRANGE", kRanges[i].first, kRanges[i].second});
  }
  // A node's bus port is told with MEET, since it is not the usual distance from the other.
  for (size_t i = 1; i < size(); ++i) {
    const std::string bus = node(i).Command({"CONFIG", "GET", "cluster-port"});
    node(0).Command({"CLUSTER", "MEET", "127.0.0.1", std::to_string(node(i).port()),
                     bus.substr(bus.find('\n') + 1)});
  }
  for (size_t i = 0; i < size(); ++i) {
    WaitFor(
        [&] {
          const std::string info = node(i).Command({"CLUSTER", "INFO"});
          return info.find("cluster_state:ok") != std::string::npos &&
                 info.find("cluster_size:3") != std::string::npos;
        },
        "the cluster");
  }
}

std::string RedisCluster::NodeId(size_t index) const {
  return nodes_.at(index)->Command({"CLUSTER", "MYID"});
}

int RedisCluster::SlotOf(const std::string& key) const {
  return std::stoi(nodes_[0]->Command({"CLUSTER", "KEYSLOT", key}));
}

size_t RedisCluster::OwnerOf(const std::string& key) const {
  for (size_t i = 0; i < size(); ++i) {
    if (!nodes_[i]->Command({"GET", key}).starts_with("MOVED")) return i;
  }
  CHECK(false);
  return 0;
}

void RedisCluster::BeginMove(int slot, size_t from, size_t to) {
  const std::string text = std::to_string(slot);
  node(to).Command({"CLUSTER", "SETSLOT", text, "IMPORTING", NodeId(from)});
  node(from).Command({"CLUSTER", "SETSLOT", text, "MIGRATING", NodeId(to)});
}

void RedisCluster::MoveKeys(int slot, size_t from, size_t to) {
  while (true) {
    const std::string keys =
        node(from).Command({"CLUSTER", "GETKEYSINSLOT", std::to_string(slot), "100"});
    if (keys.empty()) return;
    std::vector<std::string> command{
        "MIGRATE", "127.0.0.1", std::to_string(node(to).port()), "", "0", "5000", "KEYS"};
    for (size_t begin = 0; begin <= keys.size();) {
      const size_t end = std::min(keys.find('\n', begin), keys.size());
      command.push_back(keys.substr(begin, end - begin));
      begin = end + 1;
    }
    node(from).Command(command);
  }
}

void RedisCluster::EndMove(int slot, size_t from, size_t to) {
  const std::string text = std::to_string(slot), owner = NodeId(to);
  node(to).Command({"CLUSTER", "SETSLOT", text, "NODE", owner});
  node(from).Command({"CLUSTER", "SETSLOT", text, "NODE", owner});
}

RedisSentinels::RedisSentinels() {
  servers_[0] = std::make_unique<RedisServer>();
  const std::string port = std::to_string(master().port());
  servers_[1] = std::make_unique<RedisServer>(RedisServerOptions{
      .lines = {"replicaof 127.0.0.1 " + port, "repl-diskless-sync-delay 0"}});
  master().Command({"CONFIG", "SET", "repl-diskless-sync-delay", "0"});
  WaitFor(
      [&] {
        return replica().Command({"INFO", "replication"}).find("master_link_status:up") !=
               std::string::npos;
      },
      "the replica");
  for (auto& sentinel : sentinels_) {
    sentinel = std::make_unique<RedisServer>(RedisServerOptions{
        .sentinel = true,
        .lines = {"sentinel monitor main 127.0.0.1 " + port + " 2",
                  "sentinel down-after-milliseconds main 2000",
                  "sentinel failover-timeout main 3000"}});
  }
  // They tell each other of themselves every 2 s, and ask for replicas every 10 s, otherwise.
  for (auto& sentinel : sentinels_) {
    sentinel->Command({"SENTINEL", "DEBUG", "INFO-PERIOD", "100", "PUBLISH-PERIOD", "100"});
  }
  for (auto& sentinel : sentinels_) {
    WaitFor(
        [&] {
          const std::string info = sentinel->Command({"INFO", "sentinel"});
          return info.find("status=ok") != std::string::npos &&
                 info.find("slaves=1,sentinels=3") != std::string::npos;
        },
        "the Sentinels");
  }
}

std::string RedisSentinels::url() const {
  std::string url = "redis+sentinel://";
  for (const auto& sentinel : sentinels_) {
    if (!url.ends_with('/')) url += ',';
    url += "127.0.0.1:" + std::to_string(sentinel->port());
  }
  return url + "/main";
}

}  // namespace trackwire::test
