#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace trackwire::graphql {

/// Line and column in a text, both from 1; columns count bytes as editors count characters: a
/// character of UTF-8 is one.
struct Place {
  uint32_t line = 1;
  uint32_t column = 1;
  bool operator==(const Place&) const = default;
};

/// Where a byte of `text` stands. Linear in `offset`.
Place PlaceOf(std::string_view text, uint32_t offset);

/// A response's names and indices from its root to one field.
using Path = std::vector<std::variant<std::string, uint64_t>>;

/// One entry of `errors` in a response. Spec: section 7.1.2.
struct Problem {
  std::string code;  ///< `extensions.code`: one of codes below, or a resolver's own
  std::string message;
  std::vector<Place> places;
  Path path;         ///< only of what went wrong in execution
  std::string rule;  ///< `extensions.rule`: the rule of section 5 that was broken
};

/// The codes of this layer; none ever changes its meaning.
namespace codes {
inline constexpr char kParse[] = "parse_failed";
inline constexpr char kValidation[] = "validation_failed";
inline constexpr char kVariables[] = "bad_variables";
inline constexpr char kOperation[] = "bad_operation";        ///< none, unknown or ambiguous
inline constexpr char kUnsupported[] = "unsupported";        ///< subscriptions
inline constexpr char kIntrospection[] = "introspection_off";
inline constexpr char kTooLarge[] = "query_too_large";       ///< bytes
inline constexpr char kTooManyTokens[] = "too_many_tokens";
inline constexpr char kTooDeep[] = "query_too_deep";
inline constexpr char kTooManyDefinitions[] = "too_many_definitions";
inline constexpr char kTooManyAliases[] = "too_many_aliases";
inline constexpr char kTooManyRoots[] = "too_many_root_fields";
inline constexpr char kTooCostly[] = "query_too_costly";
inline constexpr char kResultTooLarge[] = "result_too_large";
inline constexpr char kDeadline[] = "deadline_exceeded";
inline constexpr char kInternal[] = "internal";
inline constexpr char kBadArgument[] = "bad_argument";
}  // namespace codes

/// No response lists more than these; further ones would say little.
inline constexpr size_t kMaxProblems = 50;

}  // namespace trackwire::graphql
