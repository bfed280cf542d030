// Walks a payload once for the placeholders of its attachments: a reader per value would read
// deeply nested text once a level.
#include "socketio/placeholders.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "socketio/packet.h"

namespace trackwire::socketio {
namespace {

/// The digits of a placeholder's number.
struct Digits {
  size_t at = 0;
  size_t size = 0;
  uint32_t num = 0;
};

class PlaceholderWalk {
 public:
  /// `found` may be null.
  PlaceholderWalk(std::string_view text, uint32_t attachments, std::vector<Digits>* found)
      : text_(text), attachments_(attachments), found_(found) {}

  /// False as soon as one names no attachment, unless they are to be found.
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
    Digits digits{};
  };

  bool Step(char c) {
    switch (c) {
      case '{':
      case '[':
        Value(false, std::nullopt);
        levels_.push_back({c == '{', c == '{', Key::kOther, false, std::nullopt, {}});
        ++at_;
        return true;
      case '}':
      case ']': {
        const Level level = levels_.back();
        levels_.pop_back();
        ++at_;
        return !level.placeholder || Names(level);
      }
      case ',':
        if (!levels_.empty() && levels_.back().object) levels_.back().key_next = true;
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

  /// Whether a placeholder names one of the attachments.
  bool Names(const Level& level) {
    const bool valid = level.num && *level.num >= 0 && *level.num < attachments_;
    if (found_ == nullptr) return valid;
    if (valid) {
      found_->push_back(
          {level.digits.at, level.digits.size, static_cast<uint32_t>(*level.num)});
    }
    return true;
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
    if (!levels_.empty() && levels_.back().key == Key::kNum) {
      levels_.back().digits = {at_, token.size(), 0};
    }
    at_ = end;
    const bool number = token[0] == '-' || (token[0] >= '0' && token[0] <= '9');
    Value(token == "true",
          number ? base::JsonInteger({base::JsonType::kNumber, token}) : std::nullopt);
  }

  std::string_view text_;
  uint32_t attachments_;
  std::vector<Digits>* found_;
  size_t at_ = 0;
  std::vector<Level> levels_;
};

}  // namespace

bool PlaceholdersValid(std::string_view payload, uint32_t attachments) {
  return PlaceholderWalk(payload, attachments, nullptr).Run();
}

void AppendWithAttachments(Args& out, std::string_view json,
                           const std::vector<std::string_view>& attachments) {
  if (attachments.empty()) {
    out.json += json;
    return;
  }
  std::vector<Digits> found;
  PlaceholderWalk(json, static_cast<uint32_t>(attachments.size()), &found).Run();
  const auto by_place = [](const Digits& a, const Digits& b) { return a.at < b.at; };
  std::sort(found.begin(), found.end(), by_place);
  std::vector<std::optional<size_t>> places(attachments.size());
  size_t done = 0;
  for (const Digits& digits : found) {
    auto& place = places[digits.num];
    if (!place) {
      place = out.attachments.size();
      out.attachments.emplace_back(attachments[digits.num]);
    }
    out.json += json.substr(done, digits.at - done);
    out.json += std::to_string(*place);
    done = digits.at + digits.size;
  }
  out.json += json.substr(done);
}

}  // namespace trackwire::socketio
