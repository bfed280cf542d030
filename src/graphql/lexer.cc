#include "graphql/lexer.h"

namespace trackwire::graphql {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// Control characters may stand nowhere, save tab and line ends.
bool IsSourceCharacter(char c) {
  return static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n' || c == '\r';
}

TokenKind Punctuator(char c) {
  switch (c) {
    case '!': return TokenKind::kBang;
    case '$': return TokenKind::kDollar;
    case '&': return TokenKind::kAmp;
    case '(': return TokenKind::kParenOpen;
    case ')': return TokenKind::kParenClose;
    case ':': return TokenKind::kColon;
    case '=': return TokenKind::kEquals;
    case '@': return TokenKind::kAt;
    case '[': return TokenKind::kBracketOpen;
    case ']': return TokenKind::kBracketClose;
    case '{': return TokenKind::kBraceOpen;
    case '|': return TokenKind::kPipe;
    case '}': return TokenKind::kBraceClose;
    default: return TokenKind::kBad;
  }
}

std::string Shown(char c) {
  if (c > 0x20 && c < 0x7f) return std::string("the character ") + c;
  constexpr char kHex[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  return std::string("the byte 0x") + kHex[byte >> 4] + kHex[byte & 15];
}

}  // namespace

bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsNameContinue(char c) { return IsNameStart(c) || IsDigit(c); }

const char* ToString(TokenKind kind) {
  constexpr const char* kNames[] = {
      "the end", "\"!\"", "\"$\"", "\"&\"", "\"(\"", "\")\"", "\"...\"", "\":\"", "\"=\"", "\"@\"",
      "\"[\"", "\"]\"", "\"{\"", "\"|\"", "\"}\"", "a name", "an integer", "a number", "a string",
      "a block string", "a mistake"};
  return kNames[static_cast<size_t>(kind)];
}

Token Lexer::Bad(size_t at, std::string message) {
  message_ = std::move(message);
  at_ = at;
  Token token;
  token.kind = TokenKind::kBad;
  token.offset = static_cast<uint32_t>(at);
  return token;
}

Token Lexer::Make(TokenKind kind, size_t start) const {
  Token token;
  token.kind = kind;
  token.offset = static_cast<uint32_t>(start);
  token.text = text_.substr(start, at_ - start);
  return token;
}

void Lexer::SkipIgnored() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == ' ' || c == ',' || c == '\t' || c == '\n' || c == '\r') {
      ++at_;
    } else if (c == '#') {
      while (at_ < text_.size() && text_[at_] != '\n' && text_[at_] != '\r' &&
             IsSourceCharacter(text_[at_])) {
        ++at_;
      }
    } else if (text_.substr(at_, 3) == kByteOrderMark) {
      at_ += 3;
    } else {
      return;
    }
  }
}

Token Lexer::Next() {
  SkipIgnored();
  const size_t start = at_;
  if (at_ == text_.size()) return Make(TokenKind::kEnd, start);
  const char c = text_[at_];
  if (IsNameStart(c)) {
    while (IsNameContinue(Peek())) ++at_;
    return Make(TokenKind::kName, start);
  }
  if (IsDigit(c) || c == '-') return ReadNumber();
  if (c == '"') return text_.substr(at_, 3) == "\"\"\"" ? ReadBlockString() : ReadString();
  if (c == '.') {
    if (text_.substr(at_, 3) != "...") return Bad(start, "a \".\" stands only in \"...\"");
    at_ += 3;
    return Make(TokenKind::kSpread, start);
  }
  const TokenKind kind = Punctuator(c);
  if (kind == TokenKind::kBad) return Bad(start, Shown(c) + " cannot stand here");
  ++at_;
  return Make(kind, start);
}

bool Lexer::SkipDigits() {
  if (!IsDigit(Peek())) return false;
  while (IsDigit(Peek())) ++at_;
  return true;
}

Token Lexer::ReadNumber() {
  const size_t start = at_;
  bool is_float = false;
  if (Peek() == '-') ++at_;
  if (Peek() == '0' && IsDigit(Peek(1))) return Bad(start, "a number begins with a needless 0");
  if (!SkipDigits()) return Bad(start, "a digit must follow \"-\"");
  if (Peek() == '.') {
    ++at_;
    is_float = true;
    if (!SkipDigits()) return Bad(start, "a digit must follow the point of a number");
  }
  if (Peek() == 'e' || Peek() == 'E') {
    ++at_;
    is_float = true;
    if (Peek() == '+' || Peek() == '-') ++at_;
    if (!SkipDigits()) return Bad(start, "a digit must follow the exponent of a number");
  }
  if (IsNameStart(Peek()) || Peek() == '.') return Bad(start, "a number ends in a letter or point");
  return Make(is_float ? TokenKind::kFloat : TokenKind::kInt, start);
}

Token Lexer::ReadString() {
  const size_t start = at_++;
  std::string value;
  while (true) {
    if (at_ >= text_.size() || Peek() == '\n' || Peek() == '\r') {
      return Bad(start, "a string does not end on its line");
    }
    const char c = text_[at_];
    if (!IsSourceCharacter(c)) return Bad(at_, Shown(c) + " cannot stand in a string");
    if (c == '"') break;
    if (c != '\\') {
      value += c;
      ++at_;
      continue;
    }
    const size_t escape = at_;
    if (!ReadEscape(value)) return Bad(escape, "an escape that does not exist");
  }
  ++at_;
  Token token = Make(TokenKind::kString, start);
  token.string = std::move(value);
  return token;
}

namespace {

void AppendUtf8(std::string& out, uint32_t c) {
  const auto tail = [&out, c](int shift) {
    out += static_cast<char>(0x80 | ((c >> shift) & 0x3F));
  };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

bool Lexer::ReadEscape(std::string& out) {
  const char c = Peek(1);
  at_ += 2;
  switch (c) {
    case '"': case '\\': case '/': out += c; return true;
    case 'b': out += '\b'; return true;
    case 'f': out += '\f'; return true;
    case 'n': out += '\n'; return true;
    case 'r': out += '\r'; return true;
    case 't': out += '\t'; return true;
    case 'u': break;
    default: return false;
  }
  uint32_t code_point = 0;
  if (!ReadUnicode(code_point)) return false;
  AppendUtf8(out, code_point);
  return true;
}

namespace {

/// Reads hexadecimal digits of `text` from `at` on, up to `max`; how many there were.
size_t ReadHex(std::string_view text, size_t at, size_t max, uint32_t& value) {
  value = 0;
  size_t count = 0;
  while (count < max && at + count < text.size()) {
    const char c = text[at + count];
    uint32_t digit = 0;
    if (IsDigit(c)) {
      digit = static_cast<uint32_t>(c - '0');
    } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
      digit = static_cast<uint32_t>((c | 0x20) - 'a') + 10;
    } else {
      break;
    }
    value = value << 4 | digit;
    ++count;
  }
  return count;
}

}  // namespace

bool Lexer::ReadUnicode(uint32_t& code_point) {
  if (Peek() == '{') {
    const size_t digits = ReadHex(text_, at_ + 1, 6, code_point);
    at_ += 1 + digits;
    if (digits == 0 || Peek() != '}') return false;
    ++at_;
    return code_point <= 0x10FFFF && (code_point < 0xD800 || code_point > 0xDFFF);
  }
  if (ReadHex(text_, at_, 4, code_point) != 4) return false;
  at_ += 4;
  if (code_point < 0xD800 || code_point > 0xDFFF) return true;
  // The two halves of one character, as UTF-16 has it; a half alone is nothing.
  uint32_t low = 0;
  if (code_point > 0xDBFF || Peek() != '\\' || Peek(1) != 'u') return false;
  if (ReadHex(text_, at_ + 2, 4, low) != 4 || low < 0xDC00 || low > 0xDFFF) return false;
  at_ += 6;
  code_point = 0x10000 + ((code_point - 0xD800) << 10) + (low - 0xDC00);
  return true;
}

Token Lexer::ReadBlockString() {
  const size_t start = at_;
  at_ += 3;
  std::string raw;
  while (text_.substr(at_, 3) != "\"\"\"") {
    if (at_ >= text_.size()) return Bad(start, "a block string does not end");
    if (!IsSourceCharacter(text_[at_])) {
      return Bad(at_, Shown(text_[at_]) + " cannot stand in a string");
    }
    if (text_.substr(at_, 4) == "\\\"\"\"") {
      raw += "\"\"\"";
      at_ += 4;
    } else {
      raw += text_[at_++];
    }
  }
  at_ += 3;
  Token token = Make(TokenKind::kBlockString, start);
  token.string = BlockStringValue(raw);
  return token;
}

}  // namespace trackwire::graphql
