#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace trackwire::broker {

/// One value of the Redis protocol, RESP2 or RESP3.
/// Spec: RESP3, https://github.com/redis/redis-specifications ("RESP3 types").
struct RespValue {
  enum class Type : uint8_t {
    kNil,      ///< also the null bulk string and the null array of RESP2
    kString,   ///< simple, bulk, verbatim (without its format) and big number
    kError,    ///< simple or bulk; `text` begins with the code, as in `NOSCRIPT No matching…`
    kInteger,
    kDouble,
    kBoolean,  ///< in `integer`
    kArray,    ///< and sets
    kMap,      ///< keys and values in turn
    kPush,     ///< out of band: of a subscription
  };

  Type type = Type::kNil;
  int64_t integer = 0;
  double number = 0;
  std::string text;
  std::vector<RespValue> items;

  bool is_nil() const { return type == Type::kNil; }
  bool is_string() const { return type == Type::kString; }
  bool is_error() const { return type == Type::kError; }
  bool is_integer() const { return type == Type::kInteger; }
  bool is_array() const { return type == Type::kArray; }
  /// The value of a text key in a map, or in an array that alternates as RESP2 has it; else nullptr.
  const RespValue* Find(std::string_view key) const;
};

struct RespLimits {
  size_t max_value_bytes = 512u << 20;  ///< of one string; Redis itself allows 512 MB
  size_t max_items = 4u << 20;          ///< in one whole value, all levels together
  size_t max_total_bytes = 1u << 30;    ///< of one whole value
  uint32_t max_depth = 32;
};

enum class RespError : uint8_t { kBadType, kBadLength, kBadNumber, kBadEnd, kTooLarge, kTooDeep };
const char* ToString(RespError error);

/// Reads values from a stream of bytes that is cut anywhere.
///
/// Memory is bounded by what has arrived, never by a length that is only announced. Attributes are
/// read and dropped. After an error the stream is lost and every call gives the same error.
/// One thread at a time. Linear in the bytes, however they are cut.
class RespReader {
 public:
  explicit RespReader(RespLimits limits = {});
  ~RespReader();
  RespReader(const RespReader&) = delete;
  RespReader& operator=(const RespReader&) = delete;

  /// Appends every value that `bytes` completes to `values`.
  Result<void, RespError> Feed(std::string_view bytes, std::vector<RespValue>& values);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Appends a command as an array of bulk strings.
void AppendCommand(std::string& out, std::span<const std::string> arguments);

}  // namespace trackwire::broker
