#pragma once

#include <cstdint>
#include <vector>

#include "graphql/ast.h"
#include "graphql/parser.h"
#include "graphql/problem.h"
#include "graphql/schema.h"

namespace trackwire::graphql {

/// What a request may ask for. Fragments count wherever they are spread.
struct Limits {
  ParseLimits parse;
  uint32_t max_depth = 20;         ///< fields in one another
  uint64_t max_aliases = 100;
  uint64_t max_root_fields = 30;
  uint64_t max_cost = 10'000;      ///< as `@cost` of the schema counts it
  uint64_t max_result_values = 100'000;
  bool introspection = true;
};

/// Checks a document by all rules of chapter 5 and by the limits that need no variables.
///
/// Gives what is wrong, at most kMaxProblems: code kValidation with the name of the rule, or the
/// code of a limit. Bounded time for any document that Parse() gives: linear save for the fragments
/// that several operations share. Any thread. Spec: GraphQL October 2021, section 5.
std::vector<Problem> Validate(const Schema& schema, const ast::Document& document,
                              const Limits& limits);

}  // namespace trackwire::graphql
