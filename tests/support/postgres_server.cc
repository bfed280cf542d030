#include "tests/support/postgres_server.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "base/check.h"

namespace trackwire::test {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);

/// The directory of the newest server that is installed.
std::string Binaries() {
  int newest = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql")) {
    newest = std::max(newest, std::atoi(entry.path().filename().c_str()));
  }
  CHECK(newest > 0);
  return "/usr/lib/postgresql/" + std::to_string(newest) + "/bin/";
}

/// In a child: becomes the user that the server's package has made.
void LeaveRoot() {
  if (::getuid() != 0) return;
  const passwd* user = ::getpwnam("postgres");
  if (user == nullptr || ::initgroups(user->pw_name, user->pw_gid) != 0 ||
      ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0) {
    ::_exit(1);
  }
}

pid_t Spawn(const std::vector<std::string>& command, const std::string& log) {
  std::vector<char*> arguments;
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.data()));
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  CHECK(pid >= 0);
  if (pid > 0) return pid;
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  ::dup2(::open("/dev/null", O_RDONLY), 0);
  ::dup2(out, 1);
  ::dup2(out, 2);
  LeaveRoot();
  // SIGQUIT ends the server and its processes at once. Set last: leaving root undoes it.
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (::getppid() != parent) ::_exit(1);
  ::execv(arguments[0], arguments.data());
  ::_exit(1);
}

std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

[[noreturn]] void Fail(const std::string& log, const char* what) {
  std::cerr << std::ifstream(log).rdbuf() << "postgres: " << what << '\n';
  std::abort();
}

}  // namespace

PostgresServer::PostgresServer() {
  const std::string data = directory_.File("data");
  if (::getuid() == 0) {
    const passwd* user = ::getpwnam("postgres");
    CHECK(user != nullptr);
    CHECK(::chown(directory_.File("").c_str(), user->pw_uid, user->pw_gid) == 0);
  }
  const pid_t maker = Spawn({Binaries() + "initdb", "-D", data, "-U", "trackwire", "-A", "trust",
                             "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"},
                            directory_.File("log"));
  int status = 0;
  CHECK(::waitpid(maker, &status, 0) == maker);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) Fail(directory_.File("log"), "no initdb");
  Launch();
}

PostgresServer::~PostgresServer() { Stop(); }

PostgresServer& PostgresServer::Shared() {
  static PostgresServer server;
  return server;
}

void PostgresServer::Launch() {
  const std::string socket_directory = directory_.File("");
  pid_ = Spawn({Binaries() + "postgres", "-D", directory_.File("data"), "-k", socket_directory,
                "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=50"},
               directory_.File("log"));
  const std::string ready =
      Quoted(Binaries() + "pg_isready") + " -q -h " + Quoted(socket_directory);
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (std::system(ready.c_str()) != 0) {
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) Fail(directory_.File("log"), "it ended");
    if (std::chrono::steady_clock::now() > end) Fail(directory_.File("log"), "it does not serve");
  }
}

std::string PostgresServer::CreateDatabase() {
  const std::string name = "test_" + std::to_string(++databases_);
  Query("postgres", "CREATE DATABASE " + name);
  return name;
}

void PostgresServer::DropDatabase(const std::string& name) {
  Query("postgres", "DROP DATABASE " + name + " WITH (FORCE)");
}

std::string PostgresServer::Url(const std::string& database) const {
  return "postgresql://trackwire@/" + database + "?host=" + directory_.File("");
}

std::string PostgresServer::Query(const std::string& database, const std::string& sql) const {
  const std::string command = Quoted(Binaries() + "psql") + " -X -q -A -t -v ON_ERROR_STOP=1 -d " +
                              Quoted(Url(database)) + " -c " + Quoted(sql) + " 2>&1";
  FILE* pipe = ::popen(command.c_str(), "r");
  CHECK(pipe != nullptr);
  std::string out;
  char buffer[4096];
  while (const size_t count = std::fread(buffer, 1, sizeof buffer, pipe)) out.append(buffer, count);
  const int status = ::pclose(pipe);
  if (status != 0) {
    std::cerr << "psql: " << out << '\n';
    std::abort();
  }
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

void PostgresServer::Stop() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGQUIT);
  ::kill(pid_, SIGCONT);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void PostgresServer::Restart() {
  Stop();
  Launch();
}

std::vector<pid_t> PostgresServer::Processes() const {
  std::vector<pid_t> processes = {pid_};
  const std::string task = "/proc/" + std::to_string(pid_) + "/task/" + std::to_string(pid_);
  std::ifstream children(task + "/children");
  for (pid_t child = 0; children >> child;) processes.push_back(child);
  return processes;
}

void PostgresServer::Pause() {
  CHECK(pid_ > 0);
  // The server first, so that it starts nothing more.
  for (const pid_t process : Processes()) ::kill(process, SIGSTOP);
  for (const pid_t process : Processes()) ::kill(process, SIGSTOP);
}

void PostgresServer::Resume() {
  CHECK(pid_ > 0);
  for (const pid_t process : Processes()) ::kill(process, SIGCONT);
}

}  // namespace trackwire::test
