#pragma once

namespace trackwire::graphql {

/// What every schema has without writing it, in the schema language: scalars, directives and the
/// types of introspection. Spec: sections 3.5, 3.13 and 4.2.
extern const char kBuiltInSchema[];

/// The type whose fields may be asked for beside those of the root of queries.
inline constexpr char kMetaType[] = "__Meta";

}  // namespace trackwire::graphql
