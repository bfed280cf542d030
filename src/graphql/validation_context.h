#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "graphql/validation.h"
#include "graphql/values.h"

namespace trackwire::graphql {

/// What rules find out and say about one document.
class ValidationContext {
 public:
  struct Usage {
    const ast::Value* variable;
    Type type;                  ///< of the place; none named: unknown
    bool has_default;           ///< of the place
  };
  /// What stands in one operation or fragment, without what it spreads.
  struct Definition {
    const ast::Operation* operation = nullptr;
    const ast::Fragment* fragment = nullptr;
    std::vector<const ast::Selection*> spreads;
    std::vector<Usage> usages;
  };

  ValidationContext(const Schema& schema, const ast::Document& document, const Limits& limits);

  const Schema& schema;
  const ast::Document& document;
  const Limits& limits;

  /// Operations, then fragments, as in the document.
  std::vector<Definition> definitions;
  /// The first of that name.
  const ast::Fragment* FindFragment(std::string_view name) const;
  const Definition& Of(const ast::Fragment& fragment) const;
  /// An operation with all fragments that it reaches.
  std::vector<const Definition*> Reach(const Definition& operation) const;

  void Report(const char* rule, std::string message, std::initializer_list<ast::At> places);
  void ReportLimit(const char* code, std::string message, ast::At place);
  std::vector<Problem>& problems() { return problems_; }

 private:
  Problem& Add(const char* code, std::string message);

  std::unordered_map<std::string_view, const ast::Fragment*> fragments_;
  std::vector<Problem> problems_;
  Problem spare_;  ///< takes what is said beyond the last
};

/// One or a few rules, told of everything in the document once, in its order, fragments where they
/// are defined.
class Rule {
 public:
  explicit Rule(ValidationContext& context) : context_(context) {}
  virtual ~Rule() = default;

  virtual void OnOperation(const ast::Operation&) {}
  virtual void OnFragment(const ast::Fragment&, const NamedType*) {}
  /// `parent` and `field` may be none: unknown.
  virtual void OnField(const ast::Selection&, const NamedType* /*parent*/, const Field*) {}
  virtual void OnSpread(const ast::Selection&, const NamedType* /*parent*/) {}
  virtual void OnInline(const ast::Selection&, const NamedType* /*parent*/,
                        const NamedType* /*type*/) {}
  virtual void OnDirectives(const std::vector<ast::Directive>&, DirectivePlace) {}
  /// `defined` is none for an unknown field or directive.
  virtual void OnArguments(const std::vector<ast::Argument>&,
                           const std::vector<InputValue>* /*defined*/, std::string_view /*owner*/,
                           ast::At) {}
  virtual void OnVariable(const ast::VariableDefinition&) {}
  /// After all.
  virtual void Finish() {}

 protected:
  ValidationContext& context() const { return context_; }
  void Report(const char* rule, std::string message, std::initializer_list<ast::At> places) {
    context_.Report(rule, std::move(message), places);
  }
  static std::string Quoted(std::string_view name) { return '"' + std::string(name) + '"'; }

 private:
  ValidationContext& context_;
};

using Rules = std::vector<std::unique_ptr<Rule>>;

/// The rules of section 5.2, 5.3 and 5.4, of 5.5, of 5.6 and 5.7, of 5.8.
void AddOperationRules(ValidationContext& context, Rules& rules);
void AddFieldRules(ValidationContext& context, Rules& rules);
void AddFragmentRules(ValidationContext& context, Rules& rules);
void AddValueRules(ValidationContext& context, Rules& rules);
void AddVariableRules(ValidationContext& context, Rules& rules);

/// Depth, aliases and root fields. Only for documents without cycles of fragments.
void CheckStaticLimits(ValidationContext& context);

/// OverlappingFieldsCanBeMerged. Only for documents within the static limits.
void CheckOverlaps(ValidationContext& context);

}  // namespace trackwire::graphql
