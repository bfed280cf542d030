#include <array>

#include "graphql/parser_base.h"

namespace trackwire::graphql {
namespace {

constexpr std::array<std::pair<std::string_view, ast::TypeKind>, 6> kTypeWords = {{
    {"scalar", ast::TypeKind::kScalar},
    {"type", ast::TypeKind::kObject},
    {"interface", ast::TypeKind::kInterface},
    {"union", ast::TypeKind::kUnion},
    {"enum", ast::TypeKind::kEnum},
    {"input", ast::TypeKind::kInputObject},
}};

std::optional<ast::TypeKind> TypeWord(std::string_view word) {
  for (const auto& [text, kind] : kTypeWords) {
    if (text == word) return kind;
  }
  return std::nullopt;
}

}  // namespace

bool SchemaParser::AtDefinition() const {
  if (At(TokenKind::kString) || At(TokenKind::kBlockString)) return true;
  return AtWord("extend") || AtWord("schema") || AtWord("directive") ||
         (At(TokenKind::kName) && TypeWord(token().text));
}

bool SchemaParser::ReadDescription(std::optional<std::string>& description) {
  if (!At(TokenKind::kString) && !At(TokenKind::kBlockString)) return !failed();
  description = token().string;
  return Advance();
}

bool SchemaParser::ReadDefinition(ast::Document& document) {
  std::optional<std::string> description;
  if (!ReadDescription(description)) return false;
  const bool extend = !description && SkipWord("extend");
  if (AtWord("schema")) return ReadSchema(document, extend, std::move(description));
  if (AtWord("directive") && !extend) {
    return ReadDirectiveDefinition(document, std::move(description));
  }
  const auto kind = At(TokenKind::kName) ? TypeWord(token().text) : std::nullopt;
  if (!kind) return Unexpected();
  ast::TypeDefinition& type = document.types.emplace_back();
  type.kind = *kind;
  type.extend = extend;
  type.description = std::move(description);
  const uint32_t start = token().offset;
  if (!Advance() || !ReadTypeDefinition(type)) return false;
  const bool adds = !type.directives.empty() || !type.interfaces.empty() || !type.fields.empty() ||
                    !type.members.empty() || !type.values.empty() || !type.input_fields.empty();
  if (extend && !adds) return Fail(codes::kParse, "an extension that adds nothing", start);
  return true;
}

bool SchemaParser::ReadTypeName(ast::Name& name) {
  name.at = place();
  return ReadName(name.text);
}

bool SchemaParser::ReadSchema(ast::Document& document, bool extend,
                              std::optional<std::string> description) {
  ast::SchemaDefinition& schema = document.schemas.emplace_back();
  schema.extend = extend;
  schema.description = std::move(description);
  schema.at = place();
  if (!Advance() || !ReadDirectives(schema.directives, true)) return false;
  if (extend && !At(TokenKind::kBraceOpen)) {
    return schema.directives.empty() ? Unexpected() : true;
  }
  const auto root = [&] {
    auto& [kind, name] = schema.roots.emplace_back();
    if (AtWord("mutation")) {
      kind = ast::OperationKind::kMutation;
    } else if (AtWord("subscription")) {
      kind = ast::OperationKind::kSubscription;
    } else if (!AtWord("query")) {
      return Unexpected();
    }
    return Advance() && Expect(TokenKind::kColon) && ReadTypeName(name);
  };
  return ReadMany(TokenKind::kBraceOpen, root, TokenKind::kBraceClose);
}

bool SchemaParser::ReadTypeDefinition(ast::TypeDefinition& type) {
  type.at = place();
  if (!ReadName(type.name)) return false;
  const bool has_fields =
      type.kind == ast::TypeKind::kObject || type.kind == ast::TypeKind::kInterface;
  if (has_fields && !ReadInterfaces(type.interfaces)) return false;
  if (!ReadDirectives(type.directives, true)) return false;
  switch (type.kind) {
    case ast::TypeKind::kScalar: return true;
    case ast::TypeKind::kObject:
    case ast::TypeKind::kInterface: return ReadFields(type.fields);
    case ast::TypeKind::kUnion: return ReadMembers(type.members);
    case ast::TypeKind::kInputObject:
      return ReadInputValues(TokenKind::kBraceOpen, type.input_fields, TokenKind::kBraceClose);
    case ast::TypeKind::kEnum: break;
  }
  if (!At(TokenKind::kBraceOpen)) return !failed();
  const auto value = [&] { return ReadEnumValue(type.values); };
  return ReadMany(TokenKind::kBraceOpen, value, TokenKind::kBraceClose);
}

bool SchemaParser::ReadInterfaces(std::vector<ast::Name>& interfaces) {
  if (!SkipWord("implements")) return !failed();
  Skip(TokenKind::kAmp);
  do {
    if (!ReadTypeName(interfaces.emplace_back())) return false;
  } while (Skip(TokenKind::kAmp));
  return !failed();
}

bool SchemaParser::ReadMembers(std::vector<ast::Name>& members) {
  if (!Skip(TokenKind::kEquals)) return !failed();
  Skip(TokenKind::kPipe);
  do {
    if (!ReadTypeName(members.emplace_back())) return false;
  } while (Skip(TokenKind::kPipe));
  return !failed();
}

bool SchemaParser::ReadFields(std::vector<ast::FieldDefinition>& fields) {
  if (!At(TokenKind::kBraceOpen)) return !failed();
  const auto read = [&] {
    ast::FieldDefinition& field = fields.emplace_back();
    if (!ReadDescription(field.description)) return false;
    field.at = place();
    return ReadName(field.name) &&
           ReadInputValues(TokenKind::kParenOpen, field.arguments, TokenKind::kParenClose) &&
           Expect(TokenKind::kColon) && ReadType(field.type) &&
           ReadDirectives(field.directives, true);
  };
  return ReadMany(TokenKind::kBraceOpen, read, TokenKind::kBraceClose);
}

bool SchemaParser::ReadInputValue(std::vector<ast::InputValueDefinition>& values) {
  ast::InputValueDefinition& value = values.emplace_back();
  if (!ReadDescription(value.description)) return false;
  value.at = place();
  if (!ReadName(value.name) || !Expect(TokenKind::kColon) || !ReadType(value.type)) return false;
  if (Skip(TokenKind::kEquals) && !ReadValue(value.default_value.emplace(), true)) return false;
  return ReadDirectives(value.directives, true);
}

bool SchemaParser::ReadInputValues(TokenKind open,
                                   std::vector<ast::InputValueDefinition>& values,
                                   TokenKind close) {
  if (!At(open)) return !failed();
  const auto read = [&] { return ReadInputValue(values); };
  return ReadMany(open, read, close);
}

bool SchemaParser::ReadEnumValue(std::vector<ast::EnumValueDefinition>& values) {
  ast::EnumValueDefinition& value = values.emplace_back();
  if (!ReadDescription(value.description)) return false;
  if (AtWord("true") || AtWord("false") || AtWord("null")) return Unexpected();
  value.at = place();
  return ReadName(value.name) && ReadDirectives(value.directives, true);
}

bool SchemaParser::ReadDirectiveDefinition(ast::Document& document,
                                           std::optional<std::string> description) {
  ast::DirectiveDefinition& directive = document.directives.emplace_back();
  directive.description = std::move(description);
  if (!Advance()) return false;
  directive.at = place();
  if (!Expect(TokenKind::kAt) || !ReadName(directive.name) ||
      !ReadInputValues(TokenKind::kParenOpen, directive.arguments, TokenKind::kParenClose)) {
    return false;
  }
  directive.repeatable = SkipWord("repeatable");
  if (!ExpectWord("on")) return false;
  Skip(TokenKind::kPipe);
  do {
    if (!ReadTypeName(directive.locations.emplace_back())) return false;
  } while (Skip(TokenKind::kPipe));
  return !failed();
}

}  // namespace trackwire::graphql
