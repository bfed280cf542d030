#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "graphql/schema.h"

namespace trackwire::graphql {

/// Values of variables or arguments; a name that is not in it was not given.
using Values = json::object;

/// Hears what CheckLiteral() finds.
struct LiteralVisitor {
  /// Something does not fit. `rule` as section 5.6 calls it.
  std::function<void(ast::At at, const char* rule, std::string message)> misfit;
  /// A variable stands where a value of `type` is wanted, for which there is a default or not.
  std::function<void(const ast::Value& variable, Type type, bool has_default)> variable;
};

/// Whether a literal is a value of an input type, without looking into variables. Of an unknown
/// type (none named) only the variables are told. Recurses as deep as the literal. Spec:
/// section 5.6.
void CheckLiteral(const ast::Value& literal, Type type, const LiteralVisitor& visitor,
                  bool has_default = false);

/// The value of a literal that CheckLiteral() found good; nothing where a variable makes it bad.
/// Spec: sections 3.5 to 3.12, "input coercion".
std::optional<json::value> CoerceLiteral(const ast::Value& literal, Type type,
                                         const Values& variables);

/// A literal as JSON of the same look; variables by their values. Nothing for one that was not
/// given.
std::optional<json::value> LiteralAsJson(const ast::Value& literal, const Values& variables);

/// The values of an operation's variables, of what a client sent for them.
///
/// Errors: kVariables, one for each value that does not fit its type. Spec: section 6.1.2.
Result<Values, std::vector<Problem>> CoerceVariables(const Schema& schema,
                                                     const ast::Document& document,
                                                     const ast::Operation& operation,
                                                     const json::object& given);

/// The values of a field's or directive's arguments. Error: what is wrong, for people.
/// Spec: section 6.4.1.
Result<Values, std::string> CoerceArguments(const std::vector<InputValue>& defined,
                                            const std::vector<ast::Argument>& given,
                                            const Values& variables);

/// The type that an operation's text names, if the schema has it.
std::optional<Type> FindType(const Schema& schema, const ast::TypeRef& ref);

}  // namespace trackwire::graphql
