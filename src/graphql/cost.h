#pragma once

#include <optional>

#include "graphql/values.h"

namespace trackwire::graphql {

/// Whether a valid operation costs too much: each field its weight, and what is asked of it as many
/// times as it may give values. Code kTooCostly. Linear in the document.
std::optional<Problem> CheckCost(const Schema& schema, const ast::Document& document,
                                 const ast::Operation& operation, const Values& variables,
                                 uint64_t max_cost);

}  // namespace trackwire::graphql
