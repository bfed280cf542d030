#include "graphql/resolver.h"

namespace trackwire::graphql {

Resolved Resolved::Texts(const std::vector<std::string>& texts) {
  List list;
  list.reserve(texts.size());
  for (const std::string& text : texts) list.emplace_back(text);
  return list;
}

const json::value* Call::Find(std::string_view name) const {
  const json::value* value = arguments_.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<std::string> Call::Text(std::string_view name) const {
  const json::value* value = Find(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

std::optional<int64_t> Call::Integer(std::string_view name) const {
  const json::value* value = Find(name);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

std::optional<double> Call::Number(std::string_view name) const {
  const json::value* value = Find(name);
  if (value == nullptr || !value->is_double()) return std::nullopt;
  return value->get_double();
}

bool Call::Flag(std::string_view name) const {
  const json::value* value = Find(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

Bindings& Bindings::Field(std::string type, std::string field, Get get) {
  CHECK(fields_.emplace(std::pair(std::move(type), std::move(field)), std::move(get)).second);
  return *this;
}

Bindings& Bindings::AsyncField(std::string type, std::string field, Ask ask) {
  CHECK(fields_.emplace(std::pair(std::move(type), std::move(field)), std::move(ask)).second);
  return *this;
}

Bindings& Bindings::Scalar(std::string name, graphql::Scalar scalar) {
  CHECK(scalars_.emplace(std::move(name), std::move(scalar)).second);
  return *this;
}

}  // namespace trackwire::graphql
