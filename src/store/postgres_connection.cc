#include "store/postgres_connection.h"

#include <poll.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace trackwire::store {
namespace {

using std::chrono::steady_clock;

constexpr const char* kSerializationFailure = "40001";
constexpr const char* kDeadlock = "40P01";

/// What libpq and the server say, on one line.
std::string OneLine(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool space = c == '\n' || c == '\t' || c == ' ';
    if (!space) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

void Offer(std::map<std::string, std::string>& options, const char* key, const char* value) {
  options.emplace(key, value);
}

}  // namespace

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::Open(PostgresTarget target) {
  Offer(target.options, "connect_timeout", "5");
  Offer(target.options, "tcp_user_timeout", "30000");
  Offer(target.options, "keepalives_idle", "30");
  Offer(target.options, "fallback_application_name", "trackwire");
  std::unique_ptr<PostgresConnection> connection(new PostgresConnection(std::move(target)));
  if (auto done = connection->Connect(); !done) {
    return Err("cannot_open", std::move(done.error().detail));
  }
  return connection;
}

PostgresConnection::~PostgresConnection() = default;

Result<void> PostgresConnection::Connect() {
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const auto& [key, value] : target_.options) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  keys.push_back("client_encoding");
  values.push_back("UTF8");
  keys.push_back(nullptr);
  values.push_back(nullptr);
  connection_.reset(PQconnectdbParams(keys.data(), values.data(), 0));
  // Notices are for people at a prompt; by default they are printed.
  PQsetNoticeReceiver(
      connection_.get(), [](void*, const PGresult*) {}, nullptr);
  if (connection_ == nullptr || PQstatus(connection_.get()) != CONNECTION_OK) {
    return Lost(connection_ == nullptr ? "out of memory" : PQerrorMessage(connection_.get()));
  }
  return SetUp();
}

Result<void> PostgresConnection::SetUp() {
  const char* encoding = PQparameterStatus(connection_.get(), "server_encoding");
  if (encoding == nullptr || std::string_view(encoding) != "UTF8") {
    return Lost("the database must have the encoding UTF8");
  }
  if (PQsetnonblocking(connection_.get(), 1) != 0) return Lost(PQerrorMessage(connection_.get()));
  return Execute(
      "SET statement_timeout = '30s'; SET lock_timeout = '10s'; "
      "SET idle_in_transaction_session_timeout = '60s'");
}

bool PostgresConnection::HasDied() const {
  if (PQstatus(connection_.get()) != CONNECTION_OK) return true;
  // Nobody has asked anything: what can be read now is the server's farewell.
  pollfd socket{PQsocket(connection_.get()), POLLIN | POLLRDHUP, 0};
  if (::poll(&socket, 1, 0) <= 0) return false;
  if ((socket.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0) return true;
  return PQconsumeInput(connection_.get()) == 0 || PQstatus(connection_.get()) != CONNECTION_OK;
}

Result<void> PostgresConnection::Ensure() {
  if (in_transaction_) {
    if (connection_ != nullptr) return Ok();
    return Err("unavailable", "the connection was lost within a transaction");
  }
  if (connection_ != nullptr && !HasDied()) return Ok();
  return Connect();
}

Unexpected<Error> PostgresConnection::Lost(std::string reason) {
  connection_.reset();
  return Err("unavailable", OneLine(reason));
}

bool PostgresConnection::Wait(short events, Deadline deadline) const {
  using std::chrono::milliseconds;
  constexpr milliseconds kMost{std::numeric_limits<int>::max()};
  for (;;) {
    const auto left =
        std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now()) + milliseconds(1);
    if (left <= milliseconds(0)) return false;
    pollfd socket{PQsocket(connection_.get()), events, 0};
    const int ready = ::poll(&socket, 1, static_cast<int>(std::min(left, kMost).count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

bool PostgresConnection::Flush(Deadline deadline) {
  for (;;) {
    const int left = PQflush(connection_.get());
    if (left == 0) return true;
    // The server may have to get rid of something before it reads on.
    if (left < 0 || !Wait(POLLIN | POLLOUT, deadline)) return false;
    if (PQconsumeInput(connection_.get()) == 0) return false;
  }
}

Result<PgRows> PostgresConnection::Finish() {
  const bool for_ever = patience_ == std::chrono::milliseconds::max();
  const Deadline deadline = for_ever ? Deadline::max() : steady_clock::now() + patience_;
  if (!Flush(deadline)) return Lost("the server does not take a statement");
  std::optional<Result<PgRows>> answer;
  for (;;) {
    while (PQisBusy(connection_.get()) != 0) {
      if (!Wait(POLLIN, deadline)) return Lost("the server does not answer");
      if (PQconsumeInput(connection_.get()) == 0) return Lost(PQerrorMessage(connection_.get()));
    }
    PGresult* result = PQgetResult(connection_.get());
    if (result == nullptr) break;
    auto judged = Judge(result);
    if (!answer || *answer) answer = std::move(judged);
  }
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    return Lost(answer && !*answer ? answer->error().detail : PQerrorMessage(connection_.get()));
  }
  if (!answer) return Err("unavailable", "the server has no answer");
  return std::move(*answer);
}

Result<PgRows> PostgresConnection::Judge(PGresult* result) {
  PgRows rows(result);
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) {
    return rows;
  }
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  sqlstate_ = state == nullptr ? "" : state;
  const bool damaged = sqlstate_ == "XX001" || sqlstate_ == "XX002";
  return Err(damaged ? "corrupt" : "unavailable",
             OneLine(text == nullptr ? PQresultErrorMessage(result) : text));
}

Result<PgRows> PostgresConnection::Query(const char* sql, const PgParams& params) {
  sqlstate_.clear();
  if (auto done = Ensure(); !done) return Err(std::move(done.error()));
  if (!params.Send(connection_.get(), sql)) return Lost(PQerrorMessage(connection_.get()));
  return Finish();
}

Result<void> PostgresConnection::Execute(const char* sql) {
  sqlstate_.clear();
  if (auto done = Ensure(); !done) return done;
  if (PQsendQuery(connection_.get(), sql) != 1) return Lost(PQerrorMessage(connection_.get()));
  auto rows = Finish();
  if (!rows) return Err(std::move(rows.error()));
  return Ok();
}

Result<void> PostgresConnection::Begin(const char* sql) {
  sqlstate_.clear();
  if (auto done = Ensure(); !done) return done;
  in_transaction_ = true;
  auto begun = Execute(sql);
  if (!begun) Rollback();
  return begun;
}

Result<void> PostgresConnection::Commit() {
  auto done = Execute("COMMIT");
  if (done) in_transaction_ = false;
  return done;
}

void PostgresConnection::Rollback() {
  if (!in_transaction_) return;
  if (connection_ != nullptr && !Execute("ROLLBACK")) connection_.reset();
  in_transaction_ = false;
}

bool PostgresConnection::should_retry() const {
  return sqlstate_ == kSerializationFailure || sqlstate_ == kDeadlock;
}

}  // namespace trackwire::store
