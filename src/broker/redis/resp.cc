#include "broker/redis/resp.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace trackwire::broker {
namespace {

/// Of a simple string or error; those of Redis are a few hundred bytes.
constexpr size_t kMaxTextLine = 1u << 20;
/// Of a length or a number; big numbers are text.
constexpr size_t kMaxNumberLine = 64;
/// Places made ahead for the items of an array: a length is only a promise.
constexpr size_t kMaxItemsAhead = 64;
constexpr size_t kVerbatimPrefix = 4;

std::optional<int64_t> ParseInteger(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> ParseDouble(std::string_view text) {
  if (text == "inf" || text == "+inf") return std::numeric_limits<double>::infinity();
  if (text == "-inf") return -std::numeric_limits<double>::infinity();
  if (text == "nan" || text == "-nan") return std::numeric_limits<double>::quiet_NaN();
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  if (text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // Out of range is a number still, which a double cannot hold: Redis sends none.
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool IsTextLine(char type) { return type == '+' || type == '-' || type == '('; }

}  // namespace

const RespValue* RespValue::Find(std::string_view key) const {
  if (type != Type::kMap && type != Type::kArray) return nullptr;
  for (size_t i = 0; i + 1 < items.size(); i += 2) {
    if (items[i].is_string() && items[i].text == key) return &items[i + 1];
  }
  return nullptr;
}

const char* ToString(RespError error) {
  switch (error) {
    case RespError::kBadType: return "bad type";
    case RespError::kBadLength: return "bad length";
    case RespError::kBadNumber: return "bad number";
    case RespError::kBadEnd: return "bad line end";
    case RespError::kTooLarge: return "too large";
    case RespError::kTooDeep: return "too deep";
  }
  return "";
}

struct RespReader::State {
  explicit State(RespLimits with) : limits(with) {}

  /// An array that still misses items.
  struct Open {
    RespValue value;
    size_t missing = 0;
    bool dropped = false;  ///< attributes
  };
  using Step = Result<void, RespError>;

  Step Read(std::string_view& bytes, std::vector<RespValue>& values);
  Step ReadLine(std::string_view& bytes, std::vector<RespValue>& values);
  Step ReadText(std::string_view& bytes, std::vector<RespValue>& values);
  Step OnLine(char type, std::string_view line, std::vector<RespValue>& values);
  Step OnScalar(char type, std::string_view line, std::vector<RespValue>& values);
  Step OpenText(char type, std::string_view length, std::vector<RespValue>& values);
  Step OpenItems(char type, std::string_view length, std::vector<RespValue>& values);
  Step Account(size_t bytes);
  void Complete(RespValue value, std::vector<RespValue>& values);

  const RespLimits limits;
  std::optional<RespError> failed;
  std::string line;           ///< begun, its end has not come
  bool in_text = false;       ///< of known length
  char text_type = 0;
  size_t text_size = 0;
  std::string text;           ///< as far as it has come, then its line end
  std::vector<Open> open;
  size_t items = 0;           ///< of the whole value under way
  size_t bytes_read = 0;      ///< likewise, with what has been announced of a text
};

RespReader::RespReader(RespLimits limits) : state_(std::make_unique<State>(limits)) {}
RespReader::~RespReader() = default;

Result<void, RespError> RespReader::Feed(std::string_view bytes, std::vector<RespValue>& values) {
  State& state = *state_;
  while (!state.failed && !bytes.empty()) {
    if (auto step = state.Read(bytes, values); !step) state.failed = step.error();
  }
  if (state.failed) return Err(*state.failed);
  return Ok();
}

RespReader::State::Step RespReader::State::Read(std::string_view& bytes,
                                                std::vector<RespValue>& values) {
  return in_text ? ReadText(bytes, values) : ReadLine(bytes, values);
}

RespReader::State::Step RespReader::State::ReadLine(std::string_view& bytes,
                                                    std::vector<RespValue>& values) {
  const char type = line.empty() ? bytes[0] : line[0];
  if (std::string_view("+-:$*_,#!=(%~>|").find(type) == std::string_view::npos) {
    return Err(RespError::kBadType);
  }
  const size_t most = 2 + (IsTextLine(type) ? std::min(limits.max_value_bytes, kMaxTextLine)
                                            : kMaxNumberLine);
  const size_t end = bytes.find('\n');
  if (line.size() + std::min(end, bytes.size()) > most) return Err(RespError::kTooLarge);
  if (end == std::string_view::npos) {
    line.append(bytes);
    bytes = {};
    return Ok();
  }
  std::string_view whole = bytes.substr(0, end);
  if (!line.empty()) whole = line.append(whole);
  bytes.remove_prefix(end + 1);
  if (!whole.ends_with('\r') || whole.find('\r') != whole.size() - 1) {
    return Err(RespError::kBadEnd);
  }
  if (auto room = Account(whole.size() + 1); !room) return room;
  if (++items > limits.max_items) return Err(RespError::kTooLarge);
  auto step = OnLine(type, whole.substr(1, whole.size() - 2), values);
  line.clear();
  return step;
}

RespReader::State::Step RespReader::State::ReadText(std::string_view& bytes,
                                                    std::vector<RespValue>& values) {
  const size_t whole = text_size + 2;
  const size_t come = std::min(whole - text.size(), bytes.size());
  text.append(bytes.substr(0, come));
  bytes.remove_prefix(come);
  if (text.size() > text_size && text[text_size] != '\r') return Err(RespError::kBadEnd);
  if (text.size() < whole) return Ok();
  if (text[text_size + 1] != '\n') return Err(RespError::kBadEnd);
  text.resize(text_size);
  in_text = false;
  RespValue value;
  value.type = text_type == '!' ? RespValue::Type::kError : RespValue::Type::kString;
  if (text_type == '=') {
    if (text.size() < kVerbatimPrefix) return Err(RespError::kBadLength);
    if (text[kVerbatimPrefix - 1] != ':') return Err(RespError::kBadType);
    text.erase(0, kVerbatimPrefix);
  }
  value.text = std::move(text);
  text = {};
  Complete(std::move(value), values);
  return Ok();
}

RespReader::State::Step RespReader::State::OnLine(char type, std::string_view content,
                                                  std::vector<RespValue>& values) {
  switch (type) {
    case '$':
    case '!':
    case '=': return OpenText(type, content, values);
    case '*':
    case '~':
    case '%':
    case '>':
    case '|': return OpenItems(type, content, values);
    default: return OnScalar(type, content, values);
  }
}

RespReader::State::Step RespReader::State::OnScalar(char type, std::string_view content,
                                                    std::vector<RespValue>& values) {
  RespValue value;
  if (type == ':') {
    const auto number = ParseInteger(content);
    if (!number) return Err(RespError::kBadNumber);
    value.type = RespValue::Type::kInteger;
    value.integer = *number;
  } else if (type == ',') {
    const auto number = ParseDouble(content);
    if (!number) return Err(RespError::kBadNumber);
    value.type = RespValue::Type::kDouble;
    value.number = *number;
  } else if (type == '#') {
    if (content != "t" && content != "f") return Err(RespError::kBadNumber);
    value.type = RespValue::Type::kBoolean;
    value.integer = content == "t" ? 1 : 0;
  } else if (type == '_') {
    if (!content.empty()) return Err(RespError::kBadLength);
  } else {
    value.type = type == '-' ? RespValue::Type::kError : RespValue::Type::kString;
    value.text = content;
  }
  Complete(std::move(value), values);
  return Ok();
}

RespReader::State::Step RespReader::State::OpenText(char type, std::string_view content,
                                                    std::vector<RespValue>& values) {
  const auto size = ParseInteger(content);
  if (!size || *size < -1 || (*size == -1 && type != '$')) return Err(RespError::kBadLength);
  if (*size == -1) {
    Complete({}, values);
    return Ok();
  }
  if (static_cast<uint64_t>(*size) > limits.max_value_bytes) return Err(RespError::kTooLarge);
  text_size = static_cast<size_t>(*size);
  if (auto room = Account(text_size + 2); !room) return room;
  text_type = type;
  in_text = true;
  return Ok();
}

RespReader::State::Step RespReader::State::OpenItems(char type, std::string_view content,
                                                     std::vector<RespValue>& values) {
  const auto announced = ParseInteger(content);
  if (!announced || *announced < -1 || (*announced == -1 && type != '*')) {
    return Err(RespError::kBadLength);
  }
  if (*announced == -1) {
    Complete({}, values);
    return Ok();
  }
  if (type == '>' && !open.empty()) return Err(RespError::kBadType);
  const bool pairs = type == '%' || type == '|';
  const auto count = static_cast<uint64_t>(*announced);
  if (count > (limits.max_items - items) / (pairs ? 2 : 1)) return Err(RespError::kTooLarge);
  Open array;
  array.missing = static_cast<size_t>(pairs ? 2 * count : count);
  array.dropped = type == '|';
  array.value.type = type == '%'   ? RespValue::Type::kMap
                     : type == '>' ? RespValue::Type::kPush
                                   : RespValue::Type::kArray;
  if (array.missing == 0) {
    if (!array.dropped) Complete(std::move(array.value), values);
    return Ok();
  }
  if (open.size() >= limits.max_depth) return Err(RespError::kTooDeep);
  array.value.items.reserve(std::min(array.missing, kMaxItemsAhead));
  open.push_back(std::move(array));
  return Ok();
}

RespReader::State::Step RespReader::State::Account(size_t bytes) {
  if (bytes > limits.max_total_bytes - bytes_read) return Err(RespError::kTooLarge);
  bytes_read += bytes;
  return Ok();
}

/// Puts a value where it belongs, and likewise every array that it completes.
void RespReader::State::Complete(RespValue value, std::vector<RespValue>& values) {
  while (!open.empty()) {
    Open& array = open.back();
    array.value.items.push_back(std::move(value));
    if (--array.missing > 0) return;
    const bool dropped = array.dropped;
    value = std::move(array.value);
    open.pop_back();
    // An attribute stands before a value and does not take its place.
    if (dropped) return;
  }
  values.push_back(std::move(value));
  items = 0;
  bytes_read = 0;
}

void AppendCommand(std::string& out, std::span<const std::string> arguments) {
  char number[24];
  const auto header = [&](char type, size_t size) {
    out += type;
    out.append(number, std::to_chars(number, number + sizeof number, size).ptr);
    out += "\r\n";
  };
  header('*', arguments.size());
  for (const std::string& argument : arguments) {
    header('$', argument.size());
    out += argument;
    out += "\r\n";
  }
}

}  // namespace trackwire::broker
