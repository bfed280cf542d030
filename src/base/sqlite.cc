#include "base/sqlite.h"

#include <sqlite3.h>

#include <thread>
#include <utility>

namespace trackwire::base {
namespace {

Error ErrorOf(int code, const char* message) {
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return {"corrupt", message};
    case SQLITE_CANTOPEN: return {"cannot_open", message};
    default: return {"unavailable", message};
  }
}

}  // namespace

SqliteStatement::SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}
SqliteStatement::~SqliteStatement() { sqlite3_finalize(statement_); }
SqliteStatement::SqliteStatement(SqliteStatement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)) {}
SqliteStatement& SqliteStatement::operator=(SqliteStatement&& other) noexcept {
  std::swap(statement_, other.statement_);
  return *this;
}

SqliteStatement& SqliteStatement::Bind(int index, int64_t value) {
  CHECK(sqlite3_bind_int64(statement_, index, value) == SQLITE_OK);
  return *this;
}
SqliteStatement& SqliteStatement::Bind(int index, double value) {
  CHECK(sqlite3_bind_double(statement_, index, value) == SQLITE_OK);
  return *this;
}
SqliteStatement& SqliteStatement::Bind(int index, std::string_view text) {
  // An empty view may have no address, which SQLite would take for NULL.
  const char* data = text.empty() ? "" : text.data();
  CHECK(sqlite3_bind_text64(statement_, index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8) ==
        SQLITE_OK);
  return *this;
}
SqliteStatement& SqliteStatement::BindNull(int index) {
  CHECK(sqlite3_bind_null(statement_, index) == SQLITE_OK);
  return *this;
}
SqliteStatement& SqliteStatement::BindOptional(int index, const std::optional<double>& value) {
  return value ? Bind(index, *value) : BindNull(index);
}

Result<bool> SqliteStatement::Step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  Error error;
  if (code != SQLITE_DONE) error = ErrorOf(code, sqlite3_errmsg(sqlite3_db_handle(statement_)));
  Done();
  if (code == SQLITE_DONE) return false;
  return Err(std::move(error));
}

void SqliteStatement::Done() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Result<void> SqliteStatement::Run() {
  auto row = Step();
  if (!row) return Err(std::move(row.error()));
  if (*row) Done();
  return Ok();
}

int64_t SqliteStatement::Int(int column) const { return sqlite3_column_int64(statement_, column); }
double SqliteStatement::Double(int column) const {
  return sqlite3_column_double(statement_, column);
}
std::optional<double> SqliteStatement::OptionalDouble(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Double(column);
}
std::string_view SqliteStatement::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (text == nullptr) return {};
  return {text, static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}
bool SqliteStatement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

Result<std::unique_ptr<SqliteDb>> SqliteDb::Open(const std::string& path, const Options& options) {
  const int flags =
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
      (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<SqliteDb> db(new SqliteDb(handle));
  if (code != SQLITE_OK) {
    Error error = ErrorOf(code, handle ? sqlite3_errmsg(handle) : "out of memory");
    error.detail = path + ": " + error.detail;
    return Err(std::move(error));
  }
  sqlite3_busy_timeout(handle, options.busy_timeout_ms);
  std::string setup =
      "PRAGMA temp_store=MEMORY;PRAGMA foreign_keys=ON;PRAGMA journal_size_limit=67108864;";
  if (!options.read_only) setup += "PRAGMA journal_mode=WAL;";
  setup += options.sync_full ? "PRAGMA synchronous=FULL;" : "PRAGMA synchronous=NORMAL;";
  if (auto done = db->SetUp(setup, std::chrono::milliseconds(options.busy_timeout_ms)); !done) {
    done.error().detail = path + ": " + done.error().detail;
    return Err(std::move(done.error()));
  }
  return db;
}

// Whoever turns a new file to WAL locks it without the patience of sqlite3_busy_timeout().
Result<void> SqliteDb::SetUp(const std::string& sql, std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kPause{5};
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    auto done = Execute(sql);
    const bool busy = !done && (sqlite3_errcode(db_) & 0xff) == SQLITE_BUSY;
    if (!busy || std::chrono::steady_clock::now() >= end) return done;
    std::this_thread::sleep_for(kPause);
  }
}

SqliteDb::~SqliteDb() { sqlite3_close_v2(db_); }

Result<void> SqliteDb::Execute(const std::string& sql) {
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return Err(ErrorOf(code, sqlite3_errmsg(db_)));
  return Ok();
}

Result<SqliteStatement> SqliteDb::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return Err(ErrorOf(code, sqlite3_errmsg(db_)));
  return SqliteStatement(statement);
}

int64_t SqliteDb::changes() const { return sqlite3_changes64(db_); }

Result<int> SqliteDb::SchemaVersion(std::string_view part) {
  auto table = Prepare("SELECT 1 FROM sqlite_master WHERE name = 'schema_versions'");
  if (!table) return Err(std::move(table.error()));
  auto found = table->Step();
  if (!found) return Err(std::move(found.error()));
  if (!*found) return 0;
  auto statement = Prepare("SELECT version FROM schema_versions WHERE part = ?");
  if (!statement) return Err(std::move(statement.error()));
  auto row = statement->Bind(1, part).Step();
  if (!row) return Err(std::move(row.error()));
  return *row ? static_cast<int>(statement->Int(0)) : 0;
}

Result<void> SqliteDb::RunStep(std::string_view part, int version, const char* sql,
                               const std::function<void(int)>& on_step) {
  auto transaction = SqliteTransaction::Begin(*this);
  if (!transaction) return Err(std::move(transaction.error()));
  // Another process may have been quicker; only now does nobody else write.
  auto reached = SchemaVersion(part);
  if (!reached) return Err(std::move(reached.error()));
  if (*reached >= version) return Ok();
  if (on_step) on_step(version);
  if (auto done = Execute(sql); !done) return done;
  auto statement = Prepare("INSERT OR REPLACE INTO schema_versions(part, version) VALUES(?, ?)");
  if (!statement) return Err(std::move(statement.error()));
  statement->Bind(1, part).Bind(2, static_cast<int64_t>(version));
  if (auto done = statement->Run(); !done) return done;
  return transaction->Commit();
}

Result<void> SqliteDb::Migrate(std::string_view part, std::span<const char* const> steps,
                               const std::function<void(int)>& on_step) {
  auto made = Execute(
      "CREATE TABLE IF NOT EXISTS schema_versions("
      "part TEXT PRIMARY KEY, version INTEGER NOT NULL)");
  if (!made) return made;
  auto version = SchemaVersion(part);
  if (!version) return Err(std::move(version.error()));
  const int newest = static_cast<int>(steps.size());
  if (*version > newest) {
    return Err("too_new", "the tables of " + std::string(part) + " have version " +
                              std::to_string(*version) + ", this program knows " +
                              std::to_string(newest));
  }
  for (int next = *version; next < newest; ++next) {
    if (auto done = RunStep(part, next + 1, steps[static_cast<size_t>(next)], on_step); !done) {
      return done;
    }
  }
  return Ok();
}

Result<SqliteTransaction> SqliteTransaction::Begin(SqliteDb& db) {
  auto begun = db.Execute("BEGIN IMMEDIATE");
  if (!begun) return Err(std::move(begun.error()));
  return SqliteTransaction(db);
}
SqliteTransaction::SqliteTransaction(SqliteTransaction&& other) noexcept
    : db_(std::exchange(other.db_, nullptr)) {}
SqliteTransaction::~SqliteTransaction() {
  // Nothing is left to undo when SQLite has already rolled back by itself.
  if (db_ != nullptr) (void)db_->Execute("ROLLBACK");
}
Result<void> SqliteTransaction::Commit() {
  auto done = db_->Execute("COMMIT");
  if (done) db_ = nullptr;
  return done;
}

}  // namespace trackwire::base
