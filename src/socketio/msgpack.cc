#include "socketio/msgpack.h"

#include <bit>
#include <cmath>
#include <utility>

namespace trackwire::socketio {
namespace {

using Type = MsgpackValue::Type;

class Parser {
 public:
  Parser(std::string_view bytes, const MsgpackLimits& limits) : rest_(bytes), limits_(limits) {}

  /// False: error() says why.
  bool Value(MsgpackValue& out, uint32_t depth);
  bool at_end() const { return rest_.empty(); }
  MsgpackError error() const { return error_; }

 private:
  bool Fail(MsgpackError error) {
    error_ = error;
    return false;
  }
  bool BigEndian(int bytes, uint64_t& value);
  bool Bytes(size_t size, Type type, MsgpackValue& out);
  bool SizedBytes(int length_bytes, Type type, MsgpackValue& out);
  bool Extension(uint64_t size, MsgpackValue& out);
  bool Items(uint64_t count, Type type, MsgpackValue& out, uint32_t depth);
  bool Number(unsigned code, MsgpackValue& out);
  bool Coded(unsigned code, MsgpackValue& out, uint32_t depth);

  std::string_view rest_;
  const MsgpackLimits& limits_;
  size_t items_ = 0;
  MsgpackError error_ = MsgpackError::kTruncated;
};

bool Parser::BigEndian(int bytes, uint64_t& value) {
  if (rest_.size() < static_cast<size_t>(bytes)) return Fail(MsgpackError::kTruncated);
  value = 0;
  for (int i = 0; i < bytes; ++i) {
    value = value << 8 | static_cast<unsigned char>(rest_[static_cast<size_t>(i)]);
  }
  rest_.remove_prefix(static_cast<size_t>(bytes));
  return true;
}

bool Parser::Bytes(size_t size, Type type, MsgpackValue& out) {
  if (rest_.size() < size) return Fail(MsgpackError::kTruncated);
  out.type = type;
  out.bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return true;
}

bool Parser::SizedBytes(int length_bytes, Type type, MsgpackValue& out) {
  uint64_t size = 0;
  return BigEndian(length_bytes, size) && Bytes(size, type, out);
}

bool Parser::Extension(uint64_t size, MsgpackValue& out) {
  uint64_t type = 0;
  if (!BigEndian(1, type)) return false;
  out.extension = static_cast<int8_t>(type);
  return Bytes(size, Type::kExtension, out);
}

/// `count` as many as are announced: each takes a byte at least, which must be there before
/// anything is set aside for it.
bool Parser::Items(uint64_t count, Type type, MsgpackValue& out, uint32_t depth) {
  if (depth >= limits_.max_depth) return Fail(MsgpackError::kTooDeep);
  if (count > rest_.size()) return Fail(MsgpackError::kTruncated);
  if (count > limits_.max_items - items_) return Fail(MsgpackError::kTooManyItems);
  out.type = type;
  out.items.reserve(count < 64 ? count : 64);
  for (uint64_t i = 0; i < count; ++i) {
    if (!Value(out.items.emplace_back(), depth + 1)) return false;
  }
  return true;
}

bool Parser::Number(unsigned code, MsgpackValue& out) {
  uint64_t raw = 0;
  const int width = code < 0xcc ? (code == 0xca ? 4 : 8) : 1 << (code & 3);
  if (!BigEndian(width, raw)) return false;
  if (code < 0xcc) {
    out.type = Type::kDouble;
    out.number = width == 4 ? static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(raw)))
                            : std::bit_cast<double>(raw);
    return true;
  }
  out.type = Type::kInt;
  if (code >= 0xd0) {
    const int unused = 64 - 8 * width;
    out.integer = static_cast<int64_t>(raw << unused) >> unused;
  } else if (raw > static_cast<uint64_t>(INT64_MAX)) {
    out.type = Type::kUint;
    out.huge = raw;
  } else {
    out.integer = static_cast<int64_t>(raw);
  }
  return true;
}

/// What begins with a byte of 0xc0 to 0xdf.
bool Parser::Coded(unsigned code, MsgpackValue& out, uint32_t depth) {
  uint64_t size = 0;
  if (code == 0xc0) return true;
  if (code == 0xc1) return Fail(MsgpackError::kBadByte);
  if (code <= 0xc3) {
    out.type = Type::kBool;
    out.integer = code & 1;
    return true;
  }
  if (code <= 0xc6) return SizedBytes(1 << (code - 0xc4), Type::kBinary, out);
  if (code <= 0xc9) return BigEndian(1 << (code - 0xc7), size) && Extension(size, out);
  if (code <= 0xd3) return Number(code, out);
  if (code <= 0xd8) return Extension(uint64_t{1} << (code - 0xd4), out);
  if (code <= 0xdb) return SizedBytes(1 << (code - 0xd9), Type::kString, out);
  if (code <= 0xdd)
    return BigEndian(code & 1 ? 4 : 2, size) && Items(size, Type::kArray, out, depth);
  return BigEndian(code & 1 ? 4 : 2, size) && Items(2 * size, Type::kMap, out, depth);
}

bool Parser::Value(MsgpackValue& out, uint32_t depth) {
  if (++items_ > limits_.max_items) return Fail(MsgpackError::kTooManyItems);
  uint64_t byte = 0;
  if (!BigEndian(1, byte)) return false;
  const auto code = static_cast<unsigned>(byte);
  if (code < 0x80 || code >= 0xe0) {
    out.type = Type::kInt;
    out.integer = static_cast<int8_t>(code);
    return true;
  }
  if (code < 0x90) return Items(2 * (code & 15U), Type::kMap, out, depth);
  if (code < 0xa0) return Items(code & 15U, Type::kArray, out, depth);
  if (code < 0xc0) return Bytes(code & 31U, Type::kString, out);
  return Coded(code, out, depth);
}

}  // namespace

const char* ToString(MsgpackError error) {
  switch (error) {
    case MsgpackError::kTruncated:
      return "truncated";
    case MsgpackError::kTrailing:
      return "trailing bytes";
    case MsgpackError::kTooLarge:
      return "too large";
    case MsgpackError::kTooDeep:
      return "too deep";
    case MsgpackError::kTooManyItems:
      return "too many values";
    case MsgpackError::kBadByte:
      return "bad byte";
    case MsgpackError::kBadKey:
      return "bad key";
    case MsgpackError::kBadPlaceholder:
      return "bad placeholder";
    case MsgpackError::kTooManyAttachments:
      return "too many attachments";
  }
  return "";
}

bool MsgpackValue::is_undefined() const {
  return type == Type::kExtension && extension == 0 && bytes.size() == 1;
}

const MsgpackValue* MsgpackValue::Find(std::string_view key) const {
  if (!is_map()) return nullptr;
  for (size_t i = items.size(); i >= 2; i -= 2) {
    if (items[i - 2].is_string() && items[i - 2].bytes == key) return &items[i - 1];
  }
  return nullptr;
}

std::optional<int64_t> MsgpackValue::AsInteger() const {
  if (type == Type::kInt) return integer;
  constexpr double kLargest = 9'007'199'254'740'991;  // every whole number up to it is a double
  if (type != Type::kDouble || !(std::fabs(number) <= kLargest)) return std::nullopt;
  if (number != std::trunc(number)) return std::nullopt;
  return static_cast<int64_t>(number);
}

bool operator==(const MsgpackValue& a, const MsgpackValue& b) {
  return a.type == b.type && a.extension == b.extension && a.huge == b.huge && a.bytes == b.bytes &&
         a.items == b.items;
}

Result<MsgpackValue, MsgpackError> ParseMsgpack(std::string_view bytes,
                                                const MsgpackLimits& limits) {
  if (bytes.size() > limits.max_bytes) return Err(MsgpackError::kTooLarge);
  Parser parser(bytes, limits);
  MsgpackValue value;
  if (!parser.Value(value, 0)) return Err(parser.error());
  if (!parser.at_end()) return Err(MsgpackError::kTrailing);
  return value;
}

void MsgpackWriter::BigEndian(uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    Byte(static_cast<unsigned>(value >> shift) & 255U);
  }
}

/// A length with one, two or four bytes, whose codes follow each other.
void MsgpackWriter::Sized(unsigned code8, size_t size) {
  CHECK(size <= UINT32_MAX);
  const unsigned step = size <= 0xff ? 0 : size <= 0xffff ? 1 : 2;
  Byte(code8 + step);
  BigEndian(size, 1 << step);
}

void MsgpackWriter::Int(int64_t value) {
  if (value >= 0) return Uint(static_cast<uint64_t>(value));
  const auto raw = static_cast<uint64_t>(value);
  if (value >= -32) return Byte(static_cast<unsigned>(raw & 255));
  const unsigned step = value >= INT8_MIN ? 0 : value >= INT16_MIN ? 1 : value >= INT32_MIN ? 2 : 3;
  Byte(0xd0 + step);
  BigEndian(raw, 1 << step);
}

void MsgpackWriter::Uint(uint64_t value) {
  if (value < 0x80) return Byte(static_cast<unsigned>(value));
  const unsigned step = value <= 0xff ? 0 : value <= 0xffff ? 1 : value <= 0xffffffff ? 2 : 3;
  Byte(0xcc + step);
  BigEndian(value, 1 << step);
}

void MsgpackWriter::Double(double value) {
  Byte(0xcb);
  BigEndian(std::bit_cast<uint64_t>(value), 8);
}

void MsgpackWriter::String(std::string_view text) {
  if (text.size() < 32) {
    Byte(0xa0 + static_cast<unsigned>(text.size()));
  } else {
    Sized(0xd9, text.size());
  }
  out_ += text;
}

void MsgpackWriter::Binary(std::string_view bytes) {
  Sized(0xc4, bytes.size());
  out_ += bytes;
}

void MsgpackWriter::Extension(int8_t type, std::string_view bytes) {
  if (std::has_single_bit(bytes.size()) && bytes.size() <= 16) {
    Byte(0xd4 + static_cast<unsigned>(std::bit_width(bytes.size()) - 1));
  } else {
    Sized(0xc7, bytes.size());
  }
  Byte(static_cast<uint8_t>(type));
  out_ += bytes;
}

void MsgpackWriter::Array(size_t count) {
  CHECK(count <= UINT32_MAX);
  if (count < 16) return Byte(0x90 + static_cast<unsigned>(count));
  Byte(count <= 0xffff ? 0xdc : 0xdd);
  BigEndian(count, count <= 0xffff ? 2 : 4);
}

void MsgpackWriter::Map(size_t count) {
  CHECK(count <= UINT32_MAX);
  if (count < 16) return Byte(0x80 + static_cast<unsigned>(count));
  Byte(count <= 0xffff ? 0xde : 0xdf);
  BigEndian(count, count <= 0xffff ? 2 : 4);
}

void MsgpackWriter::Value(const MsgpackValue& value) {
  switch (value.type) {
    case Type::kNil:
      return Nil();
    case Type::kBool:
      return Bool(value.integer != 0);
    case Type::kInt:
      return Int(value.integer);
    case Type::kUint:
      return Uint(value.huge);
    case Type::kDouble:
      return Double(value.number);
    case Type::kString:
      return String(value.bytes);
    case Type::kBinary:
      return Binary(value.bytes);
    case Type::kExtension:
      return Extension(value.extension, value.bytes);
    case Type::kArray:
      Array(value.items.size());
      break;
    case Type::kMap:
      Map(value.items.size() / 2);
      break;
  }
  for (const MsgpackValue& item : value.items) Value(item);
}

}  // namespace trackwire::socketio
