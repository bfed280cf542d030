#include "base/json_scanner.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace trackwire::base {
namespace {

std::optional<JsonError> ErrorOf(std::string_view text, uint32_t depth = kMaxJsonDepth) {
  // An exact-size heap copy, so that a sanitizer sees a read past the end.
  const std::vector<char> exact(text.begin(), text.end());
  auto value = ScanJson({exact.data(), exact.size()}, depth);
  if (value) return {};
  return value.error();
}

TEST(JsonScannerTest, AcceptsEveryKindOfValue) {
  for (const char* text :
       {"null", "true", "false", "0", "-0", "1.5e+3", "10E-2", "\"\"", "[]", "{}", " [ 1 , 2 ] ",
        R"({"a":{"b":[1,{"c":null}]},"a":2})", R"("\u00e9\n\/\ud800")", "\"\xF0\x9F\x9A\xA2\"",
        "\t\r\n[[],{}]\n"}) {
    EXPECT_FALSE(ErrorOf(text)) << text;
  }
}

TEST(JsonScannerTest, NamesWhatIsWrong) {
  const std::vector<std::pair<std::string, JsonError>> cases = {
      {"", JsonError::kEmpty},
      {"  \n", JsonError::kEmpty},
      {"nul", JsonError::kTruncated},
      {"nulL", JsonError::kUnexpected},
      {"[1,]", JsonError::kUnexpected},
      {"[,1]", JsonError::kUnexpected},
      {"{\"a\":1,}", JsonError::kUnexpected},
      {"{a:1}", JsonError::kUnexpected},
      {"{\"a\" 1}", JsonError::kUnexpected},
      {"[1}", JsonError::kUnexpected},
      {"[1", JsonError::kTruncated},
      {"{\"a\"", JsonError::kTruncated},
      {"\"abc", JsonError::kTruncated},
      {"1 2", JsonError::kTrailing},
      {"{}x", JsonError::kTrailing},
      {"01", JsonError::kBadNumber},
      {"-", JsonError::kTruncated},
      {"1.", JsonError::kTruncated},
      {"1.x", JsonError::kBadNumber},
      {"1e", JsonError::kTruncated},
      {"+1", JsonError::kUnexpected},
      {".5", JsonError::kUnexpected},
      {"NaN", JsonError::kUnexpected},
      {"'a'", JsonError::kUnexpected},
      {"\"\\x\"", JsonError::kBadString},
      {"\"\\u12g4\"", JsonError::kBadString},
      {"\"a\nb\"", JsonError::kBadString},
      {std::string("\"a\0b\"", 5), JsonError::kBadString},
      {"\"\xC0\x80\"", JsonError::kBadUtf8},
      {"\"\xED\xA0\x80\"", JsonError::kBadUtf8},
      {"\"\xF5\x80\x80\x80\"", JsonError::kBadUtf8},
      {"\"\xE2\x82\"", JsonError::kBadUtf8},
      {"// no\n1", JsonError::kUnexpected},
  };
  for (const auto& [text, error] : cases) EXPECT_EQ(ErrorOf(text), error) << text;
}

TEST(JsonScannerTest, EveryPrefixOfAValueIsIncomplete) {
  const std::string text = R"({"a":[1.5e2,true,null,"x\u0041\n"],"b":{"c":[[]]}})";
  ASSERT_FALSE(ErrorOf(text));
  for (size_t i = 0; i < text.size(); ++i) EXPECT_TRUE(ErrorOf(text.substr(0, i))) << i;
}

TEST(JsonScannerTest, StopsAtTheDepthLimit) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_FALSE(ErrorOf(nested(64)));
  EXPECT_EQ(ErrorOf(nested(65)), JsonError::kTooDeep);
  EXPECT_FALSE(ErrorOf(nested(4096), 10'000));
  EXPECT_EQ(ErrorOf(nested(4097), 10'000), JsonError::kTooDeep);
  EXPECT_EQ(ErrorOf(std::string(1'000'000, '[')), JsonError::kTooDeep);
}

TEST(JsonScannerTest, WalksArraysAndObjects) {
  auto value = ScanJson(R"( { "a" : 1 , "b\u0063" : [ {} , "],[" , -2.5 ] , "a":"\"" } )");
  ASSERT_TRUE(value);
  JsonObjectReader members(*value);
  auto first = members.Next();
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->KeyIs("a"));
  EXPECT_EQ(first->value.text, "1");
  auto second = members.Next();
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->KeyIs("bc"));
  JsonArrayReader elements(second->value);
  EXPECT_EQ(elements.Next()->text, "{}");
  EXPECT_EQ(elements.Next()->text, "\"],[\"");
  EXPECT_EQ(JsonNumber(*elements.Next()), -2.5);
  EXPECT_FALSE(elements.Next());
  EXPECT_TRUE(members.Next());
  EXPECT_FALSE(members.Next());
  EXPECT_EQ(FindMember(*value, "a")->text, "\"\\\"\"");
}

TEST(JsonScannerTest, DecodesStrings) {
  EXPECT_EQ(DecodeJsonString(R"("a\"\\\/\b\f\n\r\t")"), "a\"\\/\b\f\n\r\t");
  EXPECT_EQ(DecodeJsonString(R"("\u00e9\u20ac\ud83d\udea2")"), "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x9A\xA2");
  EXPECT_EQ(DecodeJsonString(R"("\ud83dx\udea2")"), "\xEF\xBF\xBDx\xEF\xBF\xBD");
}

TEST(JsonScannerTest, ReadsNumbers) {
  const auto number = [](const char* text) { return JsonNumber(*ScanJson(text)); };
  EXPECT_EQ(number("48.8583701"), 48.8583701);
  EXPECT_FALSE(number("1e400"));
  EXPECT_FALSE(number("0.1e999"));
  EXPECT_EQ(number("1e-400"), 0.0);
  EXPECT_EQ(JsonInteger(*ScanJson("9223372036854775807")), INT64_MAX);
  EXPECT_FALSE(JsonInteger(*ScanJson("9223372036854775808")));
  EXPECT_FALSE(JsonInteger(*ScanJson("1.0")));
}

TEST(JsonScannerTest, WritesNumbersAsJavaScriptDoes) {
  const auto text = [](double value) {
    std::string out;
    AppendJsonNumber(out, value);
    return out;
  };
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(-0.0), "0");
  EXPECT_EQ(text(48.8583701), "48.8583701");
  EXPECT_EQ(text(1e20), "100000000000000000000");
  EXPECT_EQ(text(5e-324), "5e-324");
  EXPECT_EQ(text(0.000001), "0.000001");
}

// The slow reference: what Boost.JSON, set to the same rules, says of the same text.
bool ReferenceAccepts(const std::string& text) {
  boost::json::parse_options options;
  options.max_depth = kMaxJsonDepth;
  boost::json::error_code error;
  boost::json::parse(text, error, {}, options);
  return !error;
}

TEST(JsonScannerTest, AgreesWithBoostJsonOnMutatedTexts) {
  const std::string seed =
      R"({"message_type":"e","n":[1,-2.5e3,true,false,null,"a\n\u0041é"],"o":{"k":{}}})";
  std::mt19937 random(7);
  const std::string alphabet = "{}[]:,\"\\0123456789.eE+-truefalsn \n\xC3\xA9u";
  int accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = seed;
    for (unsigned edits = random() % 4; edits > 0; --edits) {
      const size_t at = random() % text.size();
      const char c = alphabet[random() % alphabet.size()];
      if (random() % 2 == 0) {
        text[at] = c;
      } else {
        text.insert(at, 1, c);
      }
    }
    // Boost refuses a lone surrogate, which JavaScript accepts.
    if (text.find("\\ud") != std::string::npos) continue;
    const bool ours = !ErrorOf(text);
    ASSERT_EQ(ours, ReferenceAccepts(text)) << text;
    accepted += ours ? 1 : 0;
  }
  EXPECT_GT(accepted, 1000);
}

TEST(JsonScannerTest, WritesArraysOfTextsAndOfValues) {
  std::string out;
  AppendJsonArray(out, {}, false);
  AppendJsonArray(out, {"a\"b", "7"}, false);
  AppendJsonArray(out, {"\"a\"", "7"}, true);
  EXPECT_EQ(out, R"([]["a\"b","7"]["a",7])");
}

TEST(JsonScannerTest, WritesStringsThatReadBack) {
  std::string all;
  for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
  all += "\xE2\x82\xAC";
  std::string out;
  AppendJsonString(out, all);
  ASSERT_FALSE(ErrorOf(out));
  EXPECT_EQ(DecodeJsonString(out), all);
}

}  // namespace
}  // namespace trackwire::base
