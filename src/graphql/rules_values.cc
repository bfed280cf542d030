// Spec: section 5.7, and the default values of 5.6; other values are looked at by the walk.
#include <unordered_map>

#include "graphql/validation_context.h"

namespace trackwire::graphql {
namespace {

class Directives final : public Rule {
 public:
  using Rule::Rule;

  void OnDirectives(const std::vector<ast::Directive>& directives, DirectivePlace place) override {
    std::unordered_map<std::string_view, ast::At> seen;
    for (const ast::Directive& directive : directives) {
      const DirectiveType* type = context().schema.FindDirective(directive.name);
      if (type == nullptr) {
        Report("KnownDirectives", "there is no directive " + Quoted(directive.name),
               {directive.at});
        continue;
      }
      if (!type->MayStandAt(place)) {
        Report("KnownDirectives",
               "the directive " + Quoted(directive.name) + " cannot stand at " + ToString(place),
               {directive.at});
      }
      const auto [earlier, is_new] = seen.emplace(directive.name, directive.at);
      if (is_new || type->repeatable) continue;
      Report("UniqueDirectivesPerLocation",
             "the directive " + Quoted(directive.name) + " stands twice",
             {earlier->second, directive.at});
    }
  }
};

class Defaults final : public Rule {
 public:
  using Rule::Rule;

  void OnVariable(const ast::VariableDefinition& variable) override {
    const auto type = FindType(context().schema, variable.type);
    if (!variable.default_value || !type || !type->named->is_input()) return;
    LiteralVisitor visitor;
    visitor.misfit = [this](ast::At at, const char* rule, std::string message) {
      Report(rule, std::move(message), {at});
    };
    visitor.variable = [](const ast::Value&, Type, bool) {};
    CheckLiteral(*variable.default_value, *type, visitor);
  }
};

}  // namespace

void AddValueRules(ValidationContext& context, Rules& rules) {
  rules.push_back(std::make_unique<Directives>(context));
  rules.push_back(std::make_unique<Defaults>(context));
}

}  // namespace trackwire::graphql
