#include "socketio/name_pattern.h"

#include <gtest/gtest.h>

#include <random>
#include <regex>
#include <string>

namespace trackwire::socketio {
namespace {

NamePattern Read(std::string_view pattern) {
  auto read = NamePattern::Parse(pattern);
  EXPECT_TRUE(read) << pattern;
  return std::move(*read);
}

bool Fits(std::string_view pattern, std::string_view name) { return Read(pattern).Matches(name); }

TEST(NamePatternTest, FindsAPartUnlessItIsToldWhereToBegin) {
  EXPECT_TRUE(Fits("b", "/abc"));
  EXPECT_FALSE(Fits("^b", "/abc"));
  EXPECT_TRUE(Fits(R"(^\/dynamic-\d+$)", "/dynamic-101"));
  EXPECT_FALSE(Fits(R"(^\/dynamic-\d+$)", "/dynamic-101x"));
  EXPECT_FALSE(Fits(R"(^\/dynamic-\d+$)", "/dynamic-"));
  EXPECT_TRUE(Fits("", ""));
  EXPECT_TRUE(Fits("^$", ""));
  EXPECT_FALSE(Fits("^$", "/"));
}

TEST(NamePatternTest, KnowsClassesGroupsAndQuantifiers) {
  EXPECT_TRUE(Fits("^/(red|green|)-[a-fx]{2,3}$", "/red-afx"));
  EXPECT_TRUE(Fits("^/(red|green|)-[a-fx]{2,3}$", "/-ff"));
  EXPECT_FALSE(Fits("^/(red|green|)-[a-fx]{2,3}$", "/blue-ff"));
  EXPECT_FALSE(Fits("^/(red|green|)-[a-fx]{2,3}$", "/red-f"));
  EXPECT_TRUE(Fits("^(?:ab)*?c+?$", "ababcc"));
  EXPECT_TRUE(Fits("^(?<room>a?){3}$", "aa"));
  EXPECT_TRUE(Fits(R"(^[^\s\d-]+$)", "/x_y"));
  EXPECT_FALSE(Fits(R"(^[^\s\d-]+$)", "/x-y"));
  EXPECT_TRUE(Fits(R"(\bnews\b)", "/news/today"));
  EXPECT_FALSE(Fits(R"(\bnews\b)", "/newsroom"));
  EXPECT_TRUE(Fits(R"(\x41\u0042\t)", "AB\t"));
  EXPECT_TRUE(Fits("^a{,2}]$", "a{,2}]"));
  EXPECT_FALSE(Fits("[]", "a"));
  EXPECT_TRUE(Fits("^[^]$", "\n"));
  EXPECT_FALSE(Fits("^.$", "\n"));
}

TEST(NamePatternTest, CountsCharactersAndNotBytes) {
  EXPECT_TRUE(Fits("^.{3}$", "\u00e9\u20ac\U0001f6a2"));
  EXPECT_TRUE(Fits("^[\u00e0-\u00ff]$", "\u00e9"));
  EXPECT_TRUE(Fits("^..$", "\xff\xc3"));
  EXPECT_TRUE(Fits(R"(^\D\W$)", "\u20ac\u20ac"));
}

TEST(NamePatternTest, RefusesWhatItDoesNotKnow) {
  for (const char* pattern :
       {"(", ")", "a)", "[a", "*", "a**", "a{2}{3}", "^*", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)",
        R"(\1)", R"((a)\2)", R"(\q)", "\\", "[b-a]", "a{3,2}", "a{2001}", "(a{100}){100}",
        R"(\x4)", R"(\u12)", "(?<a", R"([\)"}) {
    const auto read = NamePattern::Parse(pattern);
    ASSERT_FALSE(read) << pattern;
    EXPECT_EQ(read.error().code, "bad_pattern");
  }
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += '(';
  EXPECT_FALSE(NamePattern::Parse(deep));
}

/// Patterns on which an engine that goes back does not come to an end.
TEST(NamePatternTest, IsNotSlowedDownByAnyName) {
  const std::string name = "/" + std::string(255, 'a') + "!";
  EXPECT_FALSE(Fits("^/(a+)+$", name));
  EXPECT_FALSE(Fits("^/(a|a)*$", name));
  EXPECT_FALSE(Fits("^/(a*)*(a*)*(a*)*$", name));
  EXPECT_FALSE(Fits("^/(.*)(.*)(.*)(.*)(.*)x$", name));
  EXPECT_FALSE(Fits("^/(a?){255}b$", name));
}

/// Writes a random pattern that std::regex understands the same way.
class Writer {
 public:
  explicit Writer(uint32_t seed) : random_(seed) {}

  std::string Pattern(int depth) {
    std::string text = Sequence(depth);
    while (Roll(4) == 0) text += "|" + Sequence(depth);
    return text;
  }
  std::string Name() {
    std::string name;
    for (uint32_t i = Roll(7); i > 0; --i) name += "ab1_-/"[Roll(6)];
    return name;
  }

 private:
  uint32_t Roll(uint32_t sides) { return static_cast<uint32_t>(random_() % sides); }
  std::string Sequence(int depth) {
    std::string text;
    for (uint32_t i = Roll(4); i > 0; --i) text += Term(depth);
    return text;
  }
  std::string Term(int depth) {
    static const char* const kAtoms[] = {"a",     "b",     "1",    "_",   "-",   ".",
                                         "[ab]",  "[^a1]", R"(\d)", R"(\w)", R"(\W)", R"([\w-])"};
    static const char* const kTails[] = {"", "", "", "*", "+", "?", "*?", "{2}", "{1,}", "{0,2}"};
    static const char* const kPlaces[] = {"^", "$", R"(\b)", R"(\B)"};
    if (Roll(8) == 0) return kPlaces[Roll(4)];
    const std::string atom =
        depth > 0 && Roll(3) == 0 ? "(" + Pattern(depth - 1) + ")" : kAtoms[Roll(12)];
    return atom + kTails[Roll(10)];
  }

  std::mt19937 random_;
};

TEST(NamePatternTest, SaysWhatTheStandardLibrarySays) {
  int fits = 0;
  for (uint32_t seed = 0; seed < 3'000; ++seed) {
    Writer writer(seed);
    const std::string pattern = writer.Pattern(2);
    const NamePattern ours = Read(pattern);
    const std::regex theirs(pattern, std::regex::ECMAScript);
    for (int i = 0; i < 10; ++i) {
      const std::string name = writer.Name();
      const bool expected = std::regex_search(name, theirs);
      ASSERT_EQ(ours.Matches(name), expected) << pattern << " on " << name;
      fits += expected ? 1 : 0;
    }
  }
  EXPECT_GT(fits, 1'000);
}

}  // namespace
}  // namespace trackwire::socketio
