#include "graphql/parser.h"

#include "base/text.h"
#include "graphql/parser_base.h"

namespace trackwire::graphql {
namespace {

/// Reads operations and fragments, and leaves the rest to its base. Spec: section 2.
class DocumentParser final : public SchemaParser {
 public:
  using SchemaParser::SchemaParser;

  bool Read(ast::Document& document) {
    do {
      if (!ReadOne(document)) return false;
    } while (!failed() && !At(TokenKind::kEnd));
    return !failed();
  }

 private:
  bool ReadOne(ast::Document& document) {
    if (At(TokenKind::kBraceOpen)) {
      ast::Operation& operation = document.operations.emplace_back();
      operation.at = place();
      return ReadSelections(operation.selections);
    }
    if (AtWord("fragment")) return ReadFragment(document.fragments.emplace_back());
    if (AtWord("query") || AtWord("mutation") || AtWord("subscription")) {
      return ReadOperation(document.operations.emplace_back());
    }
    return AtDefinition() ? ReadDefinition(document) : Unexpected();
  }

  bool ReadOperation(ast::Operation& operation) {
    operation.at = place();
    if (AtWord("mutation")) operation.kind = ast::OperationKind::kMutation;
    if (AtWord("subscription")) operation.kind = ast::OperationKind::kSubscription;
    if (!Advance()) return false;
    if (At(TokenKind::kName) && !ReadName(operation.name)) return false;
    const auto variable = [&] { return ReadVariable(operation.variables.emplace_back()); };
    if (At(TokenKind::kParenOpen) &&
        !ReadMany(TokenKind::kParenOpen, variable, TokenKind::kParenClose)) {
      return false;
    }
    return ReadDirectives(operation.directives, false) && ReadSelections(operation.selections);
  }

  bool ReadVariable(ast::VariableDefinition& variable) {
    variable.at = place();
    if (!Expect(TokenKind::kDollar) || !ReadName(variable.name) || !Expect(TokenKind::kColon) ||
        !ReadType(variable.type)) {
      return false;
    }
    if (Skip(TokenKind::kEquals) && !ReadValue(variable.default_value.emplace(), true)) {
      return false;
    }
    return ReadDirectives(variable.directives, true);
  }

  bool ReadFragment(ast::Fragment& fragment) {
    fragment.at = place();
    if (!Advance()) return false;
    if (AtWord("on")) return Unexpected();
    if (!ReadName(fragment.name) || !ExpectWord("on")) return false;
    fragment.on_at = place();
    return ReadName(fragment.on) && ReadDirectives(fragment.directives, false) &&
           ReadSelections(fragment.selections);
  }

  bool ReadSelections(ast::SelectionSet& selections) {
    const Depth depth(*this);
    if (!depth.ok()) return false;
    const auto read = [&] { return ReadSelection(selections.emplace_back()); };
    return ReadMany(TokenKind::kBraceOpen, read, TokenKind::kBraceClose);
  }

  bool ReadSelection(ast::Selection& selection) {
    selection.at = place();
    if (Skip(TokenKind::kSpread)) return ReadSpread(selection);
    if (!ReadName(selection.name)) return false;
    if (Skip(TokenKind::kColon)) {
      selection.alias = selection.name;
      if (!ReadName(selection.name)) return false;
    }
    if (!ReadArguments(selection.arguments, false)) return false;
    if (!ReadDirectives(selection.directives, false)) return false;
    return At(TokenKind::kBraceOpen) ? ReadSelections(selection.selections) : !failed();
  }

  bool ReadSpread(ast::Selection& selection) {
    if (At(TokenKind::kName) && !AtWord("on")) {
      selection.kind = ast::SelectionKind::kSpread;
      return ReadName(selection.name) && ReadDirectives(selection.directives, false);
    }
    selection.kind = ast::SelectionKind::kInline;
    if (SkipWord("on")) {
      selection.on_at = place();
      if (!ReadName(selection.on)) return false;
    }
    return ReadDirectives(selection.directives, false) && ReadSelections(selection.selections);
  }
};

Problem TooLarge(size_t max_bytes) {
  Problem problem;
  problem.code = codes::kTooLarge;
  problem.message = "longer than " + std::to_string(max_bytes) + " bytes";
  return problem;
}

}  // namespace

Result<ast::Document, Problem> Parse(std::string text, const ParseLimits& limits) {
  if (text.size() > limits.max_bytes) return Err(TooLarge(limits.max_bytes));
  if (!base::IsUtf8(text)) {
    Problem problem;
    problem.code = codes::kParse;
    problem.message = "not UTF-8";
    return Err(std::move(problem));
  }
  ast::Document document;
  document.source = std::make_shared<const std::string>(std::move(text));
  DocumentParser parser(*document.source, limits);
  if (!parser.Read(document)) return Err(parser.TakeProblem());
  return document;
}

}  // namespace trackwire::graphql
