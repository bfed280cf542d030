#include "api/graphql_json.h"

namespace trackwire::api {

namespace json = boost::json;

namespace {

json::value NumberOf(base::JsonValue value) {
  if (const auto whole = base::JsonInteger(value)) return json::value(*whole);
  const auto number = base::JsonNumber(value);
  return number ? json::value(*number) : json::value();
}

}  // namespace

json::value TreeOf(base::JsonValue value) {
  switch (value.type) {
    case base::JsonType::kNull: return {};
    case base::JsonType::kFalse: return json::value(false);
    case base::JsonType::kTrue: return json::value(true);
    case base::JsonType::kNumber: return NumberOf(value);
    case base::JsonType::kString: return json::value(base::DecodeJsonString(value.text));
    case base::JsonType::kArray: {
      json::array array;
      base::JsonArrayReader items(value);
      while (const auto item = items.Next()) array.push_back(TreeOf(*item));
      return array;
    }
    case base::JsonType::kObject: break;
  }
  json::object object;
  base::JsonObjectReader members(value);
  while (const auto member = members.Next()) {
    object.insert_or_assign(base::DecodeJsonString(member->raw_key), TreeOf(member->value));
  }
  return object;
}

}  // namespace trackwire::api
