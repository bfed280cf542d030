// Spec: section 5.8.
#include <unordered_map>
#include <unordered_set>

#include "graphql/validation_context.h"

namespace trackwire::graphql {
namespace {

class VariableDefinitions final : public Rule {
 public:
  using Rule::Rule;

  void OnOperation(const ast::Operation&) override { seen_.clear(); }

  void OnVariable(const ast::VariableDefinition& variable) override {
    const auto [earlier, is_new] = seen_.emplace(variable.name, variable.at);
    if (!is_new) {
      Report("UniqueVariableNames", "two variables are called " + Quoted(variable.name),
             {earlier->second, variable.at});
    }
    const NamedType* type = context().schema.Find(variable.type.name);
    if (type == nullptr) {
      Report("KnownTypeNames", "there is no type " + Quoted(variable.type.name),
             {variable.type.at});
    } else if (!type->is_input()) {
      Report("VariablesAreInputTypes",
             "the variable " + Quoted(variable.name) + " cannot be of type " +
                 variable.type.ToString(),
             {variable.type.at});
    }
  }

 private:
  std::unordered_map<std::string_view, ast::At> seen_;
};

class VariableUsages final : public Rule {
 public:
  using Rule::Rule;

  void Finish() override {
    for (const auto& definition : context().definitions) {
      if (definition.operation != nullptr) Look(definition);
    }
  }

 private:
  void Look(const ValidationContext::Definition& definition) {
    const ast::Operation& operation = *definition.operation;
    std::unordered_map<std::string_view, const ast::VariableDefinition*> defined;
    for (const auto& variable : operation.variables) defined.emplace(variable.name, &variable);
    std::unordered_set<std::string_view> used;
    for (const auto* reached : context().Reach(definition)) {
      for (const auto& usage : reached->usages) {
        used.insert(usage.variable->text);
        const auto variable = defined.find(usage.variable->text);
        if (variable != defined.end()) {
          CheckPosition(*variable->second, usage);
        } else {
          Report("NoUndefinedVariables",
                 "the variable " + Quoted(usage.variable->text) + " is not defined",
                 {usage.variable->at, operation.at});
        }
      }
    }
    for (const auto& variable : operation.variables) {
      if (used.count(variable.name) > 0) continue;
      Report("NoUnusedVariables", "the variable " + Quoted(variable.name) + " is never used",
             {variable.at});
    }
  }

  void CheckPosition(const ast::VariableDefinition& variable,
                     const ValidationContext::Usage& usage) {
    auto type = FindType(context().schema, variable.type);
    if (!type || !type->named->is_input() || usage.type.named == nullptr) return;
    Type wanted = usage.type;
    if (wanted.wraps.non_null() && !type->wraps.non_null()) {
      const bool own_default =
          variable.default_value && variable.default_value->kind != ast::ValueKind::kNull;
      if (own_default || usage.has_default) wanted = wanted.Inner();
    }
    if (Fits(*type, wanted)) return;
    Report("VariablesInAllowedPosition",
           "the variable " + Quoted(variable.name) + " of type " + type->ToString() +
               " stands where " + usage.type.ToString() + " is wanted",
           {variable.at, usage.variable->at});
  }

  /// Spec: AreTypesCompatible().
  static bool Fits(Type type, Type wanted) {
    while (true) {
      if (wanted.wraps.non_null()) {
        if (!type.wraps.non_null()) return false;
        wanted = wanted.Inner();
      }
      type = type.Nullable();
      if (type.wraps.list() != wanted.wraps.list()) return false;
      if (!type.wraps.list()) return type.named == wanted.named;
      type = type.Inner();
      wanted = wanted.Inner();
    }
  }
};

}  // namespace

void AddVariableRules(ValidationContext& context, Rules& rules) {
  rules.push_back(std::make_unique<VariableDefinitions>(context));
  rules.push_back(std::make_unique<VariableUsages>(context));
}

}  // namespace trackwire::graphql
