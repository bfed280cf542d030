#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "graphql/schema.h"

namespace trackwire::graphql {

/// Makes a Schema of documents: collects the definitions, resolves the names, checks the rules.
class SchemaBuilder {
 public:
  explicit SchemaBuilder(Scalars scalars);

  Result<std::shared_ptr<const Schema>, Schema::Problems> Build(std::string text);

 private:
  /// A type with all that defines it, extensions included.
  struct Parts {
    std::vector<const ast::TypeDefinition*> definitions;
  };

  bool Read(std::string text);
  void Complain(ast::At at, std::string message);

  // schema_builder.cc: from text to types.
  void DeclareTypes(const ast::Document& document);
  void DeclareType(const ast::TypeDefinition& definition);
  void FillType(NamedType& type, const Parts& parts);
  void FillScalar(NamedType& type, const ast::TypeDefinition& definition);
  void FillFields(NamedType& type, const ast::TypeDefinition& definition);
  void FillField(NamedType& type, const ast::FieldDefinition& definition);
  void FillCost(Field& field, const ast::FieldDefinition& definition);
  void FillInputs(std::vector<InputValue>& inputs,
                  const std::vector<ast::InputValueDefinition>& definitions,
                  const std::string& owner);
  void FillValues(NamedType& type, const ast::TypeDefinition& definition);
  void FillPossible();
  void FillDirectives(const ast::Document& document);
  void FillRoots();
  void SetRoot(OperationKind kind, std::string_view name, ast::At at);
  void TakeMetaType();
  Type Resolve(const ast::TypeRef& ref, bool input);
  std::optional<std::string> Deprecation(const std::vector<ast::Directive>& directives);
  void CheckName(std::string_view name, ast::At at);

  // schema_check.cc: the rules of section 3.
  void Check();
  void CheckType(const NamedType& type);
  void CheckImplements(const NamedType& type, const NamedType& interface);
  void CheckImplementedField(const NamedType& type, const Field& wanted);
  bool IsSubtype(Type type, Type super) const;
  void CheckInputCycles();
  void CheckInputs(const std::vector<InputValue>& inputs, const std::string& owner);
  void CheckUsedDirectives();
  void CheckUsed(const std::vector<ast::Directive>& directives, DirectivePlace place);
  void CheckUsed(const ast::TypeDefinition& type);
  void CheckUsed(const std::vector<ast::InputValueDefinition>& inputs, DirectivePlace place);
  void CheckUsedArguments(const ast::Directive& used, const DirectiveType& type);

  std::shared_ptr<Schema> schema_;
  Schema::Problems problems_;
  std::map<std::string_view, Parts> parts_;
  bool own_ =
      true;  ///< whether the text at hand is the caller's, where names with __ are not allowed
};

}  // namespace trackwire::graphql
