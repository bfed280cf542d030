#include "tests/store/backends.h"

#include "tests/support/temp_dir.h"

namespace trackwire::store {
namespace {

class SqliteBackend final : public Backend {
 public:
  std::string url() const override { return "sqlite://" + directory_.File("trackwire.db"); }

 private:
  test::TempDir directory_;
};

template <typename T>
std::unique_ptr<Backend> Make() {
  return std::make_unique<T>();
}

}  // namespace

std::vector<BackendKind> Backends() { return {{"Sqlite", &Make<SqliteBackend>}}; }

}  // namespace trackwire::store
