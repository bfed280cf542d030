#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graphql/wraps.h"

/// Documents as they were written. Names borrow from the text, which the Document keeps; nodes
/// compare by what they say, not by where they stand. Spec: GraphQL October 2021, section 2 and 3.
namespace trackwire::graphql::ast {

/// A place in the text, in bytes from its beginning.
struct At {
  uint32_t offset = 0;
  bool operator==(const At&) const { return true; }
};

enum class ValueKind : uint8_t {
  kVariable, kInt, kFloat, kString, kBoolean, kNull, kEnum, kList, kObject,
};

struct ObjectField;

/// A literal or a variable.
struct Value {
  ValueKind kind = ValueKind::kNull;
  At at;
  bool truth = false;        ///< of a kBoolean
  std::string_view text;     ///< digits as written; name of a variable or of an enum's value
  std::string string;        ///< of a kString, escapes undone
  std::vector<Value> items;
  std::vector<ObjectField> fields;

  /// The field called `name` of a kObject.
  const Value* Find(std::string_view name) const;
  bool operator==(const Value&) const;
};

struct ObjectField {
  std::string_view name;
  At at;
  Value value;
  bool operator==(const ObjectField&) const;
};

struct Argument {
  std::string_view name;
  At at;
  Value value;
  bool operator==(const Argument&) const = default;
};

struct Directive {
  std::string_view name;
  At at;
  std::vector<Argument> arguments;

  const Value* Find(std::string_view argument) const;
  bool operator==(const Directive&) const = default;
};

/// The directive called `name`, if it stands there.
const Directive* Find(const std::vector<Directive>& directives, std::string_view name);

struct TypeRef {
  std::string_view name;
  Wraps wraps;
  At at;

  std::string ToString() const;
  bool operator==(const TypeRef&) const = default;
};

enum class SelectionKind : uint8_t { kField, kSpread, kInline };

struct Selection {
  SelectionKind kind = SelectionKind::kField;
  At at;
  std::string_view name;   ///< of the field, or of the fragment that is spread
  std::string_view alias;  ///< of a field; empty: none
  std::string_view on;     ///< type condition of a kInline; empty: none
  At on_at;
  std::vector<Argument> arguments;
  std::vector<Directive> directives;
  std::vector<Selection> selections;

  /// What a field is called in the response.
  std::string_view key() const { return alias.empty() ? name : alias; }
  bool operator==(const Selection&) const;
};
using SelectionSet = std::vector<Selection>;

enum class OperationKind : uint8_t { kQuery, kMutation, kSubscription };
const char* ToString(OperationKind kind);

struct VariableDefinition {
  std::string_view name;
  At at;
  TypeRef type;
  std::optional<Value> default_value;
  std::vector<Directive> directives;
  bool operator==(const VariableDefinition&) const = default;
};

struct Operation {
  OperationKind kind = OperationKind::kQuery;
  std::string_view name;  ///< empty: anonymous
  At at;
  std::vector<VariableDefinition> variables;
  std::vector<Directive> directives;
  SelectionSet selections;
  bool operator==(const Operation&) const = default;
};

struct Fragment {
  std::string_view name;
  At at;
  std::string_view on;
  At on_at;
  std::vector<Directive> directives;
  SelectionSet selections;
  bool operator==(const Fragment&) const = default;
};

/// A name with the place where it stands.
struct Name {
  std::string_view text;
  At at;
  bool operator==(const Name&) const = default;
};

/// An argument of a field or directive, or a field of an input object.
struct InputValueDefinition {
  std::optional<std::string> description;
  std::string_view name;
  At at;
  TypeRef type;
  std::optional<Value> default_value;
  std::vector<Directive> directives;
  bool operator==(const InputValueDefinition&) const = default;
};

struct FieldDefinition {
  std::optional<std::string> description;
  std::string_view name;
  At at;
  std::vector<InputValueDefinition> arguments;
  TypeRef type;
  std::vector<Directive> directives;
  bool operator==(const FieldDefinition&) const = default;
};

struct EnumValueDefinition {
  std::optional<std::string> description;
  std::string_view name;
  At at;
  std::vector<Directive> directives;
  bool operator==(const EnumValueDefinition&) const = default;
};

enum class TypeKind : uint8_t { kScalar, kObject, kInterface, kUnion, kEnum, kInputObject };
/// As introspection names it: `INPUT_OBJECT`.
const char* ToString(TypeKind kind);

struct TypeDefinition {
  TypeKind kind = TypeKind::kScalar;
  bool extend = false;
  std::optional<std::string> description;
  std::string_view name;
  At at;
  std::vector<Directive> directives;
  std::vector<Name> interfaces;
  std::vector<FieldDefinition> fields;
  std::vector<Name> members;                       ///< of a union
  std::vector<EnumValueDefinition> values;
  std::vector<InputValueDefinition> input_fields;
  bool operator==(const TypeDefinition&) const = default;
};

struct DirectiveDefinition {
  std::optional<std::string> description;
  std::string_view name;
  At at;
  std::vector<InputValueDefinition> arguments;
  bool repeatable = false;
  std::vector<Name> locations;
  bool operator==(const DirectiveDefinition&) const = default;
};

struct SchemaDefinition {
  bool extend = false;
  std::optional<std::string> description;
  At at;
  std::vector<Directive> directives;
  std::vector<std::pair<OperationKind, Name>> roots;
  bool operator==(const SchemaDefinition&) const = default;
};

/// A parsed text: definitions by their kind, each in the order of the text. Movable; its nodes do
/// not move with it.
struct Document {
  std::shared_ptr<const std::string> source;
  std::vector<Operation> operations;
  std::vector<Fragment> fragments;
  std::vector<SchemaDefinition> schemas;
  std::vector<TypeDefinition> types;
  std::vector<DirectiveDefinition> directives;

  /// By what it says, wherever the text lies.
  bool SaysTheSameAs(const Document& other) const;
};

}  // namespace trackwire::graphql::ast
