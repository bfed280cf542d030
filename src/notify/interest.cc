#include "notify/interest.h"

#include <string>

#include "base/json_scanner.h"

namespace trackwire::notify {
namespace {

using tracking::Id;

Result<std::set<Id>> ReadIds(base::JsonValue object, const char* name, size_t max_ids) {
  std::set<Id> ids;
  const auto list = base::FindMember(object, name);
  if (!list || list->is_null()) return ids;
  if (!list->is_array()) {
    return Err("invalid_request", std::string(name) + " is not an array of ids");
  }
  base::JsonArrayReader items(*list);
  while (const auto item = items.Next()) {
    auto id = Id::FromJson(item->text);
    if (!id) {
      return Err("invalid_request", std::string(name) + " has a member that is neither a string of "
                                                        "1 to 128 bytes nor an integer");
    }
    ids.insert(std::move(*id));
    if (ids.size() > max_ids) {
      return Err("too_many_subscriptions",
                 "a connection can subscribe to " + std::to_string(max_ids) + " ids at most");
    }
  }
  return ids;
}

}  // namespace

Result<Interest> ReadInterest(std::string_view args_json, size_t max_ids, bool any_box) {
  const auto args = base::ScanJson(args_json);
  std::optional<base::JsonValue> object;
  if (args && args->is_array()) object = base::JsonArrayReader(*args).Next();
  if (!object || !object->is_object()) {
    return Err("invalid_request", "the first argument is not an object");
  }
  auto trackers = ReadIds(*object, "trackers", max_ids);
  if (!trackers) return Err(std::move(trackers.error()));
  auto clients = ReadIds(*object, "clients", max_ids);
  if (!clients) return Err(std::move(clients.error()));
  Interest interest{std::move(*trackers), std::move(*clients), std::nullopt, false};
  const auto box = base::FindMember(*object, "bbox");
  interest.names_box = box && (any_box || !box->is_null());
  if (any_box || !interest.names_box) return interest;
  auto read = tracking::ReadBox(*box);
  if (!read) return Err(std::move(read.error()));
  interest.box = *read;
  return interest;
}

}  // namespace trackwire::notify
