#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <map>
#include <string>

#include "base/result.h"

namespace trackwire::graphql {

namespace json = boost::json;

/// How values of one scalar type come in and go out. Both say what is wrong with a value, as the
/// end of a sentence that begins with it. Any thread.
struct Scalar {
  using Convert = std::function<Result<json::value, std::string>(const json::value&)>;
  Convert parse;      ///< from a variable, or a literal as the JSON it looks like
  Convert serialize;  ///< from what a resolver gave
};

/// By name of the type.
using Scalars = std::map<std::string, Scalar, std::less<>>;

/// Int, Float, String, Boolean and ID. Spec: section 3.5.
const Scalars& BuiltInScalars();

}  // namespace trackwire::graphql
