#pragma once

#include <string>

#include "base/result.h"
#include "graphql/ast.h"
#include "graphql/problem.h"

namespace trackwire::graphql {

/// What a text may be before it is looked at more closely.
struct ParseLimits {
  size_t max_bytes = 100'000;
  size_t max_tokens = 10'000;
  uint32_t max_depth = 64;  ///< brackets of any kind in one another
};

/// Reads a whole document: operations, fragments and definitions of a type system.
///
/// Errors: kParse, kTooLarge, kTooManyTokens, kTooDeep, with the place; nothing is read beyond a
/// limit. Linear in the text; recurses no deeper than `max_depth`. Any thread.
/// Spec: GraphQL October 2021, section 2 and 3 and appendix B.
Result<ast::Document, Problem> Parse(std::string text, const ParseLimits& limits = {});

}  // namespace trackwire::graphql
