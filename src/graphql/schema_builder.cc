#include "graphql/schema_builder.h"

#include <algorithm>

#include "graphql/builtin_schema.h"
#include "graphql/parser.h"
#include "graphql/values.h"

namespace trackwire::graphql {
namespace {

std::string Quoted(std::string_view name) { return '"' + std::string(name) + '"'; }

DirectivePlace PlaceOfType(TypeKind kind) {
  switch (kind) {
    case TypeKind::kScalar: return DirectivePlace::kScalar;
    case TypeKind::kObject: return DirectivePlace::kObject;
    case TypeKind::kInterface: return DirectivePlace::kInterface;
    case TypeKind::kUnion: return DirectivePlace::kUnion;
    case TypeKind::kEnum: return DirectivePlace::kEnum;
    case TypeKind::kInputObject: return DirectivePlace::kInputObject;
  }
  return DirectivePlace::kSchema;
}

}  // namespace

Result<std::shared_ptr<const Schema>, Schema::Problems> Schema::Build(std::string text,
                                                                      Scalars scalars) {
  return SchemaBuilder(std::move(scalars)).Build(std::move(text));
}

SchemaBuilder::SchemaBuilder(Scalars scalars) : schema_(new Schema) {
  schema_->scalars_ = std::move(scalars);
  for (const auto& [name, scalar] : BuiltInScalars()) schema_->scalars_.emplace(name, scalar);
  schema_->documents_.reserve(2);
}

void SchemaBuilder::Complain(ast::At at, std::string message) {
  if (problems_.size() >= kMaxProblems) return;
  Problem problem;
  problem.code = codes::kValidation;
  problem.message = std::move(message);
  problem.places.push_back(PlaceOf(*schema_->documents_.front().source, at.offset));
  problems_.push_back(std::move(problem));
}

bool SchemaBuilder::Read(std::string text) {
  ParseLimits limits;
  limits.max_bytes = 10'000'000;
  limits.max_tokens = 1'000'000;
  auto document = Parse(std::move(text), limits);
  if (!document) {
    problems_.push_back(std::move(document.error()));
    return false;
  }
  schema_->documents_.push_back(std::move(*document));
  return true;
}

Result<std::shared_ptr<const Schema>, Schema::Problems> SchemaBuilder::Build(std::string text) {
  if (!Read(std::move(text))) return Err(std::move(problems_));
  CHECK(Read(kBuiltInSchema));
  const ast::Document& document = schema_->documents_[0];
  if (!document.operations.empty()) {
    Complain(document.operations[0].at, "an operation cannot stand in a schema");
  }
  if (!document.fragments.empty()) {
    Complain(document.fragments[0].at, "a fragment cannot stand in a schema");
  }
  DeclareTypes(document);
  own_ = false;
  DeclareTypes(schema_->documents_[1]);
  for (const auto& type : schema_->types_) {
    own_ = !type->name.starts_with("__");
    FillType(*type, parts_[type->name]);
  }
  own_ = true;
  FillDirectives(document);
  own_ = false;
  FillDirectives(schema_->documents_[1]);
  own_ = true;
  FillPossible();
  FillRoots();
  TakeMetaType();
  if (problems_.empty()) Check();
  if (!problems_.empty()) return Err(std::move(problems_));
  return std::shared_ptr<const Schema>(std::move(schema_));
}

void SchemaBuilder::CheckName(std::string_view name, ast::At at) {
  if (own_ && name.starts_with("__")) {
    Complain(at, "the name " + Quoted(name) + " begins with two underscores, as only those of the "
                                              "language do");
  }
}

void SchemaBuilder::DeclareTypes(const ast::Document& document) {
  for (const ast::TypeDefinition& definition : document.types) {
    if (!definition.extend) DeclareType(definition);
  }
  for (const ast::TypeDefinition& definition : document.types) {
    if (!definition.extend) continue;
    const auto found = schema_->by_name_.find(definition.name);
    if (found == schema_->by_name_.end() || found->second->kind != definition.kind) {
      Complain(definition.at, "there is no such type to extend: " + Quoted(definition.name));
    } else {
      parts_[definition.name].definitions.push_back(&definition);
    }
  }
}

void SchemaBuilder::DeclareType(const ast::TypeDefinition& definition) {
  CheckName(definition.name, definition.at);
  auto type = std::make_unique<NamedType>();
  type->kind = definition.kind;
  type->name = definition.name;
  type->description = definition.description.value_or("");
  type->index = schema_->types_.size();
  if (!schema_->by_name_.emplace(definition.name, type.get()).second) {
    // One of the caller's that is called like one of the language stands first in the text.
    Complain(own_ ? definition.at : ast::At{},
             "the type " + Quoted(definition.name) + " is defined twice");
    return;
  }
  parts_[definition.name].definitions.push_back(&definition);
  schema_->types_.push_back(std::move(type));
}

void SchemaBuilder::FillType(NamedType& type, const Parts& parts) {
  for (const ast::TypeDefinition* definition : parts.definitions) {
    for (const ast::Name& name : definition->interfaces) {
      const NamedType* interface = schema_->Find(name.text);
      if (interface == nullptr || interface->kind != TypeKind::kInterface) {
        Complain(name.at, Quoted(name.text) + " is no interface");
      } else if (std::find(type.interfaces.begin(), type.interfaces.end(), interface) !=
                 type.interfaces.end()) {
        Complain(name.at, Quoted(name.text) + " stands twice");
      } else {
        type.interfaces.push_back(interface);
      }
    }
    for (const ast::Name& name : definition->members) {
      const NamedType* member = schema_->Find(name.text);
      if (member == nullptr || member->kind != TypeKind::kObject) {
        Complain(name.at, Quoted(name.text) + " is no object type");
      } else if (std::find(type.possible.begin(), type.possible.end(), member) !=
                 type.possible.end()) {
        Complain(name.at, Quoted(name.text) + " stands twice");
      } else {
        type.possible.push_back(member);
      }
    }
    FillFields(type, *definition);
    FillInputs(type.input_fields, definition->input_fields, std::string(type.name));
    FillValues(type, *definition);
    if (type.kind == TypeKind::kScalar) FillScalar(type, *definition);
  }
}

void SchemaBuilder::FillScalar(NamedType& type, const ast::TypeDefinition& definition) {
  const auto scalar = schema_->scalars_.find(type.name);
  if (scalar == schema_->scalars_.end()) {
    Complain(definition.at, "nothing says how the scalar " + Quoted(type.name) + " is read");
  } else {
    type.scalar = &scalar->second;
  }
  const ast::Directive* specified = ast::Find(definition.directives, "specifiedBy");
  const ast::Value* url = specified == nullptr ? nullptr : specified->Find("url");
  if (url != nullptr) type.specified_by = url->string;
}

void SchemaBuilder::FillFields(NamedType& type, const ast::TypeDefinition& definition) {
  for (const ast::FieldDefinition& field : definition.fields) FillField(type, field);
}

void SchemaBuilder::FillField(NamedType& type, const ast::FieldDefinition& definition) {
  CheckName(definition.name, definition.at);
  if (!type.by_name_.emplace(definition.name, type.fields.size()).second) {
    return Complain(definition.at, "the field " + Quoted(definition.name) + " is defined twice");
  }
  Field& field = type.fields.emplace_back();
  field.name = definition.name;
  field.description = definition.description.value_or("");
  field.parent = &type;
  field.type = Resolve(definition.type, false);
  field.deprecation = Deprecation(definition.directives);
  field.directives = &definition.directives;
  field.index = schema_->field_count_++;
  FillInputs(field.arguments, definition.arguments,
             std::string(type.name) + "." + std::string(definition.name));
  FillCost(field, definition);
}

void SchemaBuilder::FillCost(Field& field, const ast::FieldDefinition& definition) {
  const ast::Directive* cost = ast::Find(definition.directives, "cost");
  if (cost == nullptr) return;
  const auto number = [&](std::string_view name, uint32_t least, uint32_t& out) {
    const ast::Value* value = cost->Find(name);
    if (value == nullptr) return;
    const auto json = LiteralAsJson(*value, {});
    if (!json->is_int64() || json->get_int64() < least || json->get_int64() > 1'000'000) {
      return Complain(value->at, "the cost is no number between " + std::to_string(least) +
                                     " and 1000000");
    }
    out = static_cast<uint32_t>(json->get_int64());
  };
  number("weight", 1, field.weight);
  number("items", 1, field.items);
  const ast::Value* from = cost->Find("itemsFrom");
  if (from == nullptr) return;
  const InputValue* argument = field.FindArgument(from->string);
  if (argument == nullptr || argument->type.named->name != "Int" ||
      argument->type.Nullable().wraps.list()) {
    return Complain(from->at, Quoted(from->string) + " is no argument of type Int of the field");
  }
  field.items_from = argument->name;
}

void SchemaBuilder::FillInputs(std::vector<InputValue>& inputs,
                               const std::vector<ast::InputValueDefinition>& definitions,
                               const std::string& owner) {
  for (const ast::InputValueDefinition& definition : definitions) {
    CheckName(definition.name, definition.at);
    for (const InputValue& earlier : inputs) {
      if (earlier.name != definition.name) continue;
      Complain(definition.at, owner + " has " + Quoted(definition.name) + " twice");
    }
    InputValue& input = inputs.emplace_back();
    input.name = definition.name;
    input.description = definition.description.value_or("");
    input.type = Resolve(definition.type, true);
    input.default_value = definition.default_value ? &*definition.default_value : nullptr;
    input.deprecation = Deprecation(definition.directives);
    if (input.deprecation && input.required()) {
      Complain(definition.at, "what is needed cannot be deprecated");
    }
  }
}

void SchemaBuilder::FillValues(NamedType& type, const ast::TypeDefinition& definition) {
  for (const ast::EnumValueDefinition& value : definition.values) {
    CheckName(value.name, value.at);
    if (type.FindValue(value.name) != nullptr) {
      Complain(value.at, "the value " + Quoted(value.name) + " is defined twice");
    }
    type.values.push_back(
        {value.name, value.description.value_or(""), Deprecation(value.directives)});
  }
}

Type SchemaBuilder::Resolve(const ast::TypeRef& ref, bool input) {
  const NamedType* named = schema_->Find(ref.name);
  if (named == nullptr) {
    Complain(ref.at, "there is no type " + Quoted(ref.name));
    named = schema_->Find("String");
  } else if (input ? !named->is_input() : !named->is_output()) {
    Complain(ref.at, "the type " + Quoted(ref.name) +
                         (input ? " cannot come in" : " cannot go out"));
  }
  return {named, ref.wraps};
}

std::optional<std::string> SchemaBuilder::Deprecation(
    const std::vector<ast::Directive>& directives) {
  const ast::Directive* deprecated = ast::Find(directives, "deprecated");
  if (deprecated == nullptr) return std::nullopt;
  const ast::Value* reason = deprecated->Find("reason");
  return reason == nullptr ? "No longer supported" : reason->string;
}

void SchemaBuilder::FillPossible() {
  for (const auto& type : schema_->types_) {
    if (type->kind != TypeKind::kObject) continue;
    for (const NamedType* interface : type->interfaces) {
      schema_->by_name_.at(interface->name)->possible.push_back(type.get());
    }
  }
  for (const auto& type : schema_->types_) {
    type->may_be_.resize(schema_->types_.size());
    for (const NamedType* object : type->possible) type->may_be_[object->index] = true;
  }
}

void SchemaBuilder::FillDirectives(const ast::Document& document) {
  for (const ast::DirectiveDefinition& definition : document.directives) {
    CheckName(definition.name, definition.at);
    if (schema_->FindDirective(definition.name) != nullptr) {
      Complain(own_ ? definition.at : ast::At{},
               "the directive " + Quoted(definition.name) + " is defined twice");
    }
    DirectiveType& type = schema_->directives_.emplace_back();
    type.name = definition.name;
    type.description = definition.description.value_or("");
    type.repeatable = definition.repeatable;
    FillInputs(type.arguments, definition.arguments, "@" + std::string(definition.name));
    for (const ast::Name& name : definition.locations) {
      const auto place = ParseDirectivePlace(name.text);
      if (place) {
        type.places.set(static_cast<size_t>(*place));
      } else {
        Complain(name.at, Quoted(name.text) + " is no place for a directive");
      }
    }
  }
}

void SchemaBuilder::SetRoot(OperationKind kind, std::string_view name, ast::At at) {
  const NamedType* type = schema_->Find(name);
  const NamedType*& root = schema_->roots_[static_cast<size_t>(kind)];
  if (type == nullptr || type->kind != TypeKind::kObject) {
    return Complain(at, Quoted(name) + " is no object type");
  }
  if (root != nullptr) return Complain(at, "two types for one kind of operation");
  for (const NamedType* other : schema_->roots_) {
    if (other == type) Complain(at, Quoted(name) + " is the root of two kinds of operations");
  }
  root = type;
}

void SchemaBuilder::FillRoots() {
  bool said = false;
  for (const ast::SchemaDefinition& definition : schema_->documents_[0].schemas) {
    if (!definition.extend) {
      if (said) Complain(definition.at, "the schema is defined twice");
      said = true;
      schema_->description_ = definition.description.value_or("");
    }
    for (const auto& [kind, name] : definition.roots) SetRoot(kind, name.text, name.at);
  }
  constexpr std::pair<OperationKind, const char*> kUsual[] = {
      {OperationKind::kQuery, "Query"},
      {OperationKind::kMutation, "Mutation"},
      {OperationKind::kSubscription, "Subscription"}};
  for (const auto& [kind, name] : kUsual) {
    const NamedType* type = schema_->Find(name);
    if (!said && type != nullptr && schema_->Root(kind) == nullptr) SetRoot(kind, name, {});
  }
  if (schema_->Root(OperationKind::kQuery) == nullptr) {
    Complain({}, "there is no type for queries");
  }
}

void SchemaBuilder::TakeMetaType() {
  // Not a type that can be asked for: its fields are those of other types.
  auto& types = schema_->types_;
  const auto meta = std::find_if(types.begin(), types.end(),
                                 [](const auto& type) { return type->name == kMetaType; });
  CHECK(meta != types.end());
  schema_->by_name_.erase((*meta)->name);
  schema_->meta_type_ = std::move(*meta);
  types.erase(meta);
}

void SchemaBuilder::CheckUsed(const ast::TypeDefinition& type) {
  CheckUsed(type.directives, PlaceOfType(type.kind));
  for (const ast::FieldDefinition& field : type.fields) {
    CheckUsed(field.directives, DirectivePlace::kFieldDefinition);
    CheckUsed(field.arguments, DirectivePlace::kArgumentDefinition);
  }
  for (const ast::EnumValueDefinition& value : type.values) {
    CheckUsed(value.directives, DirectivePlace::kEnumValue);
  }
  CheckUsed(type.input_fields, DirectivePlace::kInputFieldDefinition);
}

}  // namespace trackwire::graphql
