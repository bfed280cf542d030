#include "socketio/msgpack_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/json_scanner.h"
#include "base/text.h"
#include "socketio/packet.h"

namespace trackwire::socketio {
namespace {

using Type = MsgpackValue::Type;

constexpr int8_t kTimestamp = -1;
constexpr int8_t kOldDate = 0;  // with 8 bytes: milliseconds, as notepack.io 2.1 wrote a Date

/// Moments of years that RFC 3339 can write; others are no time for us.
std::optional<WallTime> Moment(int64_t seconds, int64_t milliseconds) {
  constexpr int64_t kFirst = -62'167'219'200;
  constexpr int64_t kLast = 253'402'300'799;
  if (seconds < kFirst || seconds > kLast) return std::nullopt;
  return WallTime(std::chrono::seconds(seconds) + std::chrono::milliseconds(milliseconds));
}

uint64_t BigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

/// Spec: MessagePack specification, "Timestamp extension type".
std::optional<WallTime> TimeOf(const MsgpackValue& value) {
  const std::string_view bytes = value.bytes;
  if (value.extension == kOldDate) {
    const auto ms = static_cast<int64_t>(BigEndian(bytes));
    const int64_t rest = (ms % 1000 + 1000) % 1000;
    return Moment(ms / 1000 - (ms % 1000 < 0 ? 1 : 0), rest);
  }
  int64_t seconds = 0;
  uint64_t nanoseconds = 0;
  if (bytes.size() == 4) {
    seconds = static_cast<int64_t>(BigEndian(bytes));
  } else if (bytes.size() == 8) {
    const uint64_t both = BigEndian(bytes);
    nanoseconds = both >> 34;
    seconds = static_cast<int64_t>(both & 0x3'ffff'ffff);
  } else {
    nanoseconds = BigEndian(bytes.substr(0, 4));
    seconds = static_cast<int64_t>(BigEndian(bytes.substr(4)));
  }
  if (nanoseconds > 999'999'999) return std::nullopt;
  return Moment(seconds, static_cast<int64_t>(nanoseconds / 1'000'000));
}

bool IsTime(const MsgpackValue& value) {
  const size_t size = value.bytes.size();
  if (value.extension == kTimestamp) return size == 4 || size == 8 || size == 12;
  return value.extension == kOldDate && size == 8;
}

class JsonWriter {
 public:
  JsonWriter(std::string& out, std::vector<std::string>* attachments, size_t max_attachments)
      : out_(out), attachments_(attachments), max_attachments_(max_attachments) {}

  bool Value(const MsgpackValue& value);
  MsgpackError error() const { return error_; }

 private:
  bool Fail(MsgpackError error) {
    error_ = error;
    return false;
  }
  bool Array(const MsgpackValue& value);
  bool Map(const MsgpackValue& value);
  bool Key(const MsgpackValue& key);
  bool Binary(std::string_view bytes);
  bool Extension(const MsgpackValue& value);
  void Double(double value);
  void Scalar(const MsgpackValue& value);

  std::string& out_;
  std::vector<std::string>* attachments_;
  size_t max_attachments_;
  MsgpackError error_ = MsgpackError::kBadKey;
};

bool JsonWriter::Value(const MsgpackValue& value) {
  switch (value.type) {
    case Type::kBinary:
      return Binary(value.bytes);
    case Type::kExtension:
      return Extension(value);
    case Type::kArray:
      return Array(value);
    case Type::kMap:
      return Map(value);
    default:
      Scalar(value);
      return true;
  }
}

void JsonWriter::Scalar(const MsgpackValue& value) {
  switch (value.type) {
    case Type::kBool:
      out_ += value.integer != 0 ? "true" : "false";
      break;
    case Type::kInt:
      out_ += std::to_string(value.integer);
      break;
    case Type::kUint:
      out_ += std::to_string(value.huge);
      break;
    case Type::kDouble:
      Double(value.number);
      break;
    case Type::kString:
      base::AppendJsonString(out_, base::IsUtf8(value.bytes) ? value.bytes : ToUtf8(value.bytes));
      break;
    default:
      out_ += "null";
  }
}

void JsonWriter::Double(double value) {
  if (std::isfinite(value)) {
    base::AppendJsonNumber(out_, value);
  } else {
    out_ += "null";
  }
}

bool JsonWriter::Array(const MsgpackValue& value) {
  char before = '[';
  for (const MsgpackValue& item : value.items) {
    out_ += std::exchange(before, ',');
    if (!Value(item)) return false;
  }
  out_ += before == '[' ? "[]" : "]";
  return true;
}

bool JsonWriter::Map(const MsgpackValue& value) {
  char before = '{';
  for (size_t i = 0; i < value.items.size(); i += 2) {
    if (value.items[i + 1].is_undefined()) continue;
    out_ += std::exchange(before, ',');
    if (!Key(value.items[i])) return false;
    out_ += ':';
    if (!Value(value.items[i + 1])) return false;
  }
  out_ += before == '{' ? "{}" : "}";
  return true;
}

bool JsonWriter::Key(const MsgpackValue& key) {
  switch (key.type) {
    case Type::kString:
      Scalar(key);
      return true;
    case Type::kNil:
    case Type::kBool:
    case Type::kInt:
    case Type::kUint:
    case Type::kDouble:
      out_ += '"';
      Scalar(key);
      out_ += '"';
      return true;
    default:
      return Fail(MsgpackError::kBadKey);
  }
}

bool JsonWriter::Binary(std::string_view bytes) {
  if (attachments_ == nullptr) {
    out_ += "{\"type\":\"Buffer\",\"data\":[";
    for (size_t i = 0; i < bytes.size(); ++i) {
      if (i > 0) out_ += ',';
      out_ += std::to_string(static_cast<unsigned char>(bytes[i]));
    }
    out_ += "]}";
    return true;
  }
  if (attachments_->size() >= max_attachments_) return Fail(MsgpackError::kTooManyAttachments);
  out_ += "{\"_placeholder\":true,\"num\":" + std::to_string(attachments_->size()) + "}";
  attachments_->emplace_back(bytes);
  return true;
}

bool JsonWriter::Extension(const MsgpackValue& value) {
  if (IsTime(value)) {
    const auto time = TimeOf(value);
    out_ += time ? '"' + base::FormatTime(*time) + '"' : "null";
    return true;
  }
  if (value.is_undefined()) {
    out_ += "null";
    return true;
  }
  out_ += '[' + std::to_string(value.extension) + ',';
  if (!Binary(value.bytes)) return false;
  out_ += ']';
  return true;
}

/// The first length of `bytes` that is one character; 0 when there is none.
size_t CharacterLength(std::string_view bytes) {
  for (size_t length = 1; length <= std::min<size_t>(4, bytes.size()); ++length) {
    if (base::IsUtf8(bytes.substr(0, length))) return length;
  }
  return 0;
}

}  // namespace

std::string ToUtf8(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const size_t length = CharacterLength(bytes);
    text += length == 0 ? "\xef\xbf\xbd" : bytes.substr(0, length);
    bytes.remove_prefix(std::max<size_t>(length, 1));
  }
  return text;
}

Result<Args, MsgpackError> UnpackArgs(std::span<const MsgpackValue> values,
                                      const MsgpackLimits& limits) {
  Args args;
  JsonWriter writer(args.json, &args.attachments, limits.max_attachments);
  for (const MsgpackValue& value : values) {
    if (!args.json.empty()) args.json += ',';
    if (!writer.Value(value)) return Err(writer.error());
  }
  const auto attachments = static_cast<uint32_t>(args.attachments.size());
  if (attachments > 0 && !PlaceholdersValid("[" + args.json + "]", attachments)) {
    return Err(MsgpackError::kBadPlaceholder);
  }
  return args;
}

Result<std::string, MsgpackError> UnpackJson(const MsgpackValue& value) {
  std::string json;
  JsonWriter writer(json, nullptr, 0);
  if (!writer.Value(value)) return Err(writer.error());
  return json;
}

}  // namespace trackwire::socketio
