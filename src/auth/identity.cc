#include "auth/identity.h"

#include <algorithm>

#include "base/json_scanner.h"

namespace trackwire::auth {
namespace {

bool Contains(const std::vector<std::string>& list, std::string_view wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

void AppendSorted(std::string& out, std::vector<std::string> list) {
  std::sort(list.begin(), list.end());
  out += '[';
  for (const std::string& item : list) {
    base::AppendJsonString(out, item);
    out += ',';
  }
  out += ']';
}

}  // namespace

bool Identity::HasRole(std::string_view role) const { return Contains(roles, role); }

bool Identity::HasPermission(std::string_view permission) const {
  return Contains(permissions, permission);
}

std::string Identity::Fingerprint() const {
  if (!authenticated) return "anonymous";
  std::string out = "user:";
  if (!user.empty()) return out + user;
  AppendSorted(out, roles);
  AppendSorted(out, permissions);
  AppendSorted(out, clients);
  return out;
}

}  // namespace trackwire::auth
