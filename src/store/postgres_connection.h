#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "base/result.h"
#include "store/postgres_target.h"
#include "store/postgres_values.h"

namespace trackwire::store {

/// A connection to a PostgreSQL database, made again after it was lost. One thread at a time.
///
/// No call takes longer than its time-outs: 5 s to connect (connect_timeout of the URL), 10 s for
/// a lock, 30 s for a statement, and some seconds more before a server that does not even say so is
/// given up. Errors: `unavailable` (also when the connection is lost: the next call, outside a
/// transaction, makes another), `corrupt`, and when opening `cannot_open`.
class PostgresConnection {
 public:
  static Result<std::unique_ptr<PostgresConnection>> Open(PostgresTarget target);
  ~PostgresConnection();
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  /// One statement.
  Result<PgRows> Query(const char* sql, const PgParams& params = {});
  /// One statement or several, without parameters.
  Result<void> Execute(const char* sql);

  /// Within a transaction nothing is connected again. Begun by `sql`, which starts with BEGIN.
  Result<void> Begin(const char* sql);
  Result<void> Commit();
  /// Also after a loss; has nothing to say.
  void Rollback();

  /// Whether the last error was that the server broke a transaction off so that another could go
  /// on.
  bool should_retry() const;

  /// For steps of a migration, which may take as long as they need.
  void WaitForEver() { patience_ = std::chrono::milliseconds::max(); }

 private:
  using Deadline = std::chrono::steady_clock::time_point;

  explicit PostgresConnection(PostgresTarget target) : target_(std::move(target)) {}
  Result<void> Connect();
  Result<void> SetUp();
  /// Connects unless there is a connection that lives.
  Result<void> Ensure();
  bool HasDied() const;
  /// False when the deadline passes first or the connection is lost.
  bool Wait(short events, Deadline deadline) const;
  bool Flush(Deadline deadline);
  Result<PgRows> Finish();
  Result<PgRows> Judge(PGresult* result);
  Unexpected<Error> Lost(std::string reason);

  struct Close {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };

  const PostgresTarget target_;
  std::unique_ptr<PGconn, Close> connection_;
  std::chrono::milliseconds patience_{35'000};
  bool in_transaction_ = false;
  std::string sqlstate_;
};

/// Runs `work` in a transaction, and again, a few times, when the server broke it off for the sake
/// of another one.
template <typename T, typename Work>
Result<T> InTransaction(PostgresConnection& db, const char* begin, Work work) {
  constexpr int kAttempts = 5;
  for (int attempt = 1;; ++attempt) {
    if (auto done = db.Begin(begin); !done) return Err(std::move(done.error()));
    Result<T> result = work();
    if (result) {
      auto committed = db.Commit();
      if (committed) return result;
      result = Err(std::move(committed.error()));
    }
    const bool again = db.should_retry() && attempt < kAttempts;
    db.Rollback();
    if (!again) return result;
  }
}

}  // namespace trackwire::store
