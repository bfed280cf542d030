#include "geocoding/json_text.h"

#include <utility>

namespace trackwire::geocoding {

void JsonObjectText::Name(std::string_view name) {
  out_ += out_.size() > 1 ? ",\"" : "\"";
  out_ += name;
  out_ += "\":";
}

JsonObjectText& JsonObjectText::Text(std::string_view name, std::string_view text) {
  Name(name);
  base::AppendJsonString(out_, text);
  return *this;
}

JsonObjectText& JsonObjectText::Number(std::string_view name, double value) {
  Name(name);
  base::AppendJsonNumber(out_, value);
  return *this;
}

JsonObjectText& JsonObjectText::Integer(std::string_view name, int64_t value) {
  return Raw(name, std::to_string(value));
}

JsonObjectText& JsonObjectText::Bool(std::string_view name, bool value) {
  return Raw(name, value ? "true" : "false");
}

JsonObjectText& JsonObjectText::Raw(std::string_view name, std::string_view json) {
  Name(name);
  out_ += json;
  return *this;
}

std::string JsonObjectText::Take() {
  out_ += '}';
  return std::exchange(out_, "{");
}

std::optional<base::JsonValue> ObjectOf(std::string_view text) {
  const auto value = base::ScanJson(text);
  if (!value || !value->is_object()) return std::nullopt;
  return *value;
}

std::optional<std::string> TextIn(base::JsonValue object, std::string_view name) {
  const auto member = base::FindMember(object, name);
  if (!member || !member->is_string()) return std::nullopt;
  return base::DecodeJsonString(member->text);
}

std::optional<double> NumberIn(base::JsonValue object, std::string_view name) {
  const auto member = base::FindMember(object, name);
  if (!member || !member->is_number()) return std::nullopt;
  return base::JsonNumber(*member);
}

std::optional<int64_t> IntegerIn(base::JsonValue object, std::string_view name) {
  const auto member = base::FindMember(object, name);
  if (!member || !member->is_number()) return std::nullopt;
  return base::JsonInteger(*member);
}

std::optional<WallTime> TimeIn(base::JsonValue object, std::string_view name) {
  const auto ms = IntegerIn(object, name);
  if (!ms) return std::nullopt;
  return WallTime(std::chrono::milliseconds(*ms));
}

std::optional<base::JsonValue> ObjectIn(base::JsonValue object, std::string_view name) {
  auto member = base::FindMember(object, name);
  if (!member || !member->is_object()) return std::nullopt;
  return member;
}

}  // namespace trackwire::geocoding
