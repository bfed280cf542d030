#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace trackwire::test {

/// A PostgreSQL server of the test program's own, on a unix socket in a directory of its own. Ready
/// when the constructor returns; ended with the object, and with the test program. As root it runs
/// as the user `postgres`, as it refuses root. Failing to start fails the program.
class PostgresServer {
 public:
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// The one that the tests of this program share; started when first asked for.
  static PostgresServer& Shared();

  /// Makes an empty database and returns its name.
  std::string CreateDatabase();
  void DropDatabase(const std::string& name);
  /// What `database.url` takes for it.
  std::string Url(const std::string& database) const;
  /// Runs SQL with psql in a database and returns what it prints, without the last line end:
  /// columns apart by |.
  std::string Query(const std::string& database, const std::string& sql) const;

  void Stop();     ///< at once, and waits for the end; what was committed stays
  void Restart();  ///< in the same directory
  void Pause();    ///< SIGSTOP to the server and all its processes: nothing is answered
  void Resume();

 private:
  void Launch();
  std::vector<pid_t> Processes() const;

  TempDir directory_;
  pid_t pid_ = -1;
  int databases_ = 0;
};

}  // namespace trackwire::test
