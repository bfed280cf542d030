// Spec: sections 5.1 and 5.2.
#include <unordered_map>
#include <unordered_set>

#include "graphql/validation_context.h"

namespace trackwire::graphql {
namespace {

class ExecutableDefinitions final : public Rule {
 public:
  using Rule::Rule;

  void Finish() override {
    const ast::Document& document = context().document;
    for (const auto& schema : document.schemas) Complain("the schema", schema.at);
    for (const auto& type : document.types) Complain("the type " + Quoted(type.name), type.at);
    for (const auto& one : document.directives) {
      Complain("the directive " + Quoted(one.name), one.at);
    }
  }

 private:
  void Complain(const std::string& what, ast::At at) {
    Report("ExecutableDefinitions", what + " cannot be defined in a request", {at});
  }
};

class OperationNames final : public Rule {
 public:
  using Rule::Rule;

  void OnOperation(const ast::Operation& operation) override {
    if (operation.name.empty()) {
      if (context().document.operations.size() > 1) {
        Report("LoneAnonymousOperation", "an operation without a name beside another one",
               {operation.at});
      }
      return;
    }
    const auto [earlier, is_new] = seen_.emplace(operation.name, operation.at);
    if (is_new) return;
    Report("UniqueOperationNames",
           "two operations are called " + Quoted(operation.name),
           {earlier->second, operation.at});
  }

 private:
  std::unordered_map<std::string_view, ast::At> seen_;
};

/// Operations of a kind for which the schema has no type.
class RootTypes final : public Rule {
 public:
  using Rule::Rule;

  void OnOperation(const ast::Operation& operation) override {
    if (context().schema.Root(operation.kind) != nullptr) return;
    context().ReportLimit(codes::kUnsupported,
                          std::string("there are no operations of the kind ") +
                              ast::ToString(operation.kind),
                          operation.at);
  }
};

/// A subscription asks for one field, however often it says so.
class SingleFieldSubscriptions final : public Rule {
 public:
  using Rule::Rule;

  void OnOperation(const ast::Operation& operation) override {
    if (operation.kind != ast::OperationKind::kSubscription) return;
    std::unordered_set<std::string_view> keys;
    std::unordered_set<std::string_view> visited;
    bool meta = false;
    // Fragments wait in a list instead of being followed at once, so that cycles do no harm.
    std::vector<const ast::SelectionSet*> sets = {&operation.selections};
    while (!sets.empty()) {
      const ast::SelectionSet* set = sets.back();
      sets.pop_back();
      for (const ast::Selection& selection : *set) {
        if (selection.kind == ast::SelectionKind::kField) {
          keys.insert(selection.key());
          meta = meta || selection.name.starts_with("__");
        } else if (selection.kind == ast::SelectionKind::kInline) {
          sets.push_back(&selection.selections);
        } else if (visited.insert(selection.name).second) {
          const ast::Fragment* fragment = context().FindFragment(selection.name);
          if (fragment != nullptr) sets.push_back(&fragment->selections);
        }
      }
    }
    if (keys.size() > 1) {
      Report("SingleFieldSubscriptions", "a subscription asks for more than one field",
             {operation.at});
    }
    if (meta) {
      Report("SingleFieldSubscriptions", "a subscription asks for a field of introspection",
             {operation.at});
    }
  }
};

}  // namespace

void AddOperationRules(ValidationContext& context, Rules& rules) {
  rules.push_back(std::make_unique<ExecutableDefinitions>(context));
  rules.push_back(std::make_unique<OperationNames>(context));
  rules.push_back(std::make_unique<RootTypes>(context));
  rules.push_back(std::make_unique<SingleFieldSubscriptions>(context));
}

}  // namespace trackwire::graphql
