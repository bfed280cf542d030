#include "graphql/plan.h"

#include <unordered_set>

namespace trackwire::graphql {

struct Planner::Collection {
  const NamedType& object;
  PlannedSet& set;
  std::unordered_map<std::string_view, size_t> index;
  std::unordered_set<std::string_view> spread;
};

Planner::Planner(const Schema& schema, const ast::Document& document, const Values& variables)
    : schema_(schema), variables_(variables) {
  for (const ast::Fragment& fragment : document.fragments) {
    fragments_.emplace(fragment.name, &fragment);
  }
}

std::unique_ptr<PlannedSet> Planner::Plan(const ast::SelectionSet& selections,
                                          const NamedType& object) {
  auto set = std::make_unique<PlannedSet>();
  Collection into{object, *set, {}, {}};
  Collect(selections, into);
  return set;
}

PlannedSet& Planner::Below(PlannedField& field, const NamedType& object) {
  for (const auto& [type, set] : field.below) {
    if (type == &object) return *set;
  }
  auto set = std::make_unique<PlannedSet>();
  Collection into{object, *set, {}, {}};
  for (const ast::Selection* node : field.nodes) Collect(node->selections, into);
  return *field.below.emplace_back(&object, std::move(set)).second;
}

void Planner::Collect(const ast::SelectionSet& selections, Collection& into) const {
  for (const ast::Selection& selection : selections) {
    if (!Includes(selection.directives)) continue;
    if (selection.kind == ast::SelectionKind::kField) {
      auto& fields = into.set.fields;
      const auto [at, is_new] = into.index.emplace(selection.key(), fields.size());
      if (is_new) {
        PlannedField& field = fields.emplace_back();
        field.field = schema_.FindField(into.object, selection.name);
        field.key = selection.key();
      }
      fields[at->second].nodes.push_back(&selection);
    } else if (selection.kind == ast::SelectionKind::kInline) {
      const bool applies =
          selection.on.empty() || schema_.Find(selection.on)->MayBe(into.object);
      if (applies) Collect(selection.selections, into);
    } else if (into.spread.insert(selection.name).second) {
      const ast::Fragment& fragment = *fragments_.at(selection.name);
      if (schema_.Find(fragment.on)->MayBe(into.object)) Collect(fragment.selections, into);
    }
  }
}

bool Planner::Includes(const std::vector<ast::Directive>& directives) const {
  for (const ast::Directive& directive : directives) {
    if (directive.name == "skip" && Condition(directive)) return false;
    if (directive.name == "include" && !Condition(directive)) return false;
  }
  return true;
}

bool Planner::Condition(const ast::Directive& directive) const {
  const ast::Value* literal = directive.Find("if");
  const auto value = literal == nullptr ? std::nullopt : LiteralAsJson(*literal, variables_);
  return value && value->is_bool() && value->get_bool();
}

}  // namespace trackwire::graphql
