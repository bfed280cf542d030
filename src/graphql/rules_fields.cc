// Spec: sections 5.3 (without the merging of fields) and 5.4.
#include <unordered_map>

#include "graphql/validation_context.h"

namespace trackwire::graphql {
namespace {

class Fields final : public Rule {
 public:
  using Rule::Rule;

  void OnField(const ast::Selection& selection, const NamedType* parent,
               const Field* field) override {
    if (parent == nullptr) return;
    if (field == nullptr) {
      return Report("FieldsOnCorrectType",
                    "the type " + Quoted(parent->name) + " has no field " + Quoted(selection.name),
                    {selection.at});
    }
    if (!context().limits.introspection &&
        (selection.name == "__schema" || selection.name == "__type")) {
      context().ReportLimit(codes::kIntrospection, "the server does not tell its schema",
                            selection.at);
    }
    const NamedType& type = *field->type.named;
    if (type.is_leaf() && !selection.selections.empty()) {
      Report("ScalarLeafs",
             "the field " + Quoted(selection.name) + " of type " + field->type.ToString() +
                 " has no fields to ask for",
             {selection.at});
    } else if (!type.is_leaf() && selection.selections.empty()) {
      Report("ScalarLeafs",
             "the field " + Quoted(selection.name) + " of type " + field->type.ToString() +
                 " needs the fields that are asked of it",
             {selection.at});
    }
  }
};

class Arguments final : public Rule {
 public:
  using Rule::Rule;

  void OnArguments(const std::vector<ast::Argument>& arguments,
                   const std::vector<InputValue>* defined, std::string_view owner,
                   ast::At at) override {
    std::unordered_map<std::string_view, ast::At> seen;
    for (const ast::Argument& argument : arguments) {
      const auto [earlier, is_new] = seen.emplace(argument.name, argument.at);
      if (!is_new) {
        Report("UniqueArgumentNames",
               "the argument " + Quoted(argument.name) + " is given twice",
               {earlier->second, argument.at});
      }
      if (defined != nullptr && Find(*defined, argument.name) == nullptr) {
        Report("KnownArgumentNames",
               Quoted(owner) + " has no argument " + Quoted(argument.name), {argument.at});
      }
    }
    if (defined == nullptr) return;
    for (const InputValue& one : *defined) {
      if (!one.required() || seen.count(one.name) > 0) continue;
      Report("ProvidedRequiredArguments",
             Quoted(owner) + " needs the argument " + Quoted(one.name) + " of type " +
                 one.type.ToString(),
             {at});
    }
  }

 private:
  static const InputValue* Find(const std::vector<InputValue>& defined, std::string_view name) {
    for (const InputValue& one : defined) {
      if (one.name == name) return &one;
    }
    return nullptr;
  }
};

}  // namespace

void AddFieldRules(ValidationContext& context, Rules& rules) {
  rules.push_back(std::make_unique<Fields>(context));
  rules.push_back(std::make_unique<Arguments>(context));
}

}  // namespace trackwire::graphql
