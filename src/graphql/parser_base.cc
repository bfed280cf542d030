#include "graphql/parser_base.h"

namespace trackwire::graphql {

ParserBase::ParserBase(std::string_view text, const ParseLimits& limits)
    : text_(text), limits_(limits), lexer_(text) {
  Advance();
}

ParserBase::Depth::Depth(ParserBase& parser) : parser_(parser) {
  ok_ = ++parser_.depth_ <= parser_.limits_.max_depth;
  if (!ok_) {
    parser_.Fail(codes::kTooDeep,
                 "brackets in one another deeper than " + std::to_string(parser_.limits_.max_depth),
                 parser_.token_.offset);
  }
}

bool ParserBase::Fail(const char* code, std::string message, uint32_t offset) {
  if (!problem_) {
    problem_.emplace();
    problem_->code = code;
    problem_->message = std::move(message);
    problem_->places.push_back(PlaceOf(text_, offset));
  }
  return false;
}

bool ParserBase::Unexpected() {
  if (failed()) return false;
  std::string shown = ToString(token_.kind);
  if (token_.kind == TokenKind::kName || token_.kind == TokenKind::kInt ||
      token_.kind == TokenKind::kFloat) {
    shown += " \"" + std::string(token_.text.substr(0, 64)) + '"';
  }
  return Fail(codes::kParse, "unexpected: " + shown, token_.offset);
}

bool ParserBase::Advance() {
  if (failed()) return false;
  token_ = lexer_.Next();
  if (token_.kind == TokenKind::kBad) return Fail(codes::kParse, lexer_.message(), token_.offset);
  if (token_.kind != TokenKind::kEnd && ++tokens_ > limits_.max_tokens) {
    return Fail(codes::kTooManyTokens,
                "more than " + std::to_string(limits_.max_tokens) + " tokens", token_.offset);
  }
  return true;
}

bool ParserBase::Expect(TokenKind kind) {
  if (At(kind)) return Advance();
  if (failed()) return false;
  Unexpected();
  problem_->message += std::string(", expected: ") + ToString(kind);
  return false;
}

bool ParserBase::ExpectWord(std::string_view word) {
  if (AtWord(word)) return Advance();
  if (failed()) return false;
  Unexpected();
  problem_->message += ", expected: \"" + std::string(word) + '"';
  return false;
}

bool ParserBase::ReadName(std::string_view& name) {
  name = token_.text;
  return Expect(TokenKind::kName);
}

bool ParserBase::ReadArguments(std::vector<ast::Argument>& arguments, bool constant) {
  if (!At(TokenKind::kParenOpen)) return !failed();
  const auto read = [&] {
    ast::Argument& argument = arguments.emplace_back();
    argument.at = place();
    return ReadName(argument.name) && Expect(TokenKind::kColon) &&
           ReadValue(argument.value, constant);
  };
  return ReadMany(TokenKind::kParenOpen, read, TokenKind::kParenClose);
}

bool ParserBase::ReadDirectives(std::vector<ast::Directive>& directives, bool constant) {
  while (At(TokenKind::kAt)) {
    ast::Directive& directive = directives.emplace_back();
    directive.at = place();
    if (!Advance() || !ReadName(directive.name)) return false;
    if (!ReadArguments(directive.arguments, constant)) return false;
  }
  return !failed();
}

bool ParserBase::ReadValue(ast::Value& value, bool constant) {
  value.at = place();
  value.text = token_.text;
  switch (token_.kind) {
    case TokenKind::kBracketOpen: return ReadListValue(value, constant);
    case TokenKind::kBraceOpen: return ReadObjectValue(value, constant);
    case TokenKind::kInt: value.kind = ast::ValueKind::kInt; break;
    case TokenKind::kFloat: value.kind = ast::ValueKind::kFloat; break;
    case TokenKind::kName: ReadWord(value); break;
    case TokenKind::kString:
    case TokenKind::kBlockString:
      value.kind = ast::ValueKind::kString;
      value.text = {};
      value.string = std::move(token_.string);
      break;
    case TokenKind::kDollar:
      if (constant) return Fail(codes::kParse, "a variable cannot stand here", token_.offset);
      value.kind = ast::ValueKind::kVariable;
      return Advance() && ReadName(value.text);
    default: return Unexpected();
  }
  return Advance();
}

void ParserBase::ReadWord(ast::Value& value) {
  value.truth = value.text == "true";
  if (value.truth || value.text == "false") {
    value.kind = ast::ValueKind::kBoolean;
  } else {
    value.kind = value.text == "null" ? ast::ValueKind::kNull : ast::ValueKind::kEnum;
  }
}

bool ParserBase::ReadListValue(ast::Value& value, bool constant) {
  const Depth depth(*this);
  value.kind = ast::ValueKind::kList;
  value.text = {};
  if (!depth.ok() || !Advance()) return false;
  while (!At(TokenKind::kBracketClose)) {
    if (!ReadValue(value.items.emplace_back(), constant)) return false;
  }
  return Advance();
}

bool ParserBase::ReadObjectValue(ast::Value& value, bool constant) {
  const Depth depth(*this);
  value.kind = ast::ValueKind::kObject;
  value.text = {};
  if (!depth.ok() || !Advance()) return false;
  while (!At(TokenKind::kBraceClose)) {
    ast::ObjectField& field = value.fields.emplace_back();
    field.at = place();
    if (!ReadName(field.name) || !Expect(TokenKind::kColon)) return false;
    if (!ReadValue(field.value, constant)) return false;
  }
  return Advance();
}

bool ParserBase::ReadType(ast::TypeRef& type) {
  const ast::At start = place();
  if (At(TokenKind::kBracketOpen)) {
    const Depth depth(*this);
    if (!depth.ok() || !Advance() || !ReadType(type)) return false;
    if (type.wraps.full()) return Fail(codes::kTooDeep, "too many lists in one", start.offset);
    type.wraps = type.wraps.InList();
    if (!Expect(TokenKind::kBracketClose)) return false;
  } else if (!ReadName(type.name)) {
    return false;
  }
  type.at = start;
  if (!At(TokenKind::kBang)) return true;
  if (type.wraps.full()) return Fail(codes::kTooDeep, "too many lists in one", type.at.offset);
  type.wraps = type.wraps.InNonNull();
  return Advance();
}

}  // namespace trackwire::graphql
