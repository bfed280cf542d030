#include "graphql/schema.h"

#include <gtest/gtest.h>

#include "tests/graphql/animals.h"

namespace trackwire::graphql {
namespace {

TEST(SchemaTest, KnowsItsTypes) {
  const Schema& schema = testing::Animals();
  EXPECT_EQ(schema.Root(OperationKind::kMutation)->name, "Change");
  const NamedType& dog = *schema.Find("Dog");
  const NamedType& animal = *schema.Find("Animal");
  EXPECT_TRUE(animal.MayBe(dog));
  EXPECT_FALSE(dog.MayBe(animal));
  EXPECT_TRUE(schema.Find("CatOrDog")->MayBe(dog));
  EXPECT_FALSE(schema.Find("DogOrHuman")->MayBe(*schema.Find("Cat")));
  EXPECT_TRUE(Overlap(animal, *schema.Find("DogOrHuman")));
  EXPECT_FALSE(Overlap(*schema.Find("Cat"), *schema.Find("DogOrHuman")));
  EXPECT_EQ(schema.Find("Moment")->specified_by, "https://example.org/moment");
  EXPECT_EQ(schema.Find("Kind")->FindValue("DOG")->deprecation, "No longer supported");
  const Field& animals = *schema.FindField(*schema.Find("Query"), "animals");
  EXPECT_EQ(animals.type.ToString(), "[Animal!]!");
  EXPECT_EQ(animals.items, 5u);
  EXPECT_EQ(animals.items_from, "first");
}

TEST(SchemaTest, HasFieldsOfIntrospectionWhereTheyBelong) {
  const Schema& schema = testing::Animals();
  const NamedType& query = *schema.Find("Query");
  EXPECT_NE(schema.FindField(query, "__schema"), nullptr);
  EXPECT_EQ(schema.FindField(*schema.Find("Dog"), "__schema"), nullptr);
  EXPECT_NE(schema.FindField(*schema.Find("Dog"), "__typename"), nullptr);
  EXPECT_NE(schema.FindField(*schema.Find("CatOrDog"), "__typename"), nullptr);
  EXPECT_EQ(schema.Find("__Meta"), nullptr);
  EXPECT_NE(schema.Find("__Type"), nullptr);
}

TEST(SchemaTest, JoinsExtensions) {
  auto schema = Schema::Build(R"(
    type Query { a: Int } extend type Query implements I { b: Int } interface I { b: Int }
    enum E { X } extend enum E { Y } union U = Query  type T { e: E } extend union U = T
    input N { a: Int } extend input N { b: Int } extend interface I { a: Int }
    extend schema { mutation: T })");
  ASSERT_TRUE(schema) << schema.error()[0].message;
  EXPECT_EQ((*schema)->Find("Query")->fields.size(), 2u);
  EXPECT_EQ((*schema)->Find("U")->possible.size(), 2u);
  EXPECT_EQ((*schema)->Find("E")->values.size(), 2u);
  EXPECT_EQ((*schema)->Find("N")->input_fields.size(), 2u);
  EXPECT_EQ((*schema)->Root(OperationKind::kMutation)->name, "T");
}

/// The first problem of a schema that has `Query` beside what is given.
std::string Wrong(const std::string& text) {
  auto schema = Schema::Build("type Query { a: Int }\n" + text);
  return schema ? "fine" : schema.error().front().message;
}

TEST(SchemaTest, RefusesWhatBreaksARule) {
  const std::pair<const char*, const char*> cases[] = {
      {"type T {", "unexpected: the end, expected: a name"},
      {"{a}", "an operation cannot stand in a schema"},
      {"fragment F on Query {a}", "a fragment cannot stand in a schema"},
      {"type Query { b: Int }", "the type \"Query\" is defined twice"},
      {"scalar Int", "the type \"Int\" is defined twice"},
      {"type __T { a: Int }", "the name \"__T\" begins with two underscores, as only those of the "
                              "language do"},
      {"type T { __a: Int }", "the name \"__a\" begins with two underscores, as only those of the "
                              "language do"},
      {"extend type T { a: Int }", "there is no such type to extend: \"T\""},
      {"extend input Query { a: Int }", "there is no such type to extend: \"Query\""},
      {"type T { a: Missing }", "there is no type \"Missing\""},
      {"type T { a: N } input N { a: Int }", "the type \"N\" cannot go out"},
      {"type T { a(n: Query): Int }", "the type \"Query\" cannot come in"},
      {"input N { a: Query }", "the type \"Query\" cannot come in"},
      {"type T { a: Int a: Int }", "the field \"a\" is defined twice"},
      {"type T { a(b: Int, b: Int): Int }", "T.a has \"b\" twice"},
      {"enum E { A A }", "the value \"A\" is defined twice"},
      {"scalar S", "nothing says how the scalar \"S\" is read"},
      {"type T", "the type \"T\" has nothing in it"},
      {"union U", "the type \"U\" has nothing in it"},
      {"enum E", "the type \"E\" has nothing in it"},
      {"input N", "the type \"N\" has nothing in it"},
      {"union U = Int", "\"Int\" is no object type"},
      {"union U = Query | Query", "\"Query\" stands twice"},
      {"type T implements Query { a: Int }", "\"Query\" is no interface"},
      {"interface I { a: Int } type T implements I & I { a: Int }", "\"I\" stands twice"},
      {"interface I { a: Int } type T implements I { b: Int }",
       "\"T\" lacks the field \"a\" of \"I\""},
      {"interface I { a: Int! } type T implements I { a: Int }",
       "T.a is of type Int, which is no Int! as in I.a"},
      {"interface I { a: [Int] } type T implements I { a: Int }",
       "T.a is of type Int, which is no [Int] as in I.a"},
      {"interface I { a(b: Int): Int } type T implements I { a: Int }",
       "T.a needs the argument \"b\" of type Int as in I.a"},
      {"interface I { a: Int } type T implements I { a(b: Int!): Int }",
       "T.a cannot need the argument \"b\", which I.a does not have"},
      {"interface I { a: Int } interface J implements I { a: Int } type T implements J { a: Int }",
       "\"T\" must implement \"I\" too, as \"J\" does"},
      {"interface I implements I { a: Int }", "the interface \"I\" implements itself"},
      {"input N { a: M! } input M { a: N! }", "the input type \"N\" needs itself"},
      {"type T { a(b: Int = \"x\"): Int }",
       "the default of \"b\" of T.a: \"x\" is no value of type Int: it is of another kind"},
      {"type T { a: Int @missing }", "there is no directive \"missing\""},
      {"type T { a: Int @skip(if: true) }",
       "the directive \"skip\" cannot stand at FIELD_DEFINITION"},
      {"type T { a: Int @deprecated @deprecated }", "the directive \"deprecated\" stands twice"},
      {"type T { a: Int @deprecated(why: 1) }",
       "the directive \"deprecated\" has no argument \"why\""},
      {"type T { a: Int @deprecated(reason: 1) }",
       "1 is no value of type String: it is of another kind"},
      {"enum E { A @specifiedBy(url: \"x\") }",
       "the directive \"specifiedBy\" cannot stand at ENUM_VALUE"},
      {"type T { a(b: Int! @deprecated): Int }", "what is needed cannot be deprecated"},
      {"type T { a: Int @cost(weight: 0) }", "the cost is no number between 1 and 1000000"},
      {"type T { a: Int @cost(itemsFrom: \"b\") }",
       "\"b\" is no argument of type Int of the field"},
      {"directive @d on NOWHERE", "\"NOWHERE\" is no place for a directive"},
      {"directive @d on FIELD directive @d on FIELD", "the directive \"d\" is defined twice"},
      {"directive @d(a: Int @d) on ARGUMENT_DEFINITION", "the directive \"d\" is used in itself"},
      {"directive @skip on FIELD", "the directive \"skip\" is defined twice"},
      {"schema { query: Query } schema { query: Query }", "the schema is defined twice"},
      {"schema { query: Int }", "\"Int\" is no object type"},
      {"schema { query: Query mutation: Query }",
       "\"Query\" is the root of two kinds of operations"},
      {"schema { query: Query query: Query }", "two types for one kind of operation"},
      {"schema { mutation: Query }", "there is no type for queries"},
      {"directive @n(a: Int!) on OBJECT type T @n { a: Int }",
       "the directive \"n\" needs the argument \"a\""},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(Wrong(text), expected) << text;
}

TEST(SchemaTest, TakesWhatOnlyLooksWrong) {
  for (const char* text : {
           "input N { a: N } input M { a: [M!]! b: N! }",
           "interface I { a: I } type T implements I { a: T! }",
           "interface I { a: [I] } type T implements I { a(b: Int! = 1): [T!]! }",
           "interface I { a: Int } interface J implements I { a: Int } "
           "type T implements J & I { a: Int }",
           "type T { a(b: [Int] = 1, c: Int = null): Int }",
           "directive @d repeatable on OBJECT type T @d @d { a: Int }",
       }) {
    EXPECT_EQ(Wrong(text), "fine") << text;
  }
}

}  // namespace
}  // namespace trackwire::graphql
