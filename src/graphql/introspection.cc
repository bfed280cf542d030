// The schema as data. Spec: section 4.
#include "graphql/engine.h"
#include "graphql/printer.h"

namespace trackwire::graphql {
namespace {

Resolved TextOrNull(const std::string& text) { return text.empty() ? Resolved() : Resolved(text); }

Resolved OfType(Type type) { return Resolved::Of(type); }
Resolved OfType(const NamedType* type) {
  return type == nullptr ? Resolved() : Resolved::Of(Type{type, {}});
}

Resolved TypeList(const std::vector<const NamedType*>& types) {
  Resolved::List list;
  for (const NamedType* type : types) list.push_back(OfType(type));
  return list;
}

/// Those that are not deprecated, or all of them.
template <typename Item>
Resolved Listed(const std::vector<Item>& items, const Call& call) {
  const bool all = call.Flag("includeDeprecated");
  Resolved::List list;
  for (const Item& item : items) {
    if (all || !item.deprecation) list.push_back(Resolved::Borrow(item));
  }
  return list;
}

/// The named type itself; nothing for a list or non-null around it.
const NamedType* Named(const Call& call) {
  const Type& type = call.parent<Type>();
  return type.wraps.none() ? type.named : nullptr;
}

void BindSchema(const Schema& schema, Bindings& bindings) {
  bindings.Field("__Meta", "__schema", [&schema](const Call&) { return Resolved::Borrow(schema); })
      .Field("__Meta", "__type",
             [&schema](const Call& call) {
               return OfType(schema.Find(call.Text("name").value_or("")));
             })
      .Member<Schema>("__Schema", "description",
                      [](const Schema& s) { return TextOrNull(s.description()); })
      .Member<Schema>("__Schema", "types",
                      [](const Schema& s) {
                        Resolved::List list;
                        for (const auto& type : s.types()) list.push_back(OfType(type.get()));
                        return list;
                      })
      .Member<Schema>("__Schema", "queryType",
                      [](const Schema& s) { return OfType(s.Root(OperationKind::kQuery)); })
      .Member<Schema>("__Schema", "mutationType",
                      [](const Schema& s) { return OfType(s.Root(OperationKind::kMutation)); })
      .Member<Schema>("__Schema", "subscriptionType",
                      [](const Schema& s) { return OfType(s.Root(OperationKind::kSubscription)); })
      .Member<Schema>("__Schema", "directives", [](const Schema& s) {
        Resolved::List list;
        for (const DirectiveType& one : s.directives()) list.push_back(Resolved::Borrow(one));
        return list;
      });
}

void BindType(Bindings& bindings) {
  bindings
      .Member<Type>("__Type", "kind",
                    [](const Type& type) -> Resolved {
                      if (type.wraps.non_null()) return "NON_NULL";
                      return type.wraps.list() ? "LIST" : ast::ToString(type.named->kind);
                    })
      .Field("__Type", "name",
             [](const Call& call) {
               const NamedType* type = Named(call);
               return type == nullptr ? Resolved() : Resolved(type->name);
             })
      .Field("__Type", "description",
             [](const Call& call) {
               const NamedType* type = Named(call);
               return type == nullptr ? Resolved() : TextOrNull(type->description);
             })
      .Field("__Type", "specifiedByURL",
             [](const Call& call) {
               const NamedType* type = Named(call);
               return type == nullptr ? Resolved() : Resolved(type->specified_by);
             })
      .Member<Type>("__Type", "ofType", [](const Type& type) {
        return type.wraps.none() ? Resolved() : OfType(type.Inner());
      });
}

void BindTypeLists(Bindings& bindings) {
  const auto has_fields = [](const NamedType* type) {
    return type != nullptr &&
           (type->kind == TypeKind::kObject || type->kind == TypeKind::kInterface);
  };
  bindings
      .Field("__Type", "fields",
             [has_fields](const Call& call) {
               const NamedType* type = Named(call);
               return has_fields(type) ? Listed(type->fields, call) : Resolved();
             })
      .Field("__Type", "interfaces",
             [has_fields](const Call& call) {
               const NamedType* type = Named(call);
               return has_fields(type) ? TypeList(type->interfaces) : Resolved();
             })
      .Field("__Type", "possibleTypes",
             [](const Call& call) {
               const NamedType* type = Named(call);
               const bool abstract = type != nullptr && type->is_abstract();
               return abstract ? TypeList(type->possible) : Resolved();
             })
      .Field("__Type", "enumValues",
             [](const Call& call) {
               const NamedType* type = Named(call);
               const bool is_enum = type != nullptr && type->kind == TypeKind::kEnum;
               return is_enum ? Listed(type->values, call) : Resolved();
             })
      .Field("__Type", "inputFields", [](const Call& call) {
        const NamedType* type = Named(call);
        const bool is_input = type != nullptr && type->kind == TypeKind::kInputObject;
        return is_input ? Listed(type->input_fields, call) : Resolved();
      });
}

/// `name`, `description`, and whether it should be used.
template <typename Item>
void BindNamed(Bindings& bindings, const char* type) {
  bindings.Member<Item>(type, "name", [](const Item& item) { return Resolved(item.name); })
      .template Member<Item>(type, "description",
                             [](const Item& item) { return TextOrNull(item.description); });
}

template <typename Item>
void BindDeprecation(Bindings& bindings, const char* type) {
  bindings
      .Member<Item>(type, "isDeprecated",
                    [](const Item& item) { return Resolved(item.deprecation.has_value()); })
      .template Member<Item>(type, "deprecationReason",
                             [](const Item& item) { return Resolved(item.deprecation); });
}

void BindParts(Bindings& bindings) {
  BindNamed<Field>(bindings, "__Field");
  BindDeprecation<Field>(bindings, "__Field");
  bindings
      .Field("__Field", "args",
             [](const Call& call) { return Listed(call.parent<Field>().arguments, call); })
      .Member<Field>("__Field", "type", [](const Field& field) { return OfType(field.type); });

  BindNamed<InputValue>(bindings, "__InputValue");
  BindDeprecation<InputValue>(bindings, "__InputValue");
  bindings
      .Member<InputValue>("__InputValue", "type",
                          [](const InputValue& value) { return OfType(value.type); })
      .Member<InputValue>("__InputValue", "defaultValue", [](const InputValue& value) {
        return value.default_value == nullptr ? Resolved() : Resolved(Print(*value.default_value));
      });

  BindNamed<EnumValue>(bindings, "__EnumValue");
  BindDeprecation<EnumValue>(bindings, "__EnumValue");
}

void BindDirective(Bindings& bindings) {
  BindNamed<DirectiveType>(bindings, "__Directive");
  bindings
      .Member<DirectiveType>("__Directive", "locations",
                             [](const DirectiveType& type) {
                               Resolved::List list;
                               for (size_t i = 0; i < kDirectivePlaces; ++i) {
                                 const auto place = static_cast<DirectivePlace>(i);
                                 if (type.MayStandAt(place)) list.emplace_back(ToString(place));
                               }
                               return list;
                             })
      .Field("__Directive", "args",
             [](const Call& call) { return Listed(call.parent<DirectiveType>().arguments, call); })
      .Member<DirectiveType>("__Directive", "isRepeatable",
                             [](const DirectiveType& type) { return Resolved(type.repeatable); });
}

}  // namespace

void BindIntrospection(const Schema& schema, Bindings& bindings) {
  BindSchema(schema, bindings);
  BindType(bindings);
  BindTypeLists(bindings);
  BindParts(bindings);
  BindDirective(bindings);
}

}  // namespace trackwire::graphql
