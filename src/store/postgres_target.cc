#include "store/postgres_target.h"

#include <libpq-fe.h>

#include <memory>

namespace trackwire::store {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

std::string Or(const std::map<std::string, std::string>& options, const char* key,
               const char* otherwise) {
  const auto found = options.find(key);
  return found == options.end() || found->second.empty() ? otherwise : found->second;
}

}  // namespace

Result<PostgresTarget> PostgresTarget::Parse(const std::string& url) {
  const bool is_text = url.find('\0') == std::string::npos;
  // What libpq says about a bad one repeats parts of it, and so perhaps of the password.
  char* complaint = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> parsed(
      is_text ? PQconninfoParse(url.c_str(), &complaint) : nullptr);
  PQfreemem(complaint);
  if (parsed == nullptr) {
    return Err("bad_url",
               "database.url is no PostgreSQL URL: write "
               "postgresql://user:password@host:5432/database, other characters as %XX");
  }
  PostgresTarget target;
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) target.options[option->keyword] = option->val;
  }
  return target;
}

std::string PostgresTarget::ToString() const {
  std::string text = "postgresql://" + Or(options, "host", Or(options, "hostaddr", "").c_str());
  const std::string port = Or(options, "port", "");
  if (!port.empty()) text += ":" + port;
  return text + "/" + Or(options, "dbname", Or(options, "user", "").c_str());
}

}  // namespace trackwire::store
