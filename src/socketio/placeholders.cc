// Walks a payload once to check the placeholders of its attachments: a reader per value would
// read deeply nested text once a level.
#include <algorithm>
#include <optional>
#include <vector>

#include "socketio/packet.h"

namespace trackwire::socketio {
namespace {

class PlaceholderCheck {
 public:
  PlaceholderCheck(std::string_view text, uint32_t attachments)
      : text_(text), attachments_(attachments) {}

  bool Run() {
    while (at_ < text_.size()) {
      if (!Step(text_[at_])) return false;
    }
    return true;
  }

 private:
  enum class Key : uint8_t { kOther, kPlaceholder, kNum };
  struct Level {
    bool object = false;
    bool key_next = false;
    Key key = Key::kOther;
    bool placeholder = false;
    std::optional<int64_t> num;
  };

  bool Step(char c) {
    switch (c) {
      case '{':
      case '[':
        Value(false, std::nullopt);
        levels_.push_back({c == '{', c == '{', Key::kOther, false, std::nullopt});
        ++at_;
        return true;
      case '}':
      case ']': {
        const Level level = levels_.back();
        levels_.pop_back();
        ++at_;
        return !level.placeholder || (level.num && *level.num >= 0 && *level.num < attachments_);
      }
      case ',':
        if (levels_.back().object) levels_.back().key_next = true;
        ++at_;
        return true;
      case '"':
        String();
        return true;
      case ' ':
      case '\t':
      case '\n':
      case '\r':
      case ':':
        ++at_;
        return true;
      default:
        Scalar();
        return true;
    }
  }

  void Value(bool is_true, std::optional<int64_t> integer) {
    if (levels_.empty() || !levels_.back().object) return;
    Level& level = levels_.back();
    if (level.key == Key::kPlaceholder) level.placeholder = is_true;
    if (level.key == Key::kNum) level.num = integer;
  }

  void String() {
    const size_t start = at_++;
    bool escaped = false;
    while (text_[at_] != '"') {
      if (text_[at_] == '\\') {
        escaped = true;
        ++at_;
      }
      ++at_;
    }
    ++at_;
    if (levels_.empty() || !levels_.back().key_next) return Value(false, std::nullopt);
    const std::string_view raw = text_.substr(start, at_ - start);
    levels_.back().key_next = false;
    levels_.back().key =
        escaped ? KeyOf(base::DecodeJsonString(raw)) : KeyOf(raw.substr(1, raw.size() - 2));
  }

  static Key KeyOf(std::string_view name) {
    if (name == "_placeholder") return Key::kPlaceholder;
    return name == "num" ? Key::kNum : Key::kOther;
  }

  void Scalar() {
    const size_t end = std::min(text_.find_first_of(",]} \t\n\r", at_), text_.size());
    const std::string_view token = text_.substr(at_, end - at_);
    at_ = end;
    const bool number = token[0] == '-' || (token[0] >= '0' && token[0] <= '9');
    Value(token == "true",
          number ? base::JsonInteger({base::JsonType::kNumber, token}) : std::nullopt);
  }

  std::string_view text_;
  uint32_t attachments_;
  size_t at_ = 0;
  std::vector<Level> levels_;
};

}  // namespace

bool PlaceholdersValid(std::string_view payload, uint32_t attachments) {
  return PlaceholderCheck(payload, attachments).Run();
}

}  // namespace trackwire::socketio
