// The rules that hold between the types of a schema.
#include <algorithm>

#include "graphql/schema_builder.h"
#include "graphql/values.h"

namespace trackwire::graphql {
namespace {

std::string Quoted(std::string_view name) { return '"' + std::string(name) + '"'; }

std::string Of(const Field& field) {
  return std::string(field.parent->name) + "." + std::string(field.name);
}

}  // namespace

void SchemaBuilder::Check() {
  for (const auto& type : schema_->types_) CheckType(*type);
  for (const DirectiveType& type : schema_->directives_) {
    CheckInputs(type.arguments, "@" + std::string(type.name));
  }
  CheckInputCycles();
  CheckUsedDirectives();
}

void SchemaBuilder::CheckType(const NamedType& type) {
  const ast::At at = parts_.at(type.name).definitions.front()->at;
  const bool empty = (type.kind == TypeKind::kObject && type.fields.empty()) ||
                     (type.kind == TypeKind::kInterface && type.fields.empty()) ||
                     (type.kind == TypeKind::kUnion && type.possible.empty()) ||
                     (type.kind == TypeKind::kEnum && type.values.empty()) ||
                     (type.kind == TypeKind::kInputObject && type.input_fields.empty());
  if (empty) Complain(at, "the type " + Quoted(type.name) + " has nothing in it");
  for (const NamedType* interface : type.interfaces) CheckImplements(type, *interface);
  for (const Field& field : type.fields) CheckInputs(field.arguments, Of(field));
  CheckInputs(type.input_fields, std::string(type.name));
}

void SchemaBuilder::CheckImplements(const NamedType& type, const NamedType& interface) {
  const ast::At at = parts_.at(type.name).definitions.front()->at;
  if (&type == &interface) {
    return Complain(at, "the interface " + Quoted(type.name) + " implements itself");
  }
  for (const NamedType* further : interface.interfaces) {
    const bool said = std::find(type.interfaces.begin(), type.interfaces.end(), further) !=
                      type.interfaces.end();
    if (said) continue;
    Complain(at, Quoted(type.name) + " must implement " + Quoted(further->name) + " too, as " +
                     Quoted(interface.name) + " does");
  }
  for (const Field& wanted : interface.fields) CheckImplementedField(type, wanted);
}

void SchemaBuilder::CheckImplementedField(const NamedType& type, const Field& wanted) {
  const ast::At at = parts_.at(type.name).definitions.front()->at;
  const Field* field = type.FindField(wanted.name);
  if (field == nullptr) {
    return Complain(at, Quoted(type.name) + " lacks the field " + Quoted(wanted.name) + " of " +
                            Quoted(wanted.parent->name));
  }
  if (!IsSubtype(field->type, wanted.type)) {
    Complain(at, Of(*field) + " is of type " + field->type.ToString() + ", which is no " +
                     wanted.type.ToString() + " as in " + Of(wanted));
  }
  for (const InputValue& argument : wanted.arguments) {
    const InputValue* own = field->FindArgument(argument.name);
    if (own == nullptr || !(own->type == argument.type)) {
      Complain(at, Of(*field) + " needs the argument " + Quoted(argument.name) + " of type " +
                       argument.type.ToString() + " as in " + Of(wanted));
    }
  }
  for (const InputValue& argument : field->arguments) {
    if (argument.required() && wanted.FindArgument(argument.name) == nullptr) {
      Complain(at, Of(*field) + " cannot need the argument " + Quoted(argument.name) +
                       ", which " + Of(wanted) + " does not have");
    }
  }
}

bool SchemaBuilder::IsSubtype(Type type, Type super) const {
  while (true) {
    if (super.wraps.non_null()) {
      if (!type.wraps.non_null()) return false;
      super = super.Inner();
    }
    type = type.Nullable();
    if (type.wraps.list() != super.wraps.list()) return false;
    if (!type.wraps.list()) break;
    type = type.Inner();
    super = super.Inner();
  }
  if (type.named == super.named) return true;
  const auto& interfaces = type.named->interfaces;
  return super.named->MayBe(*type.named) ||
         std::find(interfaces.begin(), interfaces.end(), super.named) != interfaces.end();
}

void SchemaBuilder::CheckInputs(const std::vector<InputValue>& inputs, const std::string& owner) {
  LiteralVisitor visitor;
  visitor.variable = [](const ast::Value&, Type, bool) {};
  for (const InputValue& input : inputs) {
    if (input.default_value == nullptr) continue;
    visitor.misfit = [&](ast::At at, const char*, std::string message) {
      Complain(at, "the default of " + Quoted(input.name) + " of " + owner + ": " + message);
    };
    CheckLiteral(*input.default_value, input.type, visitor);
  }
}

void SchemaBuilder::CheckInputCycles() {
  // An input object is sound when all that must be in it is sound: found from the leaves up.
  std::vector<bool> sound(schema_->types_.size() + 1);
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto& type : schema_->types_) {
      if (sound[type->index]) continue;
      const bool now = std::all_of(
          type->input_fields.begin(), type->input_fields.end(), [&](const InputValue& field) {
            const bool must = field.type.wraps.non_null() && !field.type.Nullable().wraps.list();
            return !must || field.type.named->kind != TypeKind::kInputObject ||
                   sound[field.type.named->index];
          });
      if (now) sound[type->index] = changed = true;
    }
  }
  for (const auto& type : schema_->types_) {
    if (sound[type->index]) continue;
    Complain(parts_.at(type->name).definitions.front()->at,
             "the input type " + Quoted(type->name) + " needs itself");
  }
}

void SchemaBuilder::CheckUsedDirectives() {
  const ast::Document& document = schema_->documents_[0];
  for (const ast::SchemaDefinition& schema : document.schemas) {
    CheckUsed(schema.directives, DirectivePlace::kSchema);
  }
  for (const ast::TypeDefinition& type : document.types) CheckUsed(type);
  for (const ast::DirectiveDefinition& directive : document.directives) {
    CheckUsed(directive.arguments, DirectivePlace::kArgumentDefinition);
    for (const ast::InputValueDefinition& argument : directive.arguments) {
      if (ast::Find(argument.directives, directive.name) != nullptr) {
        Complain(argument.at, "the directive " + Quoted(directive.name) + " is used in itself");
      }
    }
  }
}

void SchemaBuilder::CheckUsed(const std::vector<ast::InputValueDefinition>& inputs,
                              DirectivePlace place) {
  for (const ast::InputValueDefinition& input : inputs) CheckUsed(input.directives, place);
}

void SchemaBuilder::CheckUsed(const std::vector<ast::Directive>& directives,
                              DirectivePlace place) {
  std::set<std::string_view> seen;
  for (const ast::Directive& used : directives) {
    const DirectiveType* type = schema_->FindDirective(used.name);
    if (type == nullptr) {
      Complain(used.at, "there is no directive " + Quoted(used.name));
      continue;
    }
    if (!type->MayStandAt(place)) {
      Complain(used.at, "the directive " + Quoted(used.name) + " cannot stand at " +
                            ToString(place));
    }
    if (!seen.insert(used.name).second && !type->repeatable) {
      Complain(used.at, "the directive " + Quoted(used.name) + " stands twice");
    }
    CheckUsedArguments(used, *type);
  }
}

void SchemaBuilder::CheckUsedArguments(const ast::Directive& used, const DirectiveType& type) {
  LiteralVisitor visitor;
  visitor.variable = [](const ast::Value&, Type, bool) {};
  visitor.misfit = [this](ast::At at, const char*, std::string message) {
    Complain(at, std::move(message));
  };
  std::set<std::string_view> seen;
  for (const ast::Argument& argument : used.arguments) {
    if (!seen.insert(argument.name).second) {
      Complain(argument.at, "the argument " + Quoted(argument.name) + " stands twice");
    }
    const InputValue* defined = type.FindArgument(argument.name);
    if (defined == nullptr) {
      Complain(argument.at, "the directive " + Quoted(type.name) + " has no argument " +
                                Quoted(argument.name));
    } else {
      CheckLiteral(argument.value, defined->type, visitor);
    }
  }
  for (const InputValue& defined : type.arguments) {
    if (defined.required() && used.Find(defined.name) == nullptr) {
      Complain(used.at, "the directive " + Quoted(type.name) + " needs the argument " +
                            Quoted(defined.name));
    }
  }
}

}  // namespace trackwire::graphql
