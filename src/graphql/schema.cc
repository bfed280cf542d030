#include "graphql/schema.h"

#include <algorithm>
#include <array>

namespace trackwire::graphql {
namespace {

constexpr std::array<const char*, kDirectivePlaces> kPlaceNames = {
    "QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD",
    "INLINE_FRAGMENT", "VARIABLE_DEFINITION", "SCHEMA", "SCALAR", "OBJECT", "FIELD_DEFINITION",
    "ARGUMENT_DEFINITION", "INTERFACE", "UNION", "ENUM", "ENUM_VALUE", "INPUT_OBJECT",
    "INPUT_FIELD_DEFINITION"};

template <typename List>
auto FindIn(const List& list, std::string_view name) -> decltype(list.data()) {
  for (const auto& one : list) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

}  // namespace

const char* ToString(DirectivePlace place) { return kPlaceNames[static_cast<size_t>(place)]; }

std::optional<DirectivePlace> ParseDirectivePlace(std::string_view text) {
  for (size_t i = 0; i < kPlaceNames.size(); ++i) {
    if (text == kPlaceNames[i]) return static_cast<DirectivePlace>(i);
  }
  return std::nullopt;
}

std::string Type::ToString() const { return ast::TypeRef{named->name, wraps, {}}.ToString(); }

const InputValue* Field::FindArgument(std::string_view argument) const {
  return FindIn(arguments, argument);
}

const InputValue* DirectiveType::FindArgument(std::string_view argument) const {
  return FindIn(arguments, argument);
}

const Field* NamedType::FindField(std::string_view field) const {
  const auto found = by_name_.find(field);
  return found == by_name_.end() ? nullptr : &fields[found->second];
}

const InputValue* NamedType::FindInputField(std::string_view field) const {
  return FindIn(input_fields, field);
}

const EnumValue* NamedType::FindValue(std::string_view value) const {
  return FindIn(values, value);
}

bool NamedType::MayBe(const NamedType& object) const {
  return this == &object || (object.index < may_be_.size() && may_be_[object.index]);
}

bool Overlap(const NamedType& a, const NamedType& b) {
  if (&a == &b) return true;
  if (!a.is_abstract()) return b.MayBe(a);
  return std::any_of(a.possible.begin(), a.possible.end(),
                     [&b](const NamedType* object) { return b.MayBe(*object); });
}

const NamedType* Schema::Find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

const Field* Schema::FindField(const NamedType& parent, std::string_view name) const {
  if (!name.starts_with("__")) return parent.FindField(name);
  const Field* field = meta_type_->FindField(name);
  if (field == nullptr || !parent.is_composite()) return nullptr;
  const bool everywhere = name == "__typename";
  return everywhere || &parent == Root(OperationKind::kQuery) ? field : nullptr;
}

const DirectiveType* Schema::FindDirective(std::string_view name) const {
  return FindIn(directives_, name);
}

}  // namespace trackwire::graphql
