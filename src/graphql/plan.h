#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "graphql/resolver.h"

namespace trackwire::graphql {

struct PlannedSet;

/// One field of the response, made of all places in the document that ask for it.
struct PlannedField {
  const Field* field = nullptr;
  std::string_view key;
  std::vector<const ast::Selection*> nodes;

  /// Found out when the first object is asked for the field, and true for all of them.
  bool prepared = false;
  std::optional<Failure> refusal;
  Values arguments;
  std::vector<std::pair<const NamedType*, std::unique_ptr<PlannedSet>>> below;  ///< by object type
};

/// What is asked of the objects of one type at one place. Addresses do not change.
struct PlannedSet {
  std::vector<PlannedField> fields;
};

/// Turns selection sets into what is asked of an object, once for each place and type.
/// Spec: CollectFields(), section 6.3.2.
class Planner {
 public:
  Planner(const Schema& schema, const ast::Document& document, const Values& variables);

  std::unique_ptr<PlannedSet> Plan(const ast::SelectionSet& selections, const NamedType& object);
  /// What is asked of the objects of that type that `field` gives.
  PlannedSet& Below(PlannedField& field, const NamedType& object);

 private:
  struct Collection;
  void Collect(const ast::SelectionSet& selections, Collection& into) const;
  bool Includes(const std::vector<ast::Directive>& directives) const;
  bool Condition(const ast::Directive& directive) const;

  const Schema& schema_;
  const Values& variables_;
  std::unordered_map<std::string_view, const ast::Fragment*> fragments_;
};

}  // namespace trackwire::graphql
