#include "graphql/parser.h"

#include <gtest/gtest.h>

#include "graphql/printer.h"
#include "tests/graphql/animals.h"

namespace trackwire::graphql {
namespace {

/// What a text says, printed; or the problem with its place.
std::string Read(const std::string& text, const ParseLimits& limits = {}) {
  auto document = Parse(text, limits);
  if (document) return Print(*document);
  const Problem& problem = document.error();
  std::string out = problem.code;
  for (const Place& place : problem.places) {
    out += " " + std::to_string(place.line) + ":" + std::to_string(place.column);
  }
  return out;
}

TEST(ParserTest, ReadsEverythingThatARequestMayHold) {
  const std::string text = R"(query Named($a: [Int!]! = [1, -2], $b: T = {x: "y", z: [null, true]} @d) @e(f: ENUM) {
  alias: field(arg: $a, f: 1.5e3) @skip(if: $b) {
    ...Fragment @include(if: true)
    ... on Type {
      id
    }
    ... @d {
      id
    }
  }
}

mutation {
  on
}

subscription S {
  fragment
}

fragment Fragment on query @d {
  true
}
)";
  EXPECT_EQ(Read(text), text);
}

TEST(ParserTest, ReadsEverythingThatASchemaMayHold) {
  const std::string text = R"("the schema"
schema @d {
  query: Q
  mutation: M
}

extend schema @e

"a directive"
directive @d(a: Int = 1 @e) repeatable on FIELD | QUERY

"a scalar"
scalar S @d

type T implements A & B @d {
  "a field"
  f("an argument" a: [Int!] = [1], b: S): T! @deprecated(reason: "old")
  g: Int
}

interface I implements A {
  f: T
}

union U @d = A | B

enum E {
  "a value"
  X @d
  Y
}

input N @d {
  "a field" a: Int = 1 @e
}

extend type T implements C

extend union U = C
)";
  std::string printed = Read(text);
  EXPECT_EQ(Read(printed), printed);
  auto document = Parse(text);
  ASSERT_TRUE(document);
  EXPECT_EQ(document->types.size(), 8u);
  EXPECT_EQ(document->types[1].fields[0].arguments[0].description, "an argument");
  EXPECT_TRUE(document->directives[0].repeatable);
  EXPECT_EQ(document->schemas[0].description, "the schema");
  EXPECT_TRUE(document->SaysTheSameAs(*Parse(printed)));
}

TEST(ParserTest, MayBeginListsWithTheirSeparator) {
  EXPECT_EQ(Read("union U = | A | B type T implements & A & B"),
            "union U = A | B\n\ntype T implements A & B\n");
}

TEST(ParserTest, SaysWhereTextsAreWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "parse_failed 1:1"},
      {"{", "parse_failed 1:2"},
      {"{}", "parse_failed 1:2"},
      {"{a}}", "parse_failed 1:4"},
      {"{a(}", "parse_failed 1:4"},
      {"{a()}", "parse_failed 1:4"},
      {"{a(b)}", "parse_failed 1:5"},
      {"{\n  a\n  é }", "parse_failed 3:3"},
      {"query ($a: Int = $b) {a}", "parse_failed 1:18"},
      {"query () {a}", "parse_failed 1:8"},
      {"fragment on on T {a}", "parse_failed 1:10"},
      {"fragment F on T", "parse_failed 1:16"},
      {"{... on}", "parse_failed 1:8"},
      {"{...on T}", "parse_failed 1:9"},
      {"{a: }", "parse_failed 1:5"},
      {"{a(b: [1)}", "parse_failed 1:9"},
      {"{a(b: {c 1})}", "parse_failed 1:10"},
      {"query Q", "parse_failed 1:8"},
      {"select", "parse_failed 1:1"},
      {"enum E {true}", "parse_failed 1:9"},
      {"type T {}", "parse_failed 1:9"},
      {"extend type T", "parse_failed 1:8"},
      {"extend schema", "parse_failed 1:14"},
      {"extend directive @a on FIELD", "parse_failed 1:8"},
      {"\"text\" {a}", "parse_failed 1:8"},
      {"\"text\" extend type T {a: Int}", "parse_failed 1:8"},
      {"schema {subscribe: T}", "parse_failed 1:9"},
      {"directive @a", "parse_failed 1:13"},
      {"{a(b: 01)}", "parse_failed 1:7"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(Read(text), expected) << text;
  EXPECT_EQ(Read("{a(b: \"\xFF\")}"), "parse_failed");
}

TEST(ParserTest, CountsColumnsInCharacters) {
  EXPECT_EQ(Read("{a(b: \"\u20ac\u20ac\") ?"), "parse_failed 1:13");
  EXPECT_EQ(Read("{a\r\n?"), "parse_failed 2:1");
  EXPECT_EQ(Read("{a\r?"), "parse_failed 2:1");
}

std::string Repeat(const std::string& text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(ParserTest, StopsAtItsLimits) {
  ParseLimits limits;
  limits.max_bytes = 100;
  EXPECT_EQ(Read("{" + Repeat("a", 98) + "}", limits).substr(0, 5), "query");
  EXPECT_EQ(Read("{" + Repeat("a", 99) + "}", limits), "query_too_large");
  limits = {};
  limits.max_tokens = 5;
  EXPECT_EQ(Read("{a b c}", limits).substr(0, 5), "query");
  EXPECT_EQ(Read("{a b c d}", limits), "too_many_tokens 1:9");
}

TEST(ParserTest, GoesNoDeeperThanItsLimit) {
  ParseLimits limits;
  limits.max_bytes = 10'000'000;
  limits.max_tokens = 10'000'000;
  const size_t many = 1'000'000;
  EXPECT_EQ(Read(Repeat("{a", 64) + Repeat("}", 64), limits).substr(0, 5), "query");
  EXPECT_EQ(Read(Repeat("{a", 65) + Repeat("}", 65), limits), "query_too_deep 1:129");
  EXPECT_EQ(Read(Repeat("{a", many), limits), "query_too_deep 1:129");
  EXPECT_EQ(Read("{a(b:" + Repeat("[", many), limits), "query_too_deep 1:69");
  EXPECT_EQ(Read("{a(b:" + Repeat("{c:", many), limits).substr(0, 14), "query_too_deep");
  EXPECT_EQ(Read("query($a:" + Repeat("[", many), limits).substr(0, 14), "query_too_deep");
  EXPECT_EQ(Read("query($a:" + Repeat("[", 20) + "A" + Repeat("!]", 20) + "){a}", limits),
            "query_too_deep 1:14");
}

TEST(ParserTest, ReadsEveryPieceOfATextWithoutHarm) {
  const std::string text = testing::kAnimals;
  for (size_t end = 0; end < text.size(); ++end) {
    auto document = Parse(text.substr(0, end));
    if (!document) continue;
    EXPECT_EQ(Read(Print(*document)), Print(*document));
  }
}

TEST(PrinterTest, QuotesTexts) {
  EXPECT_EQ(QuoteString("a\"\\\n\t\r\x01\x7f\u20ac"), "\"a\\\"\\\\\\n\\t\\r\\u0001\x7f\u20ac\"");
}

}  // namespace
}  // namespace trackwire::graphql
