#include "formats/attribute_list.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace trackwire::formats {
namespace {

/// Of a member of an object, with the comma or brace behind it.
size_t MemberBytes(std::string_view name, std::string_view json) {
  std::string key;
  base::AppendJsonString(key, name);
  return key.size() + 1 + json.size() + 1;
}

}  // namespace

std::optional<double> ReadNumber(std::string_view text) {
  text = base::Trim(text);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

void AttributeList::Add(std::string_view name, std::string json) {
  if (name.empty() || name.size() > kMaxNameBytes || !base::IsUtf8(name)) return;
  const auto found = std::find_if(items_.begin(), items_.end(),
                                  [&](const auto& item) { return item.first == name; });
  const bool is_new = found == items_.end();
  const size_t before = is_new ? 0 : MemberBytes(name, found->second);
  const size_t bytes = bytes_ - before + MemberBytes(name, json);
  if (bytes > kMaxBytes || (is_new && items_.size() == kMaxCount)) return;
  bytes_ = bytes;
  if (is_new) {
    items_.emplace_back(name, std::move(json));
  } else {
    found->second = std::move(json);
  }
}

void AttributeList::AddText(std::string_view name, std::string_view text) {
  if (text.empty() || text.size() > kMaxValueBytes || !base::IsUtf8(text)) return;
  std::string json;
  base::AppendJsonString(json, text);
  Add(name, std::move(json));
}

void AttributeList::AddNumber(std::string_view name, double value) {
  if (!std::isfinite(value)) return;
  std::string json;
  base::AppendJsonNumber(json, value);
  Add(name, std::move(json));
}

void AttributeList::AddBool(std::string_view name, bool value) {
  Add(name, value ? "true" : "false");
}

void AttributeList::AddGuessed(std::string_view name, std::string_view text) {
  if (const auto number = ReadNumber(text)) return AddNumber(name, *number);
  if (base::EqualsIgnoreCase(text, "true")) return AddBool(name, true);
  if (base::EqualsIgnoreCase(text, "false")) return AddBool(name, false);
  AddText(name, text);
}

void AttributeList::AddScalar(std::string_view name, base::JsonValue value) {
  switch (value.type) {
    case base::JsonType::kString: return AddText(name, base::DecodeJsonString(value.text));
    case base::JsonType::kTrue: return AddBool(name, true);
    case base::JsonType::kFalse: return AddBool(name, false);
    case base::JsonType::kNumber:
      if (const auto number = base::JsonNumber(value)) AddNumber(name, *number);
      return;
    default: return;
  }
}

std::string AttributeList::ToJson() const {
  if (items_.empty()) return {};
  std::string out = "{";
  for (const auto& [name, json] : items_) {
    if (out.size() > 1) out += ',';
    base::AppendJsonString(out, name);
    out += ':';
    out += json;
  }
  return out + '}';
}

}  // namespace trackwire::formats
