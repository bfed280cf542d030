#include "graphql/lexer.h"

#include <gtest/gtest.h>

namespace trackwire::graphql {
namespace {

std::string Kinds(std::string_view text) {
  Lexer lexer(text);
  std::string out;
  while (true) {
    const Token token = lexer.Next();
    if (token.kind == TokenKind::kEnd) return out;
    if (token.kind == TokenKind::kBad) return out + "BAD@" + std::to_string(token.offset);
    out += std::string(token.text) + "|";
  }
}

TEST(LexerTest, SplitsPunctuatorsNamesAndNumbers) {
  EXPECT_EQ(Kinds("{a(b:$c)@d...[1!]=|&}"), "{|a|(|b|:|$|c|)|@|d|...|[|1|!|]|=|||&|}|");
  EXPECT_EQ(Kinds("_a9 0 -0 -12 1.5 1e3 1.5E-3 -0.0e+1"), "_a9|0|-0|-12|1.5|1e3|1.5E-3|-0.0e+1|");
}

TEST(LexerTest, LeavesOutWhatSaysNothing) {
  EXPECT_EQ(Kinds("\xEF\xBB\xBF,, a\t# comment } \r\n b#end"), "a|b|");
}

TEST(LexerTest, RefusesWhatIsNoToken) {
  EXPECT_EQ(Kinds("a ?"), "a|BAD@2");
  EXPECT_EQ(Kinds(".."), "BAD@0");
  EXPECT_EQ(Kinds("\x01"), "BAD@0");
  EXPECT_EQ(Kinds("# \x01"), "BAD@2");
  for (const char* number : {"01", "-", "1.", "1.e1", "1e", "1e+", "1a", "1_", "1.2.3", "0x1"}) {
    EXPECT_EQ(Kinds(number), "BAD@0") << number;
  }
}

std::string StringOf(std::string_view text) {
  Lexer lexer(text);
  const Token token = lexer.Next();
  return token.kind == TokenKind::kBad ? "BAD: " + lexer.message() : token.string;
}

TEST(LexerTest, UndoesEscapes) {
  EXPECT_EQ(StringOf(R"("")"), "");
  EXPECT_EQ(StringOf(R"("a\"\\\/\b\f\n\r\tz")"), "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(StringOf(R"("\u0041\u00e9\u20AC")"), "A\xC3\xA9\xE2\x82\xAC");
  EXPECT_EQ(StringOf(R"("\u{1F600}\ud83d\ude00\u{41}")"),
            "\xF0\x9F\x98\x80\xF0\x9F\x98\x80" "A");
}

TEST(LexerTest, RefusesBrokenStrings) {
  for (const char* text :
       {"\"", "\"a\nb\"", "\"a\rb\"", R"("\x")", R"("\u12")", R"("\uD83D")", R"("\uDE00")",
        R"("\uD83D\u0041")", R"("\u{110000}")", R"("\u{D800}")", R"("\u{}")", R"("\u{41")", "\"\\",
        "\"\x01\"", "\"\"\"a", "\"\"\"\x01\"\"\""}) {
    EXPECT_EQ(StringOf(text).substr(0, 4), "BAD:") << text;
  }
}

TEST(LexerTest, TakesTheCommonIndentFromBlockStrings) {
  EXPECT_EQ(StringOf("\"\"\"\n    Hello,\n      World!\n\n    Yours,\n      GraphQL.\n  \"\"\""),
            "Hello,\n  World!\n\nYours,\n  GraphQL.");
  EXPECT_EQ(StringOf("\"\"\"  first\r\n\t  second\r\t  third\"\"\""), "  first\nsecond\nthird");
  EXPECT_EQ(StringOf(R"("""a\"""b\n""")"), R"(a"""b\n)");
  EXPECT_EQ(StringOf("\"\"\"\n \n\t\n\"\"\""), "");
}

TEST(LexerTest, StaysWithItsMistake) {
  Lexer lexer("a ? b");
  EXPECT_EQ(lexer.Next().kind, TokenKind::kName);
  EXPECT_EQ(lexer.Next().kind, TokenKind::kBad);
  EXPECT_EQ(lexer.Next().kind, TokenKind::kBad);
}

}  // namespace
}  // namespace trackwire::graphql
