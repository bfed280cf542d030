#pragma once

#include <bitset>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "graphql/ast.h"
#include "graphql/problem.h"
#include "graphql/scalar.h"

namespace trackwire::graphql {

using ast::OperationKind;
using ast::TypeKind;

struct NamedType;

/// A type as fields and arguments have it: `[Person!]!`.
struct Type {
  const NamedType* named = nullptr;
  Wraps wraps;

  Type Inner() const { return {named, wraps.Inner()}; }
  Type Nullable() const { return {named, wraps.Nullable()}; }
  std::string ToString() const;
  bool operator==(const Type&) const = default;
};

/// An argument, or a field of an input object.
struct InputValue {
  std::string_view name;
  std::string description;
  Type type;
  const ast::Value* default_value = nullptr;
  std::optional<std::string> deprecation;

  bool required() const { return type.wraps.non_null() && default_value == nullptr; }
};

struct Field {
  std::string_view name;
  std::string description;
  const NamedType* parent = nullptr;
  Type type;
  std::vector<InputValue> arguments;
  std::optional<std::string> deprecation;
  const std::vector<ast::Directive>* directives = nullptr;  ///< as the schema has them
  size_t index = 0;            ///< among all fields of the schema
  uint32_t weight = 1;         ///< what asking for it costs, from `@cost`
  uint32_t items = 1;          ///< how many values it may give, where no argument says
  std::string_view items_from; ///< the argument that says how many; empty: none

  const InputValue* FindArgument(std::string_view argument) const;
};

struct EnumValue {
  std::string_view name;
  std::string description;
  std::optional<std::string> deprecation;
};

struct NamedType {
  TypeKind kind = TypeKind::kScalar;
  std::string_view name;
  std::string description;
  size_t index = 0;
  std::vector<Field> fields;                   ///< of objects and interfaces
  std::vector<const NamedType*> interfaces;    ///< that it implements
  std::vector<const NamedType*> possible;      ///< objects that an interface or union may be
  std::vector<EnumValue> values;
  std::vector<InputValue> input_fields;
  std::optional<std::string> specified_by;     ///< of a scalar
  const Scalar* scalar = nullptr;

  bool is_leaf() const { return kind == TypeKind::kScalar || kind == TypeKind::kEnum; }
  bool is_input() const { return is_leaf() || kind == TypeKind::kInputObject; }
  bool is_output() const { return kind != TypeKind::kInputObject; }
  bool is_abstract() const { return kind == TypeKind::kInterface || kind == TypeKind::kUnion; }
  bool is_composite() const { return kind == TypeKind::kObject || is_abstract(); }

  const Field* FindField(std::string_view field) const;
  const InputValue* FindInputField(std::string_view field) const;
  const EnumValue* FindValue(std::string_view value) const;
  /// Whether a value of this type may be an object of `object`.
  bool MayBe(const NamedType& object) const;

 private:
  friend class SchemaBuilder;
  std::unordered_map<std::string_view, size_t> by_name_;  ///< of fields
  std::vector<bool> may_be_;                              ///< by index
};

/// Whether some object is of both types. Spec: GetPossibleTypes(), section 5.5.2.3.
bool Overlap(const NamedType& a, const NamedType& b);

/// Where directives may stand, in the order of section 3.13.
enum class DirectivePlace : uint8_t {
  kQuery, kMutation, kSubscription, kField, kFragmentDefinition, kFragmentSpread, kInlineFragment,
  kVariableDefinition, kSchema, kScalar, kObject, kFieldDefinition, kArgumentDefinition, kInterface,
  kUnion, kEnum, kEnumValue, kInputObject, kInputFieldDefinition,
};
inline constexpr size_t kDirectivePlaces = 19;
/// As the language spells it: `FRAGMENT_SPREAD`.
const char* ToString(DirectivePlace place);
std::optional<DirectivePlace> ParseDirectivePlace(std::string_view text);

struct DirectiveType {
  std::string_view name;
  std::string description;
  std::vector<InputValue> arguments;
  bool repeatable = false;
  std::bitset<kDirectivePlaces> places;

  bool MayStandAt(DirectivePlace place) const { return places[static_cast<size_t>(place)]; }
  const InputValue* FindArgument(std::string_view argument) const;
};

/// A checked type system. Constant; any thread.
class Schema {
 public:
  using Problems = std::vector<Problem>;

  /// Reads a schema from its text in the schema language and checks it against section 3.
  ///
  /// The types of introspection, the built-in scalars and directives are there without being
  /// written, also `@cost(weight: Int, items: Int, itemsFrom: String)` for fields. `scalars` has an
  /// entry for each scalar that the text defines. Problems are of code kValidation or Parse()'s.
  static Result<std::shared_ptr<const Schema>, Problems> Build(std::string text,
                                                               Scalars scalars = {});

  const std::string& description() const { return description_; }
  const NamedType* Find(std::string_view name) const;
  /// The type that holds the fields of operations of that kind, if there are such.
  const NamedType* Root(OperationKind kind) const { return roots_[static_cast<size_t>(kind)]; }
  /// A field of a type, also `__typename`, and on the query root `__schema` and `__type`.
  const Field* FindField(const NamedType& parent, std::string_view name) const;
  const DirectiveType* FindDirective(std::string_view name) const;

  /// In the order of the text; those that are there by themselves come last.
  const std::vector<std::unique_ptr<NamedType>>& types() const { return types_; }
  const std::vector<DirectiveType>& directives() const { return directives_; }
  /// Holds the fields of introspection that other types have too. Not among types().
  const NamedType& meta_type() const { return *meta_type_; }
  /// One more than the greatest Field::index.
  size_t field_count() const { return field_count_; }

 private:
  friend class SchemaBuilder;
  Schema() = default;

  std::vector<ast::Document> documents_;
  Scalars scalars_;
  std::string description_;
  std::vector<std::unique_ptr<NamedType>> types_;
  std::unordered_map<std::string_view, NamedType*> by_name_;
  std::vector<DirectiveType> directives_;
  const NamedType* roots_[3] = {};
  std::unique_ptr<NamedType> meta_type_;  ///< has __typename, __schema and __type
  size_t field_count_ = 0;
};

}  // namespace trackwire::graphql
