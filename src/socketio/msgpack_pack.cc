// From JSON to MessagePack. MessagePack says before a container how many values are in it, JSON
// does not: one walk counts, a second one writes. Neither recurses.
#include <charconv>
#include <cmath>
#include <optional>

#include "base/json_scanner.h"
#include "socketio/msgpack_json.h"

namespace trackwire::socketio {
namespace {

/// An array or an object, in the order in which they open.
struct Container {
  size_t count = 0;
  size_t end = 0;            // behind its closing bracket
  size_t next = 0;           // the first container that opens behind it
  bool placeholder = false;  // `_placeholder` is true
  std::optional<int64_t> num;
};

/// One token of a text that ScanJson() would accept: a bracket, a string or a scalar.
std::string_view NextToken(std::string_view text, size_t& at) {
  at = text.find_first_not_of(" \t\r\n", at);
  if (at == std::string_view::npos) {
    at = text.size();
    return {};
  }
  const size_t start = at;
  if (text[start] == '"') {
    for (++at; text[at] != '"'; ++at) at += text[at] == '\\' ? 1 : 0;
    ++at;
  } else if (std::string_view("[]{},:").find(text[start]) != std::string_view::npos) {
    ++at;
  } else {
    at = std::min(text.find_first_of(",:]} \t\r\n", at), text.size());
  }
  return text.substr(start, at - start);
}

class Counter {
 public:
  explicit Counter(std::string_view text) : text_(text) {}

  std::vector<Container> Run() {
    containers_.emplace_back();  // stands for the text itself
    open_.push_back({0, false, false, {}});
    for (size_t at = 0; at < text_.size();) {
      const std::string_view token = NextToken(text_, at);
      if (!token.empty()) Step(token, at);
    }
    return std::move(containers_);
  }

 private:
  struct Open {
    size_t index;
    bool object;
    bool key_next;
    std::string_view key;
  };

  void Step(std::string_view token, size_t at) {
    switch (token[0]) {
      case '[':
      case '{':
        Value({});
        open_.push_back({containers_.size(), token[0] == '{', token[0] == '{', {}});
        containers_.emplace_back();
        return;
      case ']':
      case '}': {
        Container& closed = containers_[open_.back().index];
        closed.end = at;
        closed.next = containers_.size();
        open_.pop_back();
        return;
      }
      case ',':
        open_.back().key_next = open_.back().object;
        return;
      case ':':
        return;
      default:
        if (open_.back().key_next) {
          open_.back().key_next = false;
          open_.back().key = token;
        } else {
          Value(token);
        }
    }
  }

  /// `token` is empty for a container.
  void Value(std::string_view token) {
    const Open& open = open_.back();
    Container& into = containers_[open.index];
    ++into.count;
    if (!open.object) return;
    const base::JsonMember member{open.key, {}};
    if (member.KeyIs("_placeholder")) into.placeholder = token == "true";
    if (member.KeyIs("num")) into.num = Integer(token);
  }

  static std::optional<int64_t> Integer(std::string_view token) {
    if (token.empty() || (token[0] != '-' && (token[0] < '0' || token[0] > '9'))) {
      return std::nullopt;
    }
    return base::JsonInteger({base::JsonType::kNumber, token});
  }

  std::string_view text_;
  std::vector<Container> containers_;
  std::vector<Open> open_;
};

void PackNumber(MsgpackWriter& writer, std::string_view token) {
  constexpr double kLargest = 9'007'199'254'740'991;
  const base::JsonValue value{base::JsonType::kNumber, token};
  const auto number = base::JsonNumber(value);
  if (!number) return writer.Nil();  // beyond every double: JSON.parse makes it infinite
  if (std::fabs(*number) <= kLargest && *number == std::trunc(*number)) {
    return writer.Int(static_cast<int64_t>(*number));
  }
  writer.Double(*number);
}

void PackScalar(MsgpackWriter& writer, std::string_view token) {
  switch (token[0]) {
    case '"':
      if (token.find('\\') == std::string_view::npos) {
        return writer.String(token.substr(1, token.size() - 2));
      }
      return writer.String(base::DecodeJsonString(token));
    case 't':
    case 'f':
      return writer.Bool(token[0] == 't');
    case 'n':
      return writer.Nil();
    default:
      return PackNumber(writer, token);
  }
}

/// A client may name one large attachment in thousands of placeholders: beyond this many bytes
/// of repetition the places stay empty.
constexpr size_t kMaxRepeatedBytes = 1'000'000;

class AttachmentWriter {
 public:
  AttachmentWriter(MsgpackWriter& writer, const std::vector<std::string>& attachments)
      : writer_(writer), attachments_(attachments), used_(attachments.size()) {}

  bool Has(const Container& container) const {
    return container.placeholder && container.num && *container.num >= 0 &&
           static_cast<uint64_t>(*container.num) < attachments_.size();
  }
  void Write(const Container& container) {
    const auto index = static_cast<size_t>(*container.num);
    const std::string& bytes = attachments_[index];
    if (used_[index]) {
      if (bytes.size() > repeatable_) return writer_.Nil();
      repeatable_ -= bytes.size();
    }
    used_[index] = true;
    writer_.Binary(bytes);
  }

 private:
  MsgpackWriter& writer_;
  const std::vector<std::string>& attachments_;
  std::vector<bool> used_;
  size_t repeatable_ = kMaxRepeatedBytes;
};

size_t Pack(std::string& out, std::string_view text, const std::vector<std::string>& attachments) {
  const std::vector<Container> containers = Counter(text).Run();
  MsgpackWriter writer(out);
  AttachmentWriter binary(writer, attachments);
  size_t opened = 1;
  for (size_t at = 0; at < text.size();) {
    const std::string_view token = NextToken(text, at);
    if (token.empty() || std::string_view("]},:").find(token[0]) != std::string_view::npos)
      continue;
    if (token[0] != '[' && token[0] != '{') {
      PackScalar(writer, token);
      continue;
    }
    const Container& container = containers[opened++];
    if (binary.Has(container)) {
      binary.Write(container);
      at = container.end;
      opened = container.next;
    } else if (token[0] == '[') {
      writer.Array(container.count);
    } else {
      writer.Map(container.count);
    }
  }
  return containers[0].count;
}

}  // namespace

PackedArgs PackArgs(const Args& args) {
  PackedArgs packed;
  packed.count = Pack(packed.bytes, args.json, args.attachments);
  return packed;
}

void PackJson(std::string& out, std::string_view json) { Pack(out, json, {}); }

}  // namespace trackwire::socketio
