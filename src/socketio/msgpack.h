#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace trackwire::socketio {

/// The ways MessagePack can be wrong for us.
enum class MsgpackError : uint8_t {
  kTruncated,           ///< the bytes end inside a value, or cannot hold the items announced
  kTrailing,            ///< something follows the value
  kTooLarge,            ///< more bytes than the limit
  kTooDeep,             ///< nested deeper than the limit
  kTooManyItems,        ///< more values than the limit
  kBadByte,             ///< 0xc1, which no value begins with
  kBadKey,              ///< a map's key that JSON cannot name: a container, binary, an extension
  kBadPlaceholder,      ///< names an attachment that does not come
  kTooManyAttachments,  ///< more binary values than the limit
};
const char* ToString(MsgpackError error);

struct MsgpackLimits {
  size_t max_bytes = 16'000'000;
  uint32_t max_depth = 64;
  /// Values of any kind, keys too. One costs about 60 bytes of memory while it is looked at.
  /// So many that the sockets of a server with 10,000 clients are within.
  size_t max_items = 1'000'000;
  /// Binary values, when they become attachments.
  size_t max_attachments = 1'000;
};

/// A value and all that is in it. Borrows strings and binary from the bytes it was read from.
struct MsgpackValue {
  enum class Type : uint8_t {
    kNil,
    kBool,
    kInt,     ///< any integer that an int64_t holds, however it was written
    kUint,    ///< an integer above those
    kDouble,  ///< 32 bits wide on the wire or 64
    kString,  ///< the bytes as they came, perhaps not UTF-8
    kBinary,
    kExtension,
    kArray,
    kMap,  ///< `items` holds key, value, key, value
  };

  Type type = Type::kNil;
  int8_t extension = 0;
  union {
    int64_t integer = 0;  ///< kBool too: 0 or 1
    uint64_t huge;
    double number;
  };
  std::string_view bytes;
  std::vector<MsgpackValue> items;

  bool is_map() const { return type == Type::kMap; }
  bool is_array() const { return type == Type::kArray; }
  bool is_string() const { return type == Type::kString; }
  bool is_nil() const { return type == Type::kNil; }
  /// What notepack.io writes for `undefined`: the extension d4 00 00.
  bool is_undefined() const;
  /// The value of a map's last key with this name; nullptr: no such key, or no map.
  const MsgpackValue* Find(std::string_view key) const;
  /// As a whole number: an integer, or a double without a fraction (as JavaScript may send one).
  std::optional<int64_t> AsInteger() const;
  /// Bit by bit, so that a NaN equals itself.
  friend bool operator==(const MsgpackValue& a, const MsgpackValue& b);
};

/// Reads exactly one value.
///
/// Lengths that are only announced cost nothing: memory grows with the bytes that are there, and
/// ends at `limits`. Linear. Any thread.
/// Spec: MessagePack specification, "Formats".
Result<MsgpackValue, MsgpackError> ParseMsgpack(std::string_view bytes,
                                                const MsgpackLimits& limits = {});

/// Appends values to a string, each in its shortest form; doubles always with 64 bits. The caller
/// answers for a container's count.
class MsgpackWriter {
 public:
  explicit MsgpackWriter(std::string& out) : out_(out) {}

  void Nil() { Byte(0xc0); }
  void Bool(bool value) { Byte(value ? 0xc3 : 0xc2); }
  void Int(int64_t value);
  void Uint(uint64_t value);
  void Double(double value);
  void String(std::string_view text);
  void Binary(std::string_view bytes);
  void Extension(int8_t type, std::string_view bytes);
  /// `count` values follow.
  void Array(size_t count);
  /// `count` pairs of key and value follow.
  void Map(size_t count);
  void Value(const MsgpackValue& value);
  /// A string written as key, for what follows.
  MsgpackWriter& Key(std::string_view name) {
    String(name);
    return *this;
  }

 private:
  void Byte(unsigned byte) { out_ += static_cast<char>(byte); }
  void BigEndian(uint64_t value, int bytes);
  void Sized(unsigned code8, size_t size);

  std::string& out_;
};

}  // namespace trackwire::socketio
