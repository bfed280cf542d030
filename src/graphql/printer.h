#pragma once

#include <string>

#include "graphql/ast.h"

namespace trackwire::graphql {

/// A document as text that Parse() reads as one that says the same. Recurses as deep as the
/// document. Any thread.
std::string Print(const ast::Document& document);
/// A value as a literal, on one line.
std::string Print(const ast::Value& value);

/// `text` as a string literal with quotes and escapes.
std::string QuoteString(std::string_view text);

}  // namespace trackwire::graphql
