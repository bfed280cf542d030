#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace trackwire::graphql {

enum class TokenKind : uint8_t {
  kEnd, kBang, kDollar, kAmp, kParenOpen, kParenClose, kSpread, kColon, kEquals, kAt, kBracketOpen,
  kBracketClose, kBraceOpen, kPipe, kBraceClose, kName, kInt, kFloat, kString, kBlockString,
  kBad,  ///< see Lexer::message()
};
/// For people: `"}"`, `a name`.
const char* ToString(TokenKind kind);

struct Token {
  TokenKind kind = TokenKind::kEnd;
  uint32_t offset = 0;
  std::string_view text;  ///< as written
  std::string string;     ///< of strings: their value
};

/// Splits a text into tokens, leaving out what says nothing: white space, commas, comments.
///
/// The text must be UTF-8 and outlive the tokens. Linear in the text, no recursion. After a kBad it
/// gives the same again. Spec: GraphQL October 2021, section 2.1; also `\u{1F600}` of its
/// successor.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Token Next();
  /// What is wrong, after a kBad.
  const std::string& message() const { return message_; }

 private:
  void SkipIgnored();
  Token Bad(size_t at, std::string message);
  Token Make(TokenKind kind, size_t start) const;
  Token ReadNumber();
  bool SkipDigits();
  Token ReadString();
  Token ReadBlockString();
  bool ReadEscape(std::string& out);
  bool ReadUnicode(uint32_t& code_point);
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string message_;
};

/// The value of a block string: without the common indentation and empty lines around it.
/// Spec: section 2.9.4, BlockStringValue().
std::string BlockStringValue(std::string_view raw);

bool IsNameStart(char c);
bool IsNameContinue(char c);

}  // namespace trackwire::graphql
