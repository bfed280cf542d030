// Each rule of chapter 5 with documents that keep it and documents that break it.
#include "graphql/validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/graphql/animals.h"

namespace trackwire::graphql {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Broken;

/// What breaks one rule and no other, and what keeps all.
struct RuleCase {
  const char* rule;
  std::vector<std::string> good;
  std::vector<std::string> bad;
};

const std::vector<RuleCase>& RuleCases() {
  static const std::vector<RuleCase> cases = {
      {"ExecutableDefinitions",
       {"{ dog { id } }"},
       {"{ dog { id } } type T { a: Int }", "{ dog { id } } extend type Dog { a: Int }",
        "{ dog { id } } schema { query: Query }", "{ dog { id } } directive @x on FIELD"}},
      {"UniqueOperationNames",
       {"query A { dog { id } } query B { dog { id } }",
        "query A { dog { id } } fragment B on Dog { id } query B { dog { ...B } }"},
       {"query A { dog { id } } query A { dog { id } }",
        "query A { dog { id } } mutation A { rename(id: 1, name: \"x\") { id } }"}},
      {"LoneAnonymousOperation",
       {"{ dog { id } }", "{ dog { ...F } } fragment F on Dog { id }"},
       {"{ dog { id } } query B { dog { id } }", "{ dog { id } } { dog { id } }"}},
      {"SingleFieldSubscriptions",
       {"subscription { born { id } }", "subscription { ...F } fragment F on News { born { id } }",
        "subscription { born { id } born { name } }"},
       {"subscription { born { id } died { id } }",
        "subscription { ...F } fragment F on News { born { id } ... { died { id } } }",
        "subscription { __typename }"}},
      {"FieldsOnCorrectType",
       {"{ dog { id barks __typename } }", "{ any { __typename ... on Dog { barks } } }",
        "{ __schema { types { name } } __type(name: \"X\") { name } }",
        "{ animal(id: 1) { name ... on Cat { meows } } }"},
       {"{ dog { meows } }", "{ any { id } }", "{ animal(id: 1) { barks } }", "{ nothing }",
        "{ dog { __schema { types { name } } } }", "{ dog { ... on Animal { x: nothing } } }",
        "mutation { dog { id } }", "{ any { ... { name } } }"}},
      {"ScalarLeafs",
       {"{ dog { id } }"},
       {"{ dog }", "{ dog { id { x } } }", "{ animals }", "{ any }"}},
      {"KnownArgumentNames",
       {"{ animal(id: 1) { id } }", "{ dog { id @skip(if: true) } }"},
       {"{ dog(id: 1) { id } }", "{ dog { id @skip(if: true, unless: false) } }",
        "{ dog { knows(command: \"x\", well: true) } }"}},
      {"UniqueArgumentNames",
       {"{ must(a: 1, b: 2) }"},
       {"{ must(a: 1, a: 2) }", "{ dog { id @skip(if: true, if: true) } }"}},
      {"ProvidedRequiredArguments",
       {"{ must(a: 1) }", "query ($a: Int!) { must(a: $a) }"},
       {"{ must }", "{ must(b: 1) }", "{ dog { id @include } }"}},
      {"UniqueFragmentNames",
       {"{ dog { ...A ...B } } fragment A on Dog { id } fragment B on Dog { id }"},
       {"{ dog { ...A } } fragment A on Dog { id } fragment A on Dog { name }"}},
      {"KnownTypeNames",
       {"{ dog { ... on Dog { id } } }"},
       {"{ dog { ... on Wolf { id } } }", "{ dog { ...F } } fragment F on Wolf { id }",
        "query ($x: Wolf) { must(a: $x) }"}},
      {"FragmentsOnCompositeTypes",
       {"{ any { ... on Dog { id } ... on Animal { id } ... on CatOrDog { __typename } } }"},
       {"{ dog { ... on Kind { id } } }", "{ dog { ...F } } fragment F on Int { id }",
        "{ dog { ... on Filter { id } } }"}},
      {"NoUnusedFragments",
       {"{ dog { ...A } } fragment A on Dog { ...B } fragment B on Dog { id }"},
       {"{ dog { id } } fragment A on Dog { id }",
        "{ dog { id } } fragment A on Dog { ...B } fragment B on Dog { id }"}},
      {"KnownFragmentNames",
       {"{ dog { ...A } } fragment A on Dog { id }"},
       {"{ dog { ...A } }", "{ dog { ... on Dog { ...A } } }"}},
      {"NoFragmentCycles",
       {"{ dog { ...A } } fragment A on Dog { ...B ...B } fragment B on Dog { id }"},
       {"{ dog { ...A } } fragment A on Dog { ...A }",
        "{ dog { ...A } } fragment A on Dog { friend { ...B } } fragment B on Dog { id ...A }",
        "{ dog { ...A } } fragment A on Dog { ...B } fragment B on Dog { ...C } "
        "fragment C on Dog { ...B }"}},
      {"PossibleFragmentSpreads",
       {"{ dog { ... on Animal { id } ... on Being { name } ... on CatOrDog { __typename } } }",
        "{ any { ... on DogOrHuman { __typename } ... on Animal { id } } }",
        "{ animal(id: 1) { ... on Dog { id } ... on DogOrHuman { __typename } } }"},
       {"{ dog { ... on Cat { id } } }", "{ dog { ...F } } fragment F on Human { name }",
        "{ cat { ... on DogOrHuman { __typename } } }", "{ any { ... on Human { name } } }"}},
      {"ValuesOfCorrectType",
       {"{ echo(text: \"x\", number: -5, ratio: 1, flag: true, id: 5, kind: CAT, texts: [\"a\"]) }",
        "{ echo(text: null, ratio: 1.5, id: \"x\", texts: \"a\") }",
        "{ echo(filter: {must: true, age: {from: 1}, kind: DOG}) }",
        "{ echo(texts: [null, \"a\"], moment: {any: [thing], more: 2}) }",
        "{ animals(kinds: [CAT, DOG]) { id } }",
        "query ($n: Int = 5, $f: Filter = {must: true}) { echo(number: $n, filter: $f) }"},
       {"{ echo(text: 5) }", "{ echo(text: CAT) }", "{ echo(number: 1.0) }",
        "{ echo(number: \"1\") }", "{ echo(number: 3000000000) }", "{ echo(ratio: \"1\") }",
        "{ echo(ratio: 1e999) }", "{ echo(flag: 1) }", "{ echo(id: 1.5) }", "{ echo(id: true) }",
        "{ echo(kind: BIRD) }", "{ echo(kind: \"CAT\") }", "{ echo(texts: [1]) }",
        "{ echo(texts: {a: 1}) }", "{ echo(needed: [null]) }", "{ must(a: null) }",
        "{ echo(filter: {}) }", "{ echo(filter: {must: null}) }", "{ echo(filter: true) }",
        "{ echo(filter: {must: true, colour: 1}) }", "{ echo(filter: [{must: 1}]) }",
        "{ echo(filter: {must: true, age: {from: \"x\"}}) }", "{ dog { id @skip(if: 1) } }",
        "query ($n: Int = \"5\") { echo(number: $n) }",
        "query ($n: Int! = null) { echo(number: $n) }",
        "query ($f: Filter = {}) { echo(filter: $f) }"}},
      {"UniqueInputFieldNames",
       {"{ echo(filter: {must: true, name: \"x\"}) }"},
       {"{ echo(filter: {must: true, must: false}) }",
        "{ echo(filter: {must: true, age: {to: 1, to: 1}}) }"}},
      {"KnownDirectives",
       {"query @shown(when: true) { dog @once { id } }",
        "query ($a: Int = 1 @once) { echo(number: $a) }"},
       {"{ dog @missing { id } }", "query @skip(if: true) { dog { id } }",
        "{ dog { ...F @once } } fragment F on Dog { id }", "{ dog { ... @once { id } } }",
        "mutation @once { rename(id: 1, name: \"\") { id } }"}},
      {"UniqueDirectivesPerLocation",
       {"{ dog @shown(when: true) @shown(when: false) { id @once name @once } }"},
       {"{ dog @once @once { id } }", "{ dog { id @skip(if: true) @skip(if: false) } }",
        "{ dog { ...F } } fragment F on Dog @once @once { id }"}},
      {"UniqueVariableNames",
       {"query A($x: Int!) { must(a: $x) } query B($x: Int!) { must(a: $x) }"},
       {"query ($x: Int!, $x: Int!) { must(a: $x) }"}},
      {"VariablesAreInputTypes",
       {"query ($a: Int = 1, $b: [Kind!], $f: Filter) { animals(first: $a, kinds: $b) { id } "
        "x: echo(filter: $f) }"},
       {"query ($d: Dog) { echo(moment: $d) }", "query ($d: [CatOrDog!]) { echo(moment: $d) }"}},
      {"NoUndefinedVariables",
       {"query ($x: Boolean!) { dog { ...F } } fragment F on Dog { owner { ...G } } "
        "fragment G on Human { name @skip(if: $x) pets { ... on Dog { size } } } ",
        "query ($x: Boolean) { dog { ...F } } fragment F on Dog { name(surname: $x) }"},
       {"{ must(a: $x) }", "{ dog { id @skip(if: $x) } }",
        "{ dog { ...F } } fragment F on Dog { name(surname: $x) }",
        "{ echo(filter: {must: $x}) }", "{ echo(moment: {deep: [$x]}) }",
        "query A($x: Int!) { must(a: $x) } query B { must(a: $x) }"}},
      {"NoUnusedVariables",
       {"query ($x: Int!) { must(a: $x) }", "query ($x: Int) { echo(moment: {deep: [$x]}) }"},
       {"query ($x: Int) { dog { id } }",
        "query A($x: Int!) { must(a: $x) } query B($x: Int!) { dog { id } }",
        "query ($x: Boolean) { dog { id } }"}},
      {"VariablesInAllowedPosition",
       {"query ($x: Int!) { must(a: $x) }", "query ($x: Int = 1) { must(a: $x) }",
        "query ($x: Int) { must(a: 1, b: $x) }", "query ($x: [String]) { echo(texts: $x) }",
        "query ($x: [String!]!) { echo(texts: $x, needed: $x) }",
        "query ($x: String) { echo(texts: [$x]) }",
        "query ($x: Kind) { echo(filter: {must: true, kind: $x}) }"},
       {"query ($x: Int) { must(a: $x) }", "query ($x: Int = null) { must(a: $x) }",
        "query ($x: String) { echo(number: $x) }", "query ($x: String) { echo(texts: $x) }",
        "query ($x: [String]) { echo(needed: $x) }", "query ($x: [Int]) { echo(number: $x) }",
        "query ($x: String) { echo(needed: [$x]) }",
        "query ($x: Boolean) { echo(filter: {must: $x}) }",
        "query ($x: Boolean) { dog { ...F } } fragment F on Dog { id @skip(if: $x) }"}},
      {"OverlappingFieldsCanBeMerged",
       {"{ dog { id id name: name name } }",
        "{ dog { name(surname: true) name(surname: true) } }",
        "query ($x: Boolean) { dog { name(surname: $x) name(surname: $x) } }",
        "{ any { ... on Dog { x: barks } ... on Cat { x: meows } } }",
        "{ any { ... on Dog { name(surname: true) } ... on Cat { name(surname: false) } } }",
        "{ must(a: 1, b: 2) ... { must(b: 2, a: 1) } }",
        "{ dog { friend { id } } ... { dog { friend { name } } } }",
        "{ any { ... on Dog { friend { x: barks } } ... on Cat { friend { x: meows } } } }"},
       {"{ dog { x: id x: name } }", "{ dog { id: name id } }",
        "{ dog { name(surname: true) name } }", "{ must(a: 1) must(a: 2) }",
        "{ any { ... on Dog { size } ... on Cat { size } } }",
        "{ any { ... on Dog { label } ... on Cat { label } } }",
        "{ dog { ...F x: id } } fragment F on Dog { x: name }",
        "{ dog { friend { x: id } } ...F } fragment F on Query { dog { friend { x: name } } }",
        "{ any { ... on Dog { x: friend { a: size } } ... on Cat { x: friend { a: size } } } }",
        "{ animal(id: 1) { x: name ... on Dog { x: label } } }",
        "{ any { ... on Dog { x: owner { name } } ... on Cat { x: name } } }",
        "query ($a: Int!, $b: Int!) { must(a: $a) must(a: $b) }",
        "{ x: animals { id } x: dog { id } }"}},
  };
  return cases;
}

TEST(ValidationTest, KeepsEachRule) {
  for (const RuleCase& one : RuleCases()) {
    for (const std::string& text : one.bad) {
      EXPECT_THAT(Broken(text), ElementsAre(one.rule)) << text;
    }
  }
}

TEST(ValidationTest, TakesWhatKeepsTheRules) {
  // A few of the good ones break another rule on purpose: they say what they do not use.
  for (const RuleCase& one : RuleCases()) {
    for (const std::string& text : one.good) {
      EXPECT_TRUE(Parse(text)) << text;
      EXPECT_THAT(Broken(text), ::testing::Not(::testing::Contains(one.rule))) << text;
    }
  }
}

TEST(ValidationTest, FindsNothingWrongWithAnOrdinaryRequest) {
  EXPECT_THAT(Broken(R"(query Dogs($first: Int!, $where: Filter, $with: Boolean = false) {
    animals(first: $first, where: $where) { ...Common ... on Dog { barks } }
    me: human { name @include(if: $with) pets { id } }
  }
  fragment Common on Animal { id name owner { name } __typename })"),
              IsEmpty());
}

TEST(ValidationTest, SaysWhere) {
  auto document = Parse("{\n  dog { id }\n  dog { meows }\n}");
  const auto problems = Validate(testing::Animals(), *document, {});
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].message, "the type \"Dog\" has no field \"meows\"");
  EXPECT_THAT(problems[0].places, ElementsAre(Place{3, 9}));
  EXPECT_EQ(problems[0].code, "validation_failed");
}

TEST(ValidationTest, TellsBothSidesOfAConflict) {
  auto document = Parse("{ dog { x: id\n x: name } }");
  const auto problems = Validate(testing::Animals(), *document, {});
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_THAT(problems[0].places, ElementsAre(Place{1, 9}, Place{2, 2}));
}

TEST(ValidationTest, SaysThatTheSchemaHasNoSuchOperations) {
  auto schema = Schema::Build("type Query { a: Int }");
  auto document = Parse("mutation { a }");
  const auto problems = Validate(**schema, *document, {});
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].code, "unsupported");
}

TEST(ValidationTest, ListsOnlySoMany) {
  std::string text = "{";
  for (int i = 0; i < 1'000; ++i) text += " a" + std::to_string(i);
  auto document = Parse(text + "}");
  EXPECT_EQ(Validate(testing::Animals(), *document, {}).size(), kMaxProblems);
}

TEST(LimitsTest, CountsDepthThroughFragments) {
  Limits limits;
  limits.max_depth = 3;
  EXPECT_THAT(Broken("{ dog { friend { id } } }", limits), IsEmpty());
  EXPECT_THAT(Broken("{ dog { ... { ... on Dog { friend { id } } } } }", limits), IsEmpty());
  EXPECT_THAT(Broken("{ dog { friend { friend { id } } } }", limits),
              ElementsAre("query_too_deep"));
  EXPECT_THAT(Broken("{ dog { ...A } } fragment A on Dog { friend { ...B } } "
                     "fragment B on Dog { friend { id } }",
                     limits),
              ElementsAre("query_too_deep"));
}

TEST(LimitsTest, CountsAliasesAndRootFieldsThroughFragments) {
  Limits limits;
  limits.max_aliases = 4;
  EXPECT_THAT(Broken("{ dog { a: id b: id c: id d: id } }", limits), IsEmpty());
  EXPECT_THAT(Broken("{ dog { a: id b: id c: id d: id e: id } }", limits),
              ElementsAre("too_many_aliases"));
  EXPECT_THAT(Broken("{ x: dog { ...F } y: dog { ...F } } fragment F on Dog { a: id b: id }",
                     limits),
              ElementsAre("too_many_aliases"));
  limits = {};
  limits.max_root_fields = 2;
  EXPECT_THAT(Broken("{ a: __typename ...F } fragment F on Query { b: __typename }", limits),
              IsEmpty());
  EXPECT_THAT(Broken("{ a: __typename ...F } fragment F on Query { b: __typename c: __typename }",
                     limits),
              ElementsAre("too_many_root_fields"));
}

TEST(LimitsTest, GoesNoDeeperIntoTheSchemaThanToolsDo) {
  EXPECT_THAT(Broken("{ __schema { types { fields { type { fields { name } } } } } }"), IsEmpty());
  const std::string deep = "types { fields { type { fields { type { fields { name } } } } } }";
  EXPECT_THAT(Broken("{ __schema { " + deep + " } }"), ElementsAre("query_too_deep"));
  EXPECT_THAT(Broken("{ ...F } fragment F on Query { __schema { " + deep + " } }"),
              ElementsAre("query_too_deep"));
}

TEST(LimitsTest, HidesTheSchemaWhereThatIsWished) {
  Limits limits;
  limits.introspection = false;
  EXPECT_THAT(Broken("{ __schema { types { name } } }", limits), ElementsAre("introspection_off"));
  EXPECT_THAT(Broken("{ __type(name: \"Dog\") { name } }", limits),
              ElementsAre("introspection_off"));
  EXPECT_THAT(Broken("{ __typename dog { __typename } }", limits), IsEmpty());
}

TEST(LimitsTest, TakesOnlySoManyDefinitions) {
  std::string text;
  for (int i = 0; i < 251; ++i) text += "query A" + std::to_string(i) + " { dog { id } } ";
  EXPECT_THAT(Broken(text), ElementsAre("too_many_definitions"));
}

/// Fragments of which each spreads the next one twice, under different names.
std::string Doubling(int levels) {
  std::string text = "{ dog { ...F0 } }";
  for (int i = 0; i < levels; ++i) {
    const std::string next = "{ ...F" + std::to_string(i + 1) + " }";
    text += " fragment F" + std::to_string(i) + " on Dog { a: friend " + next + " b: friend " +
            next + " }";
  }
  return text + " fragment F" + std::to_string(levels) + " on Dog { id }";
}

TEST(LimitsTest, ComesToAnEndWhereFragmentsMultiply) {
  EXPECT_THAT(Broken(Doubling(200)), ::testing::Contains("query_too_deep"));
  Limits limits;
  limits.max_depth = 1'000;
  limits.max_aliases = uint64_t{1} << 50;
  EXPECT_THAT(Broken(Doubling(90), limits), IsEmpty());
}

TEST(LimitsTest, ComesToAnEndWhereFieldsRepeat) {
  std::string same = "{ dog {";
  for (int i = 0; i < 4'000; ++i) same += " id";
  EXPECT_THAT(Broken(same + "} }"), IsEmpty());
  // Each level has both branches: as many ways as there are subsets of levels.
  Limits limits;
  limits.max_aliases = 1'000'000;
  std::string text = "{ any { ...F0 } }";
  for (int i = 0; i < 18; ++i) {
    const std::string n = std::to_string(i + 1);
    text += " fragment F" + std::to_string(i) + " on CatOrDog { ... on Dog { x: friend { ...F" + n +
            " } y: friend { ...F" + n + " } } ... on Cat { x: friend { ...F" + n +
            " } } ... on Animal { z: name } }";
  }
  text += " fragment F18 on CatOrDog { __typename }";
  const auto broken = Broken(text, limits);
  EXPECT_LE(broken.size(), 1u);
}

}  // namespace
}  // namespace trackwire::graphql
