#include "tests/store/backends.h"

#include "tests/support/postgres_server.h"
#include "tests/support/temp_dir.h"

namespace trackwire::store {
namespace {

class SqliteBackend final : public Backend {
 public:
  std::string url() const override { return "sqlite://" + directory_.File("trackwire.db"); }

 private:
  test::TempDir directory_;
};

class PostgresBackend final : public Backend {
 public:
  ~PostgresBackend() override { Server().DropDatabase(name_); }
  std::string url() const override { return Server().Url(name_); }

 private:
  static test::PostgresServer& Server() { return test::PostgresServer::Shared(); }

  const std::string name_ = Server().CreateDatabase();
};

template <typename T>
std::unique_ptr<Backend> Make() {
  return std::make_unique<T>();
}

}  // namespace

std::vector<BackendKind> Backends() {
  return {{"Sqlite", &Make<SqliteBackend>}, {"Postgres", &Make<PostgresBackend>}};
}

}  // namespace trackwire::store
