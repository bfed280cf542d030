#include "formats/json_pointer.h"

#include <algorithm>
#include <charconv>

namespace trackwire::formats {
namespace {

constexpr size_t kMaxSteps = 32;

/// `~1` is a slash and `~0` a tilde; nothing for another use of the tilde.
std::optional<std::string> Unescaped(std::string_view step) {
  std::string out;
  for (size_t i = 0; i < step.size(); ++i) {
    if (step[i] != '~') {
      out += step[i];
      continue;
    }
    ++i;
    if (i == step.size() || (step[i] != '0' && step[i] != '1')) return std::nullopt;
    out += step[i] == '0' ? '~' : '/';
  }
  return out;
}

std::optional<size_t> IndexOf(std::string_view step) {
  size_t index = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  if (step.empty() || error != std::errc() || end != step.data() + step.size()) return std::nullopt;
  if (step.size() > 1 && step[0] == '0') return std::nullopt;
  return index;
}

std::optional<base::JsonValue> Element(base::JsonValue array, size_t index) {
  base::JsonArrayReader reader(array);
  auto element = reader.Next();
  for (; index > 0 && element; --index) element = reader.Next();
  return element;
}

}  // namespace

Result<JsonPointer> JsonPointer::Parse(std::string_view text) {
  JsonPointer pointer;
  pointer.text_ = text;
  if (text.empty()) return pointer;
  if (text[0] != '/') {
    return Err("bad_pointer", "\"" + pointer.text_ + "\" does not begin with a slash");
  }
  for (size_t at = 1; at <= text.size();) {
    const size_t end = std::min(text.find('/', at), text.size());
    auto step = Unescaped(text.substr(at, end - at));
    if (!step) return Err("bad_pointer", "\"" + pointer.text_ + "\" has a lone ~");
    pointer.steps_.push_back(std::move(*step));
    at = end + 1;
  }
  if (pointer.steps_.size() > kMaxSteps) return Err("bad_pointer", "it has too many steps");
  return pointer;
}

void JsonItem::Set(base::JsonValue value) {
  value_ = value;
  members_.clear();
  if (!value.is_object()) return;
  for (base::JsonObjectReader reader(value); auto member = reader.Next();) {
    members_.push_back(*member);
  }
}

std::optional<base::JsonValue> JsonItem::Member(std::string_view name) const {
  const auto found = std::find_if(members_.rbegin(), members_.rend(),
                                  [&](const base::JsonMember& m) { return m.KeyIs(name); });
  return found == members_.rend() ? std::nullopt : std::optional(found->value);
}

std::optional<base::JsonValue> JsonPointer::FindFrom(std::optional<base::JsonValue> value,
                                                     size_t step) const {
  for (; value && step < steps_.size(); ++step) {
    if (value->is_object()) {
      value = base::FindMember(*value, steps_[step]);
    } else if (value->is_array()) {
      const auto index = IndexOf(steps_[step]);
      value = index ? Element(*value, *index) : std::nullopt;
    } else {
      value.reset();
    }
  }
  return value;
}

std::optional<base::JsonValue> JsonPointer::Find(base::JsonValue root) const {
  return FindFrom(root, 0);
}

std::optional<base::JsonValue> JsonPointer::Find(const JsonItem& item) const {
  if (steps_.empty() || !item.value().is_object()) return FindFrom(item.value(), 0);
  return FindFrom(item.Member(steps_[0]), 1);
}

}  // namespace trackwire::formats
