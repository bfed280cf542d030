#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graphql/ast.h"
#include "graphql/lexer.h"
#include "graphql/parser.h"

namespace trackwire::graphql {

/// What the two halves of the grammar share: tokens, values, directives, types.
///
/// Each function that reads something gives false, or nothing, once problem() is set, and leaves
/// the rest of the text alone.
class ParserBase {
 public:
  ParserBase(std::string_view text, const ParseLimits& limits);

  bool failed() const { return problem_.has_value(); }
  Problem TakeProblem() { return std::move(*problem_); }

 protected:
  /// Counts a bracket for as long as it is open.
  class Depth {
   public:
    explicit Depth(ParserBase& parser);
    ~Depth() { --parser_.depth_; }
    bool ok() const { return ok_; }

   private:
    ParserBase& parser_;
    bool ok_;
  };

  const Token& token() const { return token_; }
  bool At(TokenKind kind) const { return !failed() && token_.kind == kind; }
  bool AtWord(std::string_view word) const {
    return At(TokenKind::kName) && token_.text == word;
  }
  ast::At place() const { return {token_.offset}; }
  bool Advance();
  /// Takes the token if it is there.
  bool Skip(TokenKind kind) { return At(kind) && (Advance(), true); }
  bool SkipWord(std::string_view word) { return AtWord(word) && (Advance(), true); }
  bool Expect(TokenKind kind);
  bool ExpectWord(std::string_view word);
  bool Unexpected();
  bool Fail(const char* code, std::string message, uint32_t offset);

  bool ReadName(std::string_view& name);
  /// One or more of what `read` reads, between brackets.
  template <typename Read>
  bool ReadMany(TokenKind open, Read read, TokenKind close) {
    if (!Expect(open)) return false;
    do {
      if (!read()) return false;
    } while (!failed() && !At(close));
    return Expect(close);
  }
  bool ReadArguments(std::vector<ast::Argument>& arguments, bool constant);
  bool ReadDirectives(std::vector<ast::Directive>& directives, bool constant);
  /// `constant`: without variables.
  bool ReadValue(ast::Value& value, bool constant);
  bool ReadType(ast::TypeRef& type);

 private:
  bool ReadListValue(ast::Value& value, bool constant);
  bool ReadObjectValue(ast::Value& value, bool constant);
  void ReadWord(ast::Value& value);

  std::string_view text_;
  const ParseLimits& limits_;
  Lexer lexer_;
  Token token_;
  size_t tokens_ = 0;
  uint32_t depth_ = 0;
  std::optional<Problem> problem_;
};

/// Reads definitions of a type system. Spec: section 3.
class SchemaParser : public ParserBase {
 public:
  using ParserBase::ParserBase;

 protected:
  /// Whether the next word begins a definition, and then reads it.
  bool AtDefinition() const;
  bool ReadDefinition(ast::Document& document);

 private:
  bool ReadDescription(std::optional<std::string>& description);
  bool ReadSchema(ast::Document& document, bool extend, std::optional<std::string> description);
  bool ReadTypeDefinition(ast::TypeDefinition& type);
  bool ReadInterfaces(std::vector<ast::Name>& interfaces);
  bool ReadMembers(std::vector<ast::Name>& members);
  bool ReadFields(std::vector<ast::FieldDefinition>& fields);
  bool ReadInputValue(std::vector<ast::InputValueDefinition>& values);
  bool ReadInputValues(TokenKind open, std::vector<ast::InputValueDefinition>& values,
                       TokenKind close);
  bool ReadEnumValue(std::vector<ast::EnumValueDefinition>& values);
  bool ReadDirectiveDefinition(ast::Document& document, std::optional<std::string> description);
  bool ReadTypeName(ast::Name& name);
};

}  // namespace trackwire::graphql
