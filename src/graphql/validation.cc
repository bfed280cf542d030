#include "graphql/validation.h"

#include <unordered_set>

#include "graphql/validation_context.h"

namespace trackwire::graphql {
namespace {

/// Operations and fragments together: each operation looks at the fragments that it reaches.
constexpr size_t kMaxDefinitions = 250;

/// Goes through a document and tells the rules what it meets.
class Walk {
 public:
  Walk(ValidationContext& context, const Rules& rules) : context_(context), rules_(rules) {}

  void Run() {
    for (ValidationContext::Definition& definition : context_.definitions) {
      definition_ = &definition;
      if (definition.operation != nullptr) {
        Operation(*definition.operation);
      } else {
        Fragment(*definition.fragment);
      }
    }
    for (const auto& rule : rules_) rule->Finish();
  }

 private:
  template <typename Told>
  void Tell(Told told) {
    for (const auto& rule : rules_) told(*rule);
  }

  void Operation(const ast::Operation& operation) {
    Tell([&](Rule& rule) { rule.OnOperation(operation); });
    for (const ast::VariableDefinition& variable : operation.variables) {
      Tell([&](Rule& rule) { rule.OnVariable(variable); });
      Directives(variable.directives, DirectivePlace::kVariableDefinition);
    }
    constexpr DirectivePlace kPlaces[] = {DirectivePlace::kQuery, DirectivePlace::kMutation,
                                          DirectivePlace::kSubscription};
    Directives(operation.directives, kPlaces[static_cast<size_t>(operation.kind)]);
    Selections(operation.selections, context_.schema.Root(operation.kind));
  }

  void Fragment(const ast::Fragment& fragment) {
    const NamedType* type = Composite(fragment.on);
    Tell([&](Rule& rule) { rule.OnFragment(fragment, type); });
    Directives(fragment.directives, DirectivePlace::kFragmentDefinition);
    Selections(fragment.selections, type);
  }

  const NamedType* Composite(std::string_view name) const {
    const NamedType* type = context_.schema.Find(name);
    return type != nullptr && type->is_composite() ? type : nullptr;
  }

  void Selections(const ast::SelectionSet& selections, const NamedType* parent) {
    for (const ast::Selection& selection : selections) {
      switch (selection.kind) {
        case ast::SelectionKind::kField: FieldOf(selection, parent); break;
        case ast::SelectionKind::kSpread:
          definition_->spreads.push_back(&selection);
          Tell([&](Rule& rule) { rule.OnSpread(selection, parent); });
          Directives(selection.directives, DirectivePlace::kFragmentSpread);
          break;
        case ast::SelectionKind::kInline: {
          const NamedType* type = selection.on.empty() ? parent : Composite(selection.on);
          Tell([&](Rule& rule) { rule.OnInline(selection, parent, type); });
          Directives(selection.directives, DirectivePlace::kInlineFragment);
          Selections(selection.selections, type);
          break;
        }
      }
    }
  }

  void FieldOf(const ast::Selection& selection, const NamedType* parent) {
    const Field* field =
        parent == nullptr ? nullptr : context_.schema.FindField(*parent, selection.name);
    Tell([&](Rule& rule) { rule.OnField(selection, parent, field); });
    Arguments(selection.arguments, field == nullptr ? nullptr : &field->arguments, selection.name,
              selection.at);
    Directives(selection.directives, DirectivePlace::kField);
    const NamedType* type = field == nullptr ? nullptr : field->type.named;
    Selections(selection.selections, type != nullptr && type->is_composite() ? type : nullptr);
  }

  void Directives(const std::vector<ast::Directive>& directives, DirectivePlace place) {
    Tell([&](Rule& rule) { rule.OnDirectives(directives, place); });
    for (const ast::Directive& directive : directives) {
      const DirectiveType* type = context_.schema.FindDirective(directive.name);
      Arguments(directive.arguments, type == nullptr ? nullptr : &type->arguments, directive.name,
                directive.at);
    }
  }

  void Arguments(const std::vector<ast::Argument>& arguments,
                 const std::vector<InputValue>* defined, std::string_view owner, ast::At at) {
    Tell([&](Rule& rule) { rule.OnArguments(arguments, defined, owner, at); });
    if (arguments.empty()) return;
    LiteralVisitor visitor;
    visitor.misfit = [this](ast::At place, const char* rule, std::string message) {
      context_.Report(rule, std::move(message), {place});
    };
    visitor.variable = [this](const ast::Value& variable, Type type, bool has_default) {
      definition_->usages.push_back({&variable, type, has_default});
    };
    for (const ast::Argument& argument : arguments) {
      const InputValue* found = nullptr;
      if (defined != nullptr) {
        for (const InputValue& one : *defined) {
          if (one.name == argument.name) found = &one;
        }
      }
      CheckLiteral(argument.value, found == nullptr ? Type{} : found->type, visitor,
                   found != nullptr && found->default_value != nullptr);
    }
  }

  ValidationContext& context_;
  const Rules& rules_;
  ValidationContext::Definition* definition_ = nullptr;
};

}  // namespace

ValidationContext::ValidationContext(const Schema& s, const ast::Document& d, const Limits& l)
    : schema(s), document(d), limits(l) {
  definitions.resize(document.operations.size() + document.fragments.size());
  size_t next = 0;
  for (const ast::Operation& operation : document.operations) {
    definitions[next++].operation = &operation;
  }
  for (const ast::Fragment& fragment : document.fragments) {
    definitions[next++].fragment = &fragment;
    fragments_.emplace(fragment.name, &fragment);
  }
}

const ast::Fragment* ValidationContext::FindFragment(std::string_view name) const {
  const auto found = fragments_.find(name);
  return found == fragments_.end() ? nullptr : found->second;
}

const ValidationContext::Definition& ValidationContext::Of(const ast::Fragment& fragment) const {
  const auto index = static_cast<size_t>(&fragment - document.fragments.data());
  return definitions[document.operations.size() + index];
}

std::vector<const ValidationContext::Definition*> ValidationContext::Reach(
    const Definition& operation) const {
  std::vector<const Definition*> reached = {&operation};
  std::unordered_set<const ast::Fragment*> seen;
  for (size_t i = 0; i < reached.size(); ++i) {
    for (const ast::Selection* spread : reached[i]->spreads) {
      const ast::Fragment* fragment = FindFragment(spread->name);
      if (fragment != nullptr && seen.insert(fragment).second) reached.push_back(&Of(*fragment));
    }
  }
  return reached;
}

Problem& ValidationContext::Add(const char* code, std::string message) {
  Problem& problem =
      problems_.size() < kMaxProblems ? problems_.emplace_back() : (spare_ = Problem());
  problem.code = code;
  problem.message = std::move(message);
  return problem;
}

void ValidationContext::Report(const char* rule, std::string message,
                               std::initializer_list<ast::At> places) {
  if (problems_.size() >= kMaxProblems) return;
  Problem& problem = Add(codes::kValidation, std::move(message));
  problem.rule = rule;
  for (const ast::At at : places) problem.places.push_back(PlaceOf(*document.source, at.offset));
}

void ValidationContext::ReportLimit(const char* code, std::string message, ast::At place) {
  Add(code, std::move(message)).places.push_back(PlaceOf(*document.source, place.offset));
}

std::vector<Problem> Validate(const Schema& schema, const ast::Document& document,
                              const Limits& limits) {
  ValidationContext context(schema, document, limits);
  if (context.definitions.size() > kMaxDefinitions) {
    context.ReportLimit(codes::kTooManyDefinitions,
                        "more than " + std::to_string(kMaxDefinitions) +
                            " operations and fragments",
                        {});
    return std::move(context.problems());
  }
  Rules rules;
  AddOperationRules(context, rules);
  AddFieldRules(context, rules);
  AddFragmentRules(context, rules);
  AddValueRules(context, rules);
  AddVariableRules(context, rules);
  Walk(context, rules).Run();
  if (context.problems().empty()) CheckStaticLimits(context);
  if (context.problems().empty()) CheckOverlaps(context);
  return std::move(context.problems());
}

}  // namespace trackwire::graphql
