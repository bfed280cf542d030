#include "graphql/builtin_schema.h"

namespace trackwire::graphql {

const char kBuiltInSchema[] = R"graphql(
"A whole number of 32 bits with sign."
scalar Int
"A finite number of double precision."
scalar Float
"Text in Unicode."
scalar String
"true or false."
scalar Boolean
"Something that names one object: always written as a text, read from a text or a whole number."
scalar ID

"Leaves the field or fragment out when the condition holds."
directive @skip("Leave it out?" if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
"Leaves the field or fragment out unless the condition holds."
directive @include("Keep it?" if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
"Says that something should not be used any more."
directive @deprecated("Why, and what to use instead." reason: String = "No longer supported")
  on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE
"Says where the behaviour of a scalar is written down."
directive @specifiedBy("Address of the document." url: String!) on SCALAR
"What a field adds to the cost of a query, which is limited."
directive @cost(
  "For the field itself."
  weight: Int = 1
  "How many values it gives, each of which costs what is asked of it."
  items: Int = 1
  "The argument that says how many values it gives; without it `items` counts."
  itemsFrom: String
) on FIELD_DEFINITION

"The fields that tell about the schema itself."
type __Meta {
  "The name of the object's type."
  __typename: String!
  "The whole schema."
  __schema: __Schema!
  "One type of the schema."
  __type("Its name." name: String!): __Type
}

"What a server can be asked: types, the roots of operations, directives."
type __Schema {
  description: String
  "All types, those of the language included."
  types: [__Type!]!
  "Where queries begin."
  queryType: __Type!
  "Where mutations begin, if there are any."
  mutationType: __Type
  "Where subscriptions begin, if there are any."
  subscriptionType: __Type
  directives: [__Directive!]!
}

"A named type, or a list or non-null of another one. Which fields have a value depends on `kind`."
type __Type {
  kind: __TypeKind!
  name: String
  description: String
  "Of a scalar: where its behaviour is written down."
  specifiedByURL: String
  "Of objects and interfaces."
  fields(includeDeprecated: Boolean = false): [__Field!]
  "Of objects and interfaces: what they implement."
  interfaces: [__Type!]
  "Of interfaces and unions: the objects they may be."
  possibleTypes: [__Type!]
  "Of enums."
  enumValues(includeDeprecated: Boolean = false): [__EnumValue!]
  "Of input objects."
  inputFields(includeDeprecated: Boolean = false): [__InputValue!]
  "Of lists and non-nulls: what they are around."
  ofType: __Type
}

"The kinds of types."
enum __TypeKind {
  "Has `specifiedByURL`, maybe."
  SCALAR
  "Has `fields` and `interfaces`."
  OBJECT
  "Has `fields`, `interfaces` and `possibleTypes`."
  INTERFACE
  "Has `possibleTypes`."
  UNION
  "Has `enumValues`."
  ENUM
  "Has `inputFields`."
  INPUT_OBJECT
  "Has `ofType`."
  LIST
  "Has `ofType`."
  NON_NULL
}

"Something that can be asked of an object."
type __Field {
  name: String!
  description: String
  args(includeDeprecated: Boolean = false): [__InputValue!]!
  type: __Type!
  isDeprecated: Boolean!
  deprecationReason: String
}

"An argument of a field or directive, or a field of an input object."
type __InputValue {
  name: String!
  description: String
  type: __Type!
  "As a literal of the query language."
  defaultValue: String
  isDeprecated: Boolean!
  deprecationReason: String
}

"One of the values of an enum."
type __EnumValue {
  name: String!
  description: String
  isDeprecated: Boolean!
  deprecationReason: String
}

"A directive: where it may stand and what it takes."
type __Directive {
  name: String!
  description: String
  locations: [__DirectiveLocation!]!
  args(includeDeprecated: Boolean = false): [__InputValue!]!
  "Whether it may stand several times at one place."
  isRepeatable: Boolean!
}

"The places where directives may stand: in requests, then in schemas."
enum __DirectiveLocation {
  QUERY
  MUTATION
  SUBSCRIPTION
  FIELD
  FRAGMENT_DEFINITION
  FRAGMENT_SPREAD
  INLINE_FRAGMENT
  VARIABLE_DEFINITION
  SCHEMA
  SCALAR
  OBJECT
  FIELD_DEFINITION
  ARGUMENT_DEFINITION
  INTERFACE
  UNION
  ENUM
  ENUM_VALUE
  INPUT_OBJECT
  INPUT_FIELD_DEFINITION
}
)graphql";

}  // namespace trackwire::graphql
