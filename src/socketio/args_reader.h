#pragma once

#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/json_scanner.h"
#include "socketio/socket.h"
#include "socketio/values.h"

namespace trackwire::socketio {

template <typename T>
inline constexpr bool kIsOptional = false;
template <typename T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

/// What the readers of one list of arguments share: its attachments, the texts that had to be
/// decoded for those who borrow them, and why the last value did not fit.
class ReadScope {
 public:
  enum class Texts : uint8_t { kBorrowed, kCopied };

  /// `attachments` must outlive it. With `Texts::kCopied` nobody may read a std::string_view,
  /// because what it would point to ends with the scope.
  explicit ReadScope(const std::vector<std::string_view>& attachments,
                     Texts texts = Texts::kBorrowed);
  ReadScope(const ReadScope&) = delete;
  ReadScope& operator=(const ReadScope&) = delete;

  std::string_view why() const { return why_; }

  /// How often attachments are copied at most, all of them together: a small packet may name a
  /// large one thousands of times.
  static constexpr size_t kMaxCopies = 8;

 private:
  friend class ArgsReader;
  friend class ArrayReader;

  const std::vector<std::string_view>& attachments_;
  Texts texts_;
  size_t bytes_to_copy_ = 0;  ///< that may yet be
  std::forward_list<std::string> decoded_;
  const char* why_ = "does not fit";
};

/// One JSON value among the arguments, to be read as what the program wants it to be.
///
/// Codecs of own types read with it. All functions that return a bool say whether the value fits;
/// what they were to fill is worth nothing when it does not:
///
///     return in.Member("name", user.name) && in.Member("age", user.age);
///
/// Cheap to copy; borrows from its text and scope. Thread-compatible.
class ArgsReader {
 public:
  /// `value` must have been accepted by base::ScanJson().
  ArgsReader(ReadScope& scope, base::JsonValue value) : scope_(&scope), value_(value) {}

  base::JsonType type() const { return value_.type; }
  bool is_null() const { return value_.is_null(); }
  /// Whether it is a placeholder of an attachment.
  bool is_binary() const { return Attachment().has_value(); }
  /// As it was sent.
  std::string_view text() const { return value_.text; }

  /// By the type's codec.
  template <typename T>
  bool Read(T& value) {
    return Codec<T>::Read(*this, value);
  }
  /// The member of an object; of several with one name the last, as in JavaScript. A std::optional
  /// may be absent. Each call walks the object once.
  template <typename T>
  bool Member(std::string_view name, T& value);
  /// Calls `visit(std::string key, ArgsReader value)`, which says whether they fit, for each member
  /// in the order of the text. One walk.
  template <typename Visit>
  bool Members(const Visit& visit);

  bool ReadNull();
  bool ReadBool(bool& value);
  /// Whole numbers only, also when they are written as 2.0 or 2e0 and below 2^53.
  bool ReadInteger(int64_t& value, int64_t min, int64_t max);
  bool ReadUnsigned(uint64_t& value, uint64_t max);
  /// Not above `max` in magnitude.
  bool ReadNumber(double& value, double max);
  /// Escapes are undone; half a surrogate pair becomes U+FFFD.
  bool ReadText(std::string& value);
  bool ReadText(std::string_view& value);
  bool ReadBytes(Bytes& value);
  // Copies of attachments fit up to ReadScope::kMaxCopies only.
  bool ReadBytes(std::vector<std::byte>& value);
  bool ReadJson(Json& value);

  /// Says why the value does not fit, in words that follow "argument 2: "; they must live on.
  /// Always false.
  bool Fail(const char* why);

 private:
  friend class ArrayReader;

  std::optional<uint32_t> Attachment() const;
  std::optional<double> WholeNumber() const;
  /// The member, or nothing. False: not even an object.
  bool FindMember(std::string_view name, std::optional<ArgsReader>& member);
  bool IsPlainObject();
  bool MayCopy(size_t bytes);

  ReadScope* scope_;
  base::JsonValue value_;
};

/// Walks the elements of an array, or the arguments of an event.
class ArrayReader {
 public:
  /// For any other value ok() is false and there are no elements.
  explicit ArrayReader(ArgsReader array);

  bool ok() const { return elements_.has_value(); }
  /// The next element, or nothing behind the last.
  std::optional<ArgsReader> Next();
  /// Reads it. A std::optional may be missing.
  template <typename T>
  bool Next(T& value) {
    std::optional<ArgsReader> element = Next();
    if (element) return Codec<T>::Read(*element, value);
    if constexpr (kIsOptional<T>) {
      value.reset();
      return true;
    }
    return array_.Fail("missing");
  }
  /// All that are left, as they came.
  bool Next(Args& rest);
  /// How many elements were asked for.
  size_t asked() const { return asked_; }
  /// Why the last one that was asked for did not fit: "argument 2: not a string".
  std::string Why() const;

 private:
  ArgsReader array_;
  std::optional<base::JsonArrayReader> elements_;
  size_t asked_ = 0;
};

template <typename T>
bool ArgsReader::Member(std::string_view name, T& value) {
  std::optional<ArgsReader> member;
  if (!FindMember(name, member)) return false;
  if (member) return Codec<T>::Read(*member, value);
  if constexpr (kIsOptional<T>) {
    value.reset();
    return true;
  }
  return Fail("a member is missing");
}

template <typename Visit>
bool ArgsReader::Members(const Visit& visit) {
  if (!IsPlainObject()) return false;
  base::JsonObjectReader members(value_);
  while (const auto member = members.Next()) {
    if (!visit(base::DecodeJsonString(member->raw_key), ArgsReader(*scope_, member->value))) {
      return false;
    }
  }
  return true;
}

}  // namespace trackwire::socketio
