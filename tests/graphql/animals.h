#pragma once

#include <string>

#include "graphql/schema.h"
#include "graphql/validation.h"

namespace trackwire::graphql::testing {

/// A schema with one of everything, for tests of rules.
inline constexpr char kAnimals[] = R"graphql(
schema { query: Query mutation: Change subscription: News }

type Query {
  animal(id: ID!): Animal
  animals(first: Int = 10, where: Filter, kinds: [Kind!]): [Animal!]! @cost(items: 5, itemsFrom: "first")
  dog: Dog
  cat: Cat
  any: CatOrDog
  human: Human
  echo(text: String, number: Int, ratio: Float, flag: Boolean, id: ID, kind: Kind, texts: [String],
       needed: [String!], filter: Filter, moment: Moment): String
  must(a: Int!, b: Int! = 1): Int
}
type Change { rename(id: ID!, name: String!): Dog }
type News { born: Animal died: Animal }

enum Kind { CAT DOG @deprecated }
input Filter { name: String, kind: Kind = CAT, age: Range, must: Boolean! }
input Range { from: Int = 0, to: Int }
scalar Moment @specifiedBy(url: "https://example.org/moment")

interface Being { name(surname: Boolean): String }
interface Animal implements Being { id: ID! name(surname: Boolean): String owner: Human }
type Dog implements Animal & Being {
  id: ID!
  name(surname: Boolean): String
  owner: Human
  barks: Int
  size: Int
  knows(command: String!): Boolean!
  friend: Dog
  label: String!
}
type Cat implements Animal & Being {
  id: ID!
  name(surname: Boolean): String
  owner: Human
  meows: Int
  size: String
  label: String
  friend: Cat
}
type Human implements Being { name(surname: Boolean): String pets: [Animal!] address: Address }
type Address { street: String }
union CatOrDog = Cat | Dog
union DogOrHuman = Dog | Human

directive @shown(when: Boolean!, how: String = "x") repeatable on FIELD | QUERY
directive @once on FIELD | VARIABLE_DEFINITION | FRAGMENT_DEFINITION
)graphql";

inline Scalar Anything() {
  const auto keep = [](const json::value& value) -> Result<json::value, std::string> {
    return value;
  };
  return {keep, keep};
}

inline const Schema& Animals() {
  static const auto schema = [] {
    auto built = Schema::Build(kAnimals, {{"Moment", Anything()}});
    CHECK(built);
    return *built;
  }();
  return *schema;
}

/// The rules that a document breaks, each once, in the order of the problems; or a code that is no
/// rule's.
inline std::vector<std::string> Broken(const std::string& text, const Limits& limits = {}) {
  auto document = Parse(text);
  if (!document) return {document.error().code + ": " + document.error().message};
  std::vector<std::string> out;
  for (const Problem& problem : Validate(Animals(), *document, limits)) {
    const std::string& name = problem.rule.empty() ? problem.code : problem.rule;
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  }
  return out;
}

}  // namespace trackwire::graphql::testing
