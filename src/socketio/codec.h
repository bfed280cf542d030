#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "socketio/args_reader.h"
#include "socketio/args_writer.h"

/// \file
/// How C++ values and JSON arguments become each other.
///
/// | C++ | JSON |
/// |---|---|
/// | `bool` | true, false |
/// | integers (no character types) | whole numbers within their range |
/// | `double`, `float` | numbers; written: null when not finite |
/// | `std::string`, `std::string_view`; written only: `const char*`, literals | strings |
/// | `std::vector<T>` | arrays |
/// | `std::array<T, N>` | arrays of exactly N elements |
/// | `std::tuple<…>`, `std::pair<A, B>` | arrays, read as arguments are |
/// | `std::map<std::string, T>`, `std::unordered_map<std::string, T>` | objects |
/// | `std::optional<T>` | null, or absent at the end of arguments and as a member |
/// | `std::nullptr_t` | null |
/// | Bytes, `std::vector<std::byte>` | attachments |
/// | Json | anything |
/// | Args, as the last one | all arguments that are left |
///
/// As in JavaScript more arguments than were asked for are ignored; a missing one does not fit
/// unless it is optional. What a program reads from strangers goes into a std::map rather than a
/// std::unordered_map, whose order they could choose to make it slow.

namespace trackwire::socketio {

template <typename T>
concept CharacterType = std::same_as<T, char> || std::same_as<T, wchar_t> ||
    std::same_as<T, char8_t> || std::same_as<T, char16_t> || std::same_as<T, char32_t>;
template <typename T>
concept IntegerType = std::integral<T> && !std::same_as<T, bool> && !CharacterType<T>;

template <>
struct Codec<bool> {
  static void Write(bool value, ArgsWriter& out) { out.Bool(value); }
  static bool Read(ArgsReader& in, bool& value) { return in.ReadBool(value); }
};

template <typename T>
struct Codec<T, std::enable_if_t<IntegerType<T>>> {
  using Limits = std::numeric_limits<T>;
  static void Write(T value, ArgsWriter& out) {
    if constexpr (std::signed_integral<T>) {
      out.Integer(value);
    } else {
      out.Unsigned(value);
    }
  }
  static bool Read(ArgsReader& in, T& value) {
    std::conditional_t<std::signed_integral<T>, int64_t, uint64_t> wide = 0;
    bool fits = false;
    if constexpr (std::signed_integral<T>) {
      fits = in.ReadInteger(wide, Limits::min(), Limits::max());
    } else {
      fits = in.ReadUnsigned(wide, Limits::max());
    }
    value = static_cast<T>(wide);
    return fits;
  }
};

template <>
struct Codec<double> {
  static void Write(double value, ArgsWriter& out) { out.Number(value); }
  static bool Read(ArgsReader& in, double& value) {
    return in.ReadNumber(value, std::numeric_limits<double>::max());
  }
};

template <>
struct Codec<float> {
  static void Write(float value, ArgsWriter& out) { out.Number(static_cast<double>(value)); }
  static bool Read(ArgsReader& in, float& value) {
    double wide = 0;
    if (!in.ReadNumber(wide, static_cast<double>(std::numeric_limits<float>::max()))) return false;
    value = static_cast<float>(wide);
    return true;
  }
};

template <>
struct Codec<std::string> {
  static void Write(const std::string& value, ArgsWriter& out) { out.Text(value); }
  static bool Read(ArgsReader& in, std::string& value) { return in.ReadText(value); }
};

template <>
struct Codec<std::string_view> {
  static void Write(std::string_view value, ArgsWriter& out) { out.Text(value); }
  static bool Read(ArgsReader& in, std::string_view& value) { return in.ReadText(value); }
};

/// Written only; a null pointer becomes null.
template <>
struct Codec<const char*> {
  static void Write(const char* value, ArgsWriter& out) {
    if (value == nullptr) return out.Null();
    out.Text(value);
  }
};
template <>
struct Codec<char*> : Codec<const char*> {};
template <size_t N>
struct Codec<char[N]> : Codec<const char*> {};

template <>
struct Codec<std::nullptr_t> {
  static void Write(std::nullptr_t, ArgsWriter& out) { out.Null(); }
  static bool Read(ArgsReader& in, std::nullptr_t&) { return in.ReadNull(); }
};

template <>
struct Codec<Bytes> {
  static void Write(Bytes value, ArgsWriter& out) { out.Binary(value); }
  static bool Read(ArgsReader& in, Bytes& value) { return in.ReadBytes(value); }
};

template <>
struct Codec<std::vector<std::byte>> {
  static void Write(const std::vector<std::byte>& value, ArgsWriter& out) { out.Binary(value); }
  static bool Read(ArgsReader& in, std::vector<std::byte>& value) { return in.ReadBytes(value); }
};

template <>
struct Codec<Json> {
  static void Write(const Json& value, ArgsWriter& out) { out.Raw(value); }
  static bool Read(ArgsReader& in, Json& value) { return in.ReadJson(value); }
};

template <typename T>
struct Codec<std::optional<T>> {
  static void Write(const std::optional<T>& value, ArgsWriter& out) {
    if (!value) return out.Null();
    out.Write(*value);
  }
  static bool Read(ArgsReader& in, std::optional<T>& value) {
    value.reset();
    return in.is_null() || in.Read(value.emplace());
  }
};

template <typename T>
struct Codec<std::vector<T>> {
  static void Write(const std::vector<T>& value, ArgsWriter& out) {
    out.BeginArray();
    for (const T& element : value) out.Write(element);
    out.EndArray();
  }
  static bool Read(ArgsReader& in, std::vector<T>& value) {
    value.clear();
    ArrayReader array(in);
    while (auto element = array.Next()) {
      T one{};
      if (!element->Read(one)) return false;
      value.push_back(std::move(one));
    }
    return array.ok();
  }
};

template <typename T, size_t N>
struct Codec<std::array<T, N>> {
  static void Write(const std::array<T, N>& value, ArgsWriter& out) {
    out.BeginArray();
    for (const T& element : value) out.Write(element);
    out.EndArray();
  }
  static bool Read(ArgsReader& in, std::array<T, N>& value) {
    ArrayReader array(in);
    if (!array.ok()) return false;
    for (T& element : value) {
      const auto next = array.Next();
      if (!next) return in.Fail("an array that is too short");
      if (!ArgsReader(*next).Read(element)) return false;
    }
    return !array.Next() || in.Fail("an array that is too long");
  }
};

/// Of std::map and std::unordered_map.
template <typename Map>
struct ObjectCodec {
  static void Write(const Map& value, ArgsWriter& out) {
    out.BeginObject();
    for (const auto& [name, member] : value) out.Member(name, member);
    out.EndObject();
  }
  static bool Read(ArgsReader& in, Map& value) {
    value.clear();
    return in.Members([&value](std::string name, ArgsReader member) {
      typename Map::mapped_type one{};
      if (!member.Read(one)) return false;
      value.insert_or_assign(std::move(name), std::move(one));
      return true;
    });
  }
};
template <typename T, typename Less, typename Allocator>
struct Codec<std::map<std::string, T, Less, Allocator>>
    : ObjectCodec<std::map<std::string, T, Less, Allocator>> {};
template <typename T, typename Hash, typename Equal, typename Allocator>
struct Codec<std::unordered_map<std::string, T, Hash, Equal, Allocator>>
    : ObjectCodec<std::unordered_map<std::string, T, Hash, Equal, Allocator>> {};

/// Of std::tuple and std::pair.
template <typename Tuple>
struct TupleCodec {
  static void Write(const Tuple& value, ArgsWriter& out) {
    out.BeginArray();
    std::apply([&out](const auto&... each) { (out.Write(each), ...); }, value);
    out.EndArray();
  }
  static bool Read(ArgsReader& in, Tuple& value) {
    ArrayReader array(in);
    if (!array.ok()) return false;
    return std::apply([&array](auto&... each) { return (array.Next(each) && ...); }, value);
  }
};
template <typename... T>
struct Codec<std::tuple<T...>> : TupleCodec<std::tuple<T...>> {};
template <typename A, typename B>
struct Codec<std::pair<A, B>> : TupleCodec<std::pair<A, B>> {};

/// Whether values of a built-in type point to text of their source.
template <typename T>
inline constexpr bool kBorrowsText = std::is_same_v<T, std::string_view>;
template <typename T>
inline constexpr bool kBorrowsText<std::optional<T>> = kBorrowsText<T>;
template <typename T>
inline constexpr bool kBorrowsText<std::vector<T>> = kBorrowsText<T>;
template <typename T, size_t N>
inline constexpr bool kBorrowsText<std::array<T, N>> = kBorrowsText<T>;
template <typename... T>
inline constexpr bool kBorrowsText<std::tuple<T...>> = (kBorrowsText<T> || ...);
template <typename A, typename B>
inline constexpr bool kBorrowsText<std::pair<A, B>> = kBorrowsText<A> || kBorrowsText<B>;
template <typename T, typename Less>
inline constexpr bool kBorrowsText<std::map<std::string, T, Less>> = kBorrowsText<T>;
template <typename T, typename Hash>
inline constexpr bool kBorrowsText<std::unordered_map<std::string, T, Hash>> = kBorrowsText<T>;

/// Values as the arguments of an event or an acknowledgement. Any thread.
template <typename... T>
Args MakeArgs(const T&... values) {
  ArgsWriter writer;
  (writer.Write(values), ...);
  return std::move(writer).Take();
}

/// The arguments as values of these types, which own their text; Bytes among them borrow from
/// `attachments`. Nothing when they do not fit, or `args_json` is no JSON array. Any thread.
template <typename... T>
std::optional<std::tuple<T...>> ReadArgs(std::string_view args_json,
                                         const std::vector<std::string_view>& attachments) {
  static_assert(!(kBorrowsText<T> || ...), "nobody would keep the text of a std::string_view");
  const auto json = base::ScanJson(args_json);
  if (!json || !json->is_array()) return {};
  ReadScope scope(attachments, ReadScope::Texts::kCopied);
  ArrayReader array(ArgsReader{scope, *json});
  std::tuple<T...> values;
  if (!std::apply([&array](T&... each) { return (array.Next(each) && ...); }, values)) return {};
  return values;
}
/// The same of arguments as a broadcast's acknowledgements bring them; Bytes borrow from `args`.
template <typename... T>
std::optional<std::tuple<T...>> ReadArgs(const Args& args) {
  return ReadArgs<T...>("[" + args.json + "]", {args.attachments.begin(), args.attachments.end()});
}

/// One value as JSON, for Socket::set_shared_data() and the like.
template <typename T>
Json ToJson(const T& value) {
  Args args = MakeArgs(value);
  return {std::move(args.json), std::move(args.attachments)};
}
/// The value of a JSON text such as Handshake::auth_json; nothing when it is none or does not fit.
template <typename T>
std::optional<T> FromJson(std::string_view json) {
  static_assert(!kBorrowsText<T>, "nobody would keep the text of a std::string_view");
  const auto scanned = base::ScanJson(json);
  if (!scanned) return {};
  const std::vector<std::string_view> no_attachments;
  ReadScope scope(no_attachments, ReadScope::Texts::kCopied);
  T value{};
  if (!ArgsReader(scope, *scanned).Read(value)) return {};
  return value;
}

}  // namespace trackwire::socketio
