// How much a document asks for, before anything of it is done.
#include <algorithm>
#include <unordered_map>

#include "graphql/cost.h"
#include "graphql/validation_context.h"

namespace trackwire::graphql {
namespace {

/// Selection sets in one another, fragments followed: what later recursions go down.
constexpr uint64_t kMaxNesting = 200;
/// Lists of introspection in one another. Each multiplies by the size of the schema; the usual
/// query of tools has one.
constexpr uint64_t kMaxIntrospectionLists = 2;
/// Sums stop growing here.
constexpr uint64_t kPlenty = uint64_t{1} << 40;

uint64_t Sum(uint64_t a, uint64_t b) { return std::min(a + b, kPlenty); }

bool IsIntrospectionList(std::string_view name) {
  return name == "fields" || name == "interfaces" || name == "possibleTypes" ||
         name == "inputFields";
}

/// Of a selection set with all that it spreads.
struct Measure {
  uint64_t depth = 0;
  uint64_t nesting = 0;
  uint64_t lists = 0;
  uint64_t aliases = 0;
  uint64_t fields = 0;  ///< without those below them
  bool schema = false;  ///< asks for types of the schema

  void Add(const Measure& other) {
    depth = std::max(depth, other.depth);
    nesting = std::max(nesting, other.nesting);
    lists = std::max(lists, other.lists);
    aliases = Sum(aliases, other.aliases);
    fields = Sum(fields, other.fields);
    schema = schema || other.schema;
  }
};

/// The order in which each fragment comes after those it spreads; there are no cycles.
std::vector<const ast::Fragment*> LeavesFirst(const ValidationContext& context) {
  std::vector<const ast::Fragment*> order;
  std::unordered_map<const ast::Fragment*, size_t> next;
  for (const ast::Fragment& start : context.document.fragments) {
    if (next.count(&start) > 0) continue;
    std::vector<const ast::Fragment*> way = {&start};
    next[&start] = 0;
    while (!way.empty()) {
      const ast::Fragment* fragment = way.back();
      const auto& spreads = context.Of(*fragment).spreads;
      size_t& at = next[fragment];
      if (at == spreads.size()) {
        order.push_back(fragment);
        way.pop_back();
        continue;
      }
      const ast::Fragment* target = context.FindFragment(spreads[at++]->name);
      if (next.emplace(target, 0).second) way.push_back(target);
    }
  }
  return order;
}

class Measuring {
 public:
  explicit Measuring(const ValidationContext& context) {
    for (const ast::Fragment* fragment : LeavesFirst(context)) {
      fragments_[fragment->name] = Of(fragment->selections);
    }
  }

  /// Recurses as deep as the text, not through spreads.
  Measure Of(const ast::SelectionSet& selections) const {
    Measure sum;
    for (const ast::Selection& selection : selections) {
      if (selection.kind == ast::SelectionKind::kSpread) {
        sum.Add(fragments_.at(selection.name));
        continue;
      }
      Measure one = Of(selection.selections);
      if (selection.kind == ast::SelectionKind::kField) {
        ++one.depth;
        one.fields = 1;
        one.lists += IsIntrospectionList(selection.name) && !selection.selections.empty() ? 1 : 0;
        one.aliases = Sum(one.aliases, selection.alias.empty() ? 0 : 1);
        one.schema =
            one.schema || selection.name == "__schema" || selection.name == "__type";
      }
      sum.Add(one);
    }
    ++sum.nesting;
    return sum;
  }

 private:
  std::unordered_map<std::string_view, Measure> fragments_;
};

void Complain(ValidationContext& context, const char* code, const std::string& what,
              uint64_t limit, const ast::Operation& operation) {
  context.ReportLimit(code, "the operation has more than " + std::to_string(limit) + " " + what,
                      operation.at);
}

/// Adds up what fields cost, with the values of one request's variables.
class Costing {
 public:
  Costing(const Schema& schema, const ast::Document& document, const Values& variables)
      : schema_(schema), variables_(variables) {
    for (const ast::Fragment& fragment : document.fragments) {
      fragments_.emplace(fragment.name, &fragment);
    }
  }

  /// Follows spreads, each fragment once: no deeper than the nesting that was checked.
  uint64_t Of(const ast::SelectionSet& selections, const NamedType& parent) {
    uint64_t sum = 0;
    for (const ast::Selection& selection : selections) {
      switch (selection.kind) {
        case ast::SelectionKind::kField: sum = Sum(sum, OfField(selection, parent)); break;
        case ast::SelectionKind::kSpread: sum = Sum(sum, OfFragment(selection.name)); break;
        case ast::SelectionKind::kInline: {
          const NamedType* type = selection.on.empty() ? &parent : schema_.Find(selection.on);
          sum = Sum(sum, Of(selection.selections, *type));
          break;
        }
      }
    }
    return sum;
  }

 private:
  uint64_t OfField(const ast::Selection& selection, const NamedType& parent) {
    const Field& field = *schema_.FindField(parent, selection.name);
    if (selection.selections.empty()) return field.weight;
    const uint64_t each = Of(selection.selections, *field.type.named);
    return Sum(field.weight, each * std::min<uint64_t>(Items(selection, field), kPlenty >> 20));
  }

  uint64_t OfFragment(std::string_view name) {
    const auto known = costs_.find(name);
    if (known != costs_.end()) return known->second;
    const ast::Fragment& fragment = *fragments_.at(name);
    const uint64_t cost = Of(fragment.selections, *schema_.Find(fragment.on));
    costs_.emplace(name, cost);
    return cost;
  }

  uint64_t Items(const ast::Selection& selection, const Field& field) const {
    if (field.items_from.empty()) return field.items;
    const InputValue& defined = *field.FindArgument(field.items_from);
    std::optional<json::value> value;
    for (const ast::Argument& argument : selection.arguments) {
      if (argument.name == defined.name) {
        value = CoerceLiteral(argument.value, defined.type, variables_);
      }
    }
    if (!value && defined.default_value != nullptr) {
      value = CoerceLiteral(*defined.default_value, defined.type, {});
    }
    if (!value || !value->is_int64()) return field.items;
    return static_cast<uint64_t>(std::max<int64_t>(value->get_int64(), 1));
  }

  const Schema& schema_;
  const Values& variables_;
  std::unordered_map<std::string_view, const ast::Fragment*> fragments_;
  std::unordered_map<std::string_view, uint64_t> costs_;
};

}  // namespace

void CheckStaticLimits(ValidationContext& context) {
  const Measuring measuring(context);
  const Limits& limits = context.limits;
  for (const ast::Operation& operation : context.document.operations) {
    const Measure found = measuring.Of(operation.selections);
    if (found.depth > limits.max_depth) {
      Complain(context, codes::kTooDeep, "fields in one another", limits.max_depth, operation);
    } else if (found.nesting > kMaxNesting) {
      Complain(context, codes::kTooDeep, "fragments in one another", kMaxNesting, operation);
    } else if (found.lists > kMaxIntrospectionLists && found.schema) {
      Complain(context, codes::kTooDeep, "lists of introspection in one another",
               kMaxIntrospectionLists, operation);
    }
    if (found.aliases > limits.max_aliases) {
      Complain(context, codes::kTooManyAliases, "aliases", limits.max_aliases, operation);
    }
    if (found.fields > limits.max_root_fields) {
      Complain(context, codes::kTooManyRoots, "fields at its root", limits.max_root_fields,
               operation);
    }
  }
}

std::optional<Problem> CheckCost(const Schema& schema, const ast::Document& document,
                                 const ast::Operation& operation, const Values& variables,
                                 uint64_t max_cost) {
  const uint64_t cost = Costing(schema, document, variables)
                            .Of(operation.selections, *schema.Root(operation.kind));
  if (cost <= max_cost) return std::nullopt;
  Problem problem;
  problem.code = codes::kTooCostly;
  problem.message = "the operation costs " +
                    (cost >= kPlenty ? "far too much" : std::to_string(cost)) + ", the limit is " +
                    std::to_string(max_cost);
  problem.places.push_back(PlaceOf(*document.source, operation.at.offset));
  return problem;
}

}  // namespace trackwire::graphql
