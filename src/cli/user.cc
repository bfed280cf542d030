#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <functional>

#include "auth/identity.h"
#include "auth/password.h"
#include "base/fold_case.h"
#include "base/json_scanner.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/password_prompt.h"
#include "gateway/accounts.h"
#include "gateway/login_config_keys.h"
#include "gateway/user_rules.h"
#include "store/migration.h"
#include "store/store_url.h"
#include "store/user_store.h"

namespace trackwire::cli {
namespace {

using store::User;
using store::UserStore;

WallTime Now() { return Clock::System().WallNow(); }

int CodeOf(const Error& error) {
  return error.code == "bad_url" || error.code == "bad_password" ? kWrongUsage : kFailed;
}

int Fail(const Error& error) { return Complain(error.detail, CodeOf(error)); }

/// The lists of the command line as they are stored; says what is wrong with them.
Result<User> RightsOf(const Arguments& arguments) {
  User user;
  for (const auto* list : {&arguments.roles, &arguments.clients, &arguments.permissions}) {
    if (auto wrong = gateway::RefuseRights(*list)) return Err("bad_config", std::move(*wrong));
  }
  user.roles = arguments.roles;
  user.permissions = arguments.permissions;
  for (const std::string& client : arguments.clients) {
    auto id = ParseClientId(client);
    if (!id) return Err("bad_config", "--client: \"" + client + "\" is no id");
    user.clients.push_back(std::move(*id));
  }
  return user;
}

int Add(const Arguments& arguments, const gateway::Config& config, UserStore& users) {
  if (auto wrong = gateway::RefuseUserName(arguments.name)) return Complain(*wrong, kWrongUsage);
  auto user = RightsOf(arguments);
  if (!user) return Complain(user.error().detail, kWrongUsage);
  // Before anybody types a password for nothing; Add() looks again.
  auto found = users.Find(arguments.name);
  if (found) return Complain("there is a user " + found->name + " already", kFailed);
  if (found.error().code != "not_found") return Fail(found.error());
  auto password = ReadNewPassword();
  if (!password) return Fail(password.error());
  auto hash = auth::HashPassword(*password, gateway::PasswordCostOf(config));
  auth::Wipe(*password);
  if (!hash) return Fail(hash.error());
  user->name = arguments.name;
  user->password_hash = std::move(*hash);
  if (user->roles.empty()) user->roles = {"user"};
  user->created_at = user->changed_at = user->tokens_valid_from = Now();
  if (auto added = users.Add(*user); !added) return Fail(added.error());
  std::printf("added %s to %s\n", user->name.c_str(), 
              store::DescribeUrl(config.database_url).c_str());
  return kFine;
}

/// Changes the named user by `edit`, which says whether there is anything to do.
int Change(UserStore& users, const std::string& name, const char* done,
           const std::function<bool(User&)>& edit) {
  auto changed = users.Change(name, [&edit](User& user) {
    if (!edit(user)) return false;
    user.changed_at = Now();
    return true;
  });
  if (!changed) return Fail(changed.error());
  std::printf("%s %s\n", done, changed->name.c_str());
  return kFine;
}

int Enable(UserStore& users, const std::string& name, bool enabled) {
  return Change(users, name, enabled ? "enabled" : "disabled", [enabled](User& user) {
    if (user.disabled != enabled) return false;
    user.disabled = !enabled;
    if (!enabled) user.tokens_valid_from = gateway::EndTokens(user, Now());
    return true;
  });
}

int SetPassword(const gateway::Config& config, UserStore& users, const std::string& name) {
  auto found = users.Find(name);
  if (!found) return Fail(found.error());
  auto password = ReadNewPassword();
  if (!password) return Fail(password.error());
  auto hash = auth::HashPassword(*password, gateway::PasswordCostOf(config));
  auth::Wipe(*password);
  if (!hash) return Fail(hash.error());
  return Change(users, name, "set the password of", [&hash](User& user) {
    user.password_hash = *hash;
    user.tokens_valid_from = gateway::EndTokens(user, Now());
    return true;
  });
}

int SetRights(const Arguments& arguments, UserStore& users) {
  const auto both = [](const std::vector<std::string>& list, bool none) {
    return !list.empty() && none;
  };
  if (both(arguments.roles, arguments.no_roles) || both(arguments.clients, arguments.no_clients) ||
      both(arguments.permissions, arguments.no_permissions)) {
    return Complain("give a list, or take it away, not both", kWrongUsage);
  }
  auto rights = RightsOf(arguments);
  if (!rights) return Complain(rights.error().detail, kWrongUsage);
  const bool roles = !rights->roles.empty() || arguments.no_roles;
  const bool clients = !rights->clients.empty() || arguments.no_clients;
  const bool permissions = !rights->permissions.empty() || arguments.no_permissions;
  if (!roles && !clients && !permissions) {
    return Complain("user set: say what to change, as --help tells", kWrongUsage);
  }
  return Change(users, arguments.name, "changed", [&](User& user) {
    if (roles) user.roles = rights->roles;
    if (clients) user.clients = rights->clients;
    if (permissions) user.permissions = rights->permissions;
    return true;
  });
}

std::string UserJson(const User& user) {
  std::string out = R"({"name":)";
  base::AppendJsonString(out, user.name);
  out += R"(,"roles":)";
  base::AppendJsonArray(out, user.roles, false);
  out += R"(,"clients":)";
  base::AppendJsonArray(out, user.clients, true);
  out += R"(,"permissions":)";
  base::AppendJsonArray(out, user.permissions, false);
  out += std::string(R"(,"disabled":)") + (user.disabled ? "true" : "false");
  out += R"(,"created_at":")" + base::FormatTime(user.created_at);
  return out + R"(","changed_at":")" + base::FormatTime(user.changed_at) + "\"}";
}

std::string Joined(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ",") + item;
  return out.empty() ? "-" : out;
}

void PrintTable(const std::vector<User>& users) {
  using Row = std::vector<std::string>;
  std::vector<Row> rows = {{"NAME", "STATE", "ROLES", "CLIENTS", "PERMISSIONS", "CHANGED"}};
  for (const User& user : users) {
    rows.push_back({user.name, user.disabled ? "disabled" : "enabled", Joined(user.roles),
                    Joined(user.clients), Joined(user.permissions),
                    base::FormatTime(user.changed_at)});
  }
  Row::size_type columns = rows.front().size();
  std::vector<size_t> widths(columns);
  for (const Row& row : rows) {
    for (size_t i = 0; i < columns; ++i) {
      widths[i] = std::max(widths[i], base::CountCharacters(row[i]));
    }
  }
  for (const Row& row : rows) {
    std::string line;
    for (size_t i = 0; i < columns; ++i) {
      line += row[i];
      if (i + 1 < columns) line.append(widths[i] + 2 - base::CountCharacters(row[i]), ' ');
    }
    std::printf("%s\n", line.c_str());
  }
}

int List(const Arguments& arguments, UserStore& users) {
  auto all = users.Users();
  if (!all) return Fail(all.error());
  if (!arguments.json) {
    PrintTable(*all);
    return kFine;
  }
  std::string out = "[";
  for (const User& user : *all) out += (out.size() > 1 ? ",\n " : "") + UserJson(user);
  std::printf("%s]\n", out.c_str());
  return kFine;
}

}  // namespace

int ManageUsers(const Arguments& arguments, const gateway::Config& config) {
  // As the server: the database is its user's alone.
  ::umask(0077);
  const std::string name = store::DescribeUrl(config.database_url);
  if (name == "sqlite::memory:") {
    return Complain("database.url: users of a store in memory are nobody else's", kWrongUsage);
  }
  // Only a first user is a reason to make a store: a typo in its name must not look like an empty
  // one.
  if (arguments.verb != "add") {
    auto schema = store::CheckSchema(config.database_url);
    if (!schema) return Complain(name + ": " + schema.error().detail, CodeOf(schema.error()));
    if (schema->version == 0) {
      return Complain(name + ": there is no store here; run this in the server's directory or with "
                      "its configuration", kFailed);
    }
  }
  auto users = store::OpenUserStore(config.database_url);
  if (!users) return Complain(name + ": " + users.error().detail, CodeOf(users.error()));
  const std::string& verb = arguments.verb;
  if (verb == "add") return Add(arguments, config, **users);
  if (verb == "list") return List(arguments, **users);
  if (verb == "set") return SetRights(arguments, **users);
  if (verb == "passwd") return SetPassword(config, **users, arguments.name);
  return Enable(**users, arguments.name, verb == "enable");
}

}  // namespace trackwire::cli
