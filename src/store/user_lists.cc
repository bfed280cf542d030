#include "store/user_lists.h"

#include "base/json_scanner.h"

namespace trackwire::store {
namespace {

bool ReadList(std::string_view json, bool items_are_json, std::vector<std::string>& out) {
  const auto value = base::ScanJson(json);
  if (!value || !value->is_array()) return false;
  base::JsonArrayReader items(*value);
  while (auto item = items.Next()) {
    if (!items_are_json && !item->is_string()) return false;
    out.push_back(items_are_json ? std::string(item->text) : base::DecodeJsonString(item->text));
  }
  return true;
}

}  // namespace

std::string TextsJson(const std::vector<std::string>& texts) {
  std::string json;
  base::AppendJsonArray(json, texts, false);
  return json;
}

std::string IdsJson(const std::vector<std::string>& ids) {
  std::string json;
  base::AppendJsonArray(json, ids, true);
  return json;
}

Result<void> ReadRights(std::string_view roles, std::string_view clients,
                        std::string_view permissions, User& user) {
  if (ReadList(roles, false, user.roles) && ReadList(clients, true, user.clients) &&
      ReadList(permissions, false, user.permissions)) {
    return Ok();
  }
  return Err("corrupt", "what user " + user.name + " may do cannot be read");
}

}  // namespace trackwire::store
