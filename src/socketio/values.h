#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trackwire::socketio {

/// How a type becomes JSON arguments and is read from them. Built in (codec.h) are bool, all
/// integers and floating point numbers, strings, containers of such values, and the types of this
/// header. A program specialises it for its own types:
///
///     template <>
///     struct Codec<Point> {
///       static void Write(const Point& point, ArgsWriter& out);  // exactly one value
///       static bool Read(ArgsReader& in, Point& point);          // false: it does not fit
///     };
///
/// What is read must be default constructible.
template <typename T, typename = void>
struct Codec {
  static_assert(sizeof(T) == 0, "specialise trackwire::socketio::Codec for this type");
};

/// Binary data: an attachment of the packet, a Buffer or Uint8Array for JavaScript. What a handler
/// gets is borrowed until it returns; std::vector<std::byte> is a copy to keep.
using Bytes = std::span<const std::byte>;

inline Bytes AsBytes(std::string_view text) {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}
inline std::string_view AsText(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Any JSON value as it is. Read, it is valid JSON; written, it must be.
struct Json {
  std::string text = "null";
  /// What its placeholders `{"_placeholder":true,"num":0}` stand for, counted from 0 here, whatever
  /// the packet.
  std::vector<std::string> attachments;
};

}  // namespace trackwire::socketio
