#include "formats/json_object.h"

#include <charconv>
#include <cmath>

#include "base/text.h"

namespace trackwire::formats {
namespace {

constexpr size_t kMaxNumberText = 40;
constexpr double kEndOfTimeSeconds = 253'402'300'800;  // the year 10000

}  // namespace

std::optional<double> NumberOf(base::JsonValue value) {
  if (value.is_number()) return base::JsonNumber(value);
  if (!value.is_string() || value.text.size() > kMaxNumberText) return std::nullopt;
  std::string_view text = value.text.substr(1, value.text.size() - 2);
  text = base::Trim(text);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<bool> BoolOf(base::JsonValue value) {
  using base::JsonType;
  if (value.type == JsonType::kTrue) return true;
  if (value.type == JsonType::kFalse) return false;
  if (!value.is_number() && !value.is_string()) return std::nullopt;
  if (value.text == "1" || value.text == "\"1\"" || value.text == "\"true\"") return true;
  if (value.text == "0" || value.text == "\"0\"" || value.text == "\"false\"") return false;
  return std::nullopt;
}

std::optional<base::JsonValue> JsonObject::Find(std::string_view name) const {
  auto value = base::FindMember(object_, name);
  if (value && value->is_null()) return std::nullopt;
  return value;
}

std::optional<double> JsonObject::Number(std::string_view name) const {
  const auto value = Find(name);
  return value ? NumberOf(*value) : std::nullopt;
}

std::optional<double> JsonObject::Known(std::string_view name) const {
  const auto number = Number(name);
  return number && *number >= 0 ? number : std::nullopt;
}

std::optional<bool> JsonObject::Bool(std::string_view name) const {
  const auto value = Find(name);
  return value ? BoolOf(*value) : std::nullopt;
}

std::optional<std::string> JsonObject::Text(std::string_view name) const {
  const auto value = Find(name);
  if (!value || !value->is_string()) return std::nullopt;
  return base::DecodeJsonString(value->text);
}

std::string JsonObject::Label(std::string_view name) const {
  std::string text = Text(name).value_or("");
  if (text.size() > Attributes::kMaxTextBytes) text.clear();
  return text;
}

std::optional<JsonObject> JsonObject::Object(std::string_view name) const {
  const auto value = Find(name);
  if (!value || !value->is_object()) return std::nullopt;
  return JsonObject(*value);
}

std::optional<double> Direction(std::optional<double> degrees) {
  if (!degrees || !(*degrees >= 0) || *degrees > 360) return std::nullopt;
  return *degrees == 360 ? 0 : *degrees;
}

std::optional<WallTime> EpochSeconds(double seconds) {
  if (!(seconds > 0) || seconds >= kEndOfTimeSeconds) return std::nullopt;
  return WallTime(std::chrono::milliseconds(std::llround(seconds * 1'000)));
}

void Attributes::AddRaw(std::string_view name, std::string_view json) {
  std::string key;
  base::AppendJsonString(key, name);
  if (count_ == kMaxCount || text_.size() + key.size() + json.size() + 3 > kMaxBytes) return;
  text_ += count_++ == 0 ? '{' : ',';
  text_ += key;
  text_ += ':';
  text_ += json;
}

void Attributes::Add(std::string_view name, double number) {
  if (!std::isfinite(number)) return;
  std::string json;
  base::AppendJsonNumber(json, number);
  AddRaw(name, json);
}

void Attributes::Add(std::string_view name, bool yes) { AddRaw(name, yes ? "true" : "false"); }

void Attributes::Add(std::string_view name, std::string_view text) {
  if (text.size() > kMaxTextBytes) return;
  std::string json;
  base::AppendJsonString(json, text);
  AddRaw(name, json);
}

void Attributes::AddScalar(std::string_view name, base::JsonValue value) {
  using base::JsonType;
  switch (value.type) {
    case JsonType::kTrue:
    case JsonType::kFalse: return Add(name, value.type == JsonType::kTrue);
    case JsonType::kNumber: return Add(name, base::JsonNumber(value));
    case JsonType::kString:
      if (value.text.size() <= 6 * kMaxTextBytes) Add(name, base::DecodeJsonString(value.text));
      return;
    case JsonType::kNull:
    case JsonType::kArray:
    case JsonType::kObject: return;
  }
}

std::string Attributes::Take() {
  if (count_ == 0) return {};
  text_ += '}';
  count_ = 0;
  return std::move(text_);
}

}  // namespace trackwire::formats
