#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace trackwire::base {

/// A prepared statement of a SqliteDb, which outlives it. One thread at a time.
class SqliteStatement {
 public:
  explicit SqliteStatement(sqlite3_stmt* statement);
  ~SqliteStatement();
  SqliteStatement(SqliteStatement&& other) noexcept;
  SqliteStatement& operator=(SqliteStatement&& other) noexcept;

  /// Parameters count from 1. Text and blobs are borrowed until the next Run() or Done().
  SqliteStatement& Bind(int index, int64_t value);
  SqliteStatement& Bind(int index, double value);
  SqliteStatement& Bind(int index, std::string_view text);
  SqliteStatement& BindNull(int index);
  SqliteStatement& BindOptional(int index, const std::optional<double>& value);

  /// Steps to the next row; false after the last.
  Result<bool> Step();
  /// Makes the statement ready for other parameters; after a loop over Step() that ended early.
  void Done();
  /// Executes it without a result, then it is ready again.
  Result<void> Run();

  int64_t Int(int column) const;
  double Double(int column) const;
  std::optional<double> OptionalDouble(int column) const;
  /// Borrowed until the next Step().
  std::string_view Text(int column) const;
  bool IsNull(int column) const;

 private:
  sqlite3_stmt* statement_ = nullptr;
};

/// A connection to an SQLite database in WAL mode. One thread at a time.
///
/// Errors: `unavailable` (busy, disk full, input/output; may pass), `corrupt`, `cannot_open`,
/// `too_new`.
class SqliteDb {
 public:
  struct Options {
    bool sync_full = false;    ///< each commit reaches the disk; else it survives the process only
    int busy_timeout_ms = 5000;
    bool read_only = false;    ///< of a file that is there; nothing is changed, its mode neither
  };

  /// Opens or creates the file at `path` (not a URI); ":memory:" is private to the connection.
  static Result<std::unique_ptr<SqliteDb>> Open(const std::string& path, const Options& options);
  ~SqliteDb();
  SqliteDb(const SqliteDb&) = delete;
  SqliteDb& operator=(const SqliteDb&) = delete;

  /// Brings the tables of `part` up to date: `steps[n]` leads from version n to n + 1. Each step is
  /// one transaction, its number kept in the table schema_versions.
  /// `on_step` hears of each before it is made: the version that it leads to.
  Result<void> Migrate(std::string_view part, std::span<const char* const> steps,
                       const std::function<void(int)>& on_step = {});
  /// The version of the tables of `part`; 0 when there are none.
  Result<int> SchemaVersion(std::string_view part);

  Result<void> Execute(const std::string& sql);
  Result<SqliteStatement> Prepare(std::string_view sql);
  /// Rows that the last statement inserted, changed or deleted.
  int64_t changes() const;

 private:
  explicit SqliteDb(sqlite3* db) : db_(db) {}
  Result<void> SetUp(const std::string& sql, std::chrono::milliseconds patience);
  Result<void> RunStep(std::string_view part, int version, const char* sql,
                       const std::function<void(int)>& on_step);

  sqlite3* db_;
};

/// A transaction that is rolled back unless committed.
class SqliteTransaction {
 public:
  static Result<SqliteTransaction> Begin(SqliteDb& db);
  SqliteTransaction(SqliteTransaction&& other) noexcept;
  SqliteTransaction& operator=(SqliteTransaction&&) = delete;
  ~SqliteTransaction();
  Result<void> Commit();

 private:
  explicit SqliteTransaction(SqliteDb& db) : db_(&db) {}
  SqliteDb* db_;
};

}  // namespace trackwire::base
