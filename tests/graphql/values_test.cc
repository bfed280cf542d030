#include "graphql/values.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/graphql/animals.h"

namespace trackwire::graphql {
namespace {

using ::testing::HasSubstr;

/// What becomes of a variable of a type that is given as JSON; or what is wrong with it.
std::string Given(const std::string& type, const std::string& given) {
  auto document = Parse("query ($x: " + type + ") { dog { id } }");
  json::object variables;
  if (!given.empty()) variables["x"] = json::parse(given);
  auto values = CoerceVariables(testing::Animals(), *document, document->operations[0], variables);
  if (!values) return values.error()[0].message;
  return json::serialize(*values);
}

TEST(VariablesTest, FitTheirTypes) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"Int", "", "{}"},
      {"Int", "null", R"({"x":null})"},
      {"Int = 5", "", R"({"x":5})"},
      {"Int = 5", "null", R"({"x":null})"},
      {"Int", "-2147483648", R"({"x":-2147483648})"},
      {"Int", "3.0", R"({"x":3})"},
      {"Float", "3", R"({"x":3E0})"},
      {"Float", "18446744073709551615", R"({"x":1.8446744073709552E19})"},
      {"String", R"("a")", R"({"x":"a"})"},
      {"Boolean!", "false", R"({"x":false})"},
      {"ID", "7", R"({"x":"7"})"},
      {"ID", "18446744073709551615", R"({"x":"18446744073709551615"})"},
      {"Kind", R"("DOG")", R"({"x":"DOG"})"},
      {"[Int]", "[1,null]", R"({"x":[1,null]})"},
      {"[Int]", "1", R"({"x":[1]})"},
      {"[[Int]]", "1", R"({"x":[[1]]})"},
      {"[[Int]]", "[1,[2]]", R"({"x":[[1],[2]]})"},
      {"Moment", R"({"any":[1]})", R"({"x":{"any":[1]}})"},
      {"Filter", R"({"must":true,"age":{"to":2}})",
       R"({"x":{"kind":"CAT","age":{"from":0,"to":2},"must":true}})"},
      {"Filter = {must: false}", "", R"({"x":{"kind":"CAT","must":false}})"},
  };
  for (const auto& [type, given, expected] : cases) {
    EXPECT_EQ(Given(type, given), expected) << type << " of " << given;
  }
}

TEST(VariablesTest, SayWhatDoesNotFit) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"Int!", "", "$x of type Int! is needed"},
      {"Int!", "null", "$x: null is no value of type Int!"},
      {"Int", "2147483648", "does not fit into 32 bits"},
      {"Int", "1.5", "is no whole number of 32 bits"},
      {"Int", "1e300", "is no whole number of 32 bits"},
      {"Int", R"("1")", "is no whole number of 32 bits"},
      {"Int", "true", "is no whole number of 32 bits"},
      {"Float", R"("1")", "is no number"},
      {"String", "1", "is no text"},
      {"Boolean", "1", "is neither true nor false"},
      {"ID", "1.5", "is neither a text nor a whole number"},
      {"Kind", R"("BIRD")", "$x: \"BIRD\" is no value of type Kind"},
      {"Kind", "1", "$x: 1 is no value of type Kind"},
      {"[Int!]", "[1,null]", "$x[1]: null is no value of type Int!"},
      {"[Int]", R"(["a"])", "$x[0]: \"a\" is no value of type Int"},
      {"Filter", "{}", "lacks the field \"must\""},
      {"Filter", "5", "is no object"},
      {"Filter", R"({"must":true,"x":1})", "has a field \"x\" that the type does not have"},
      {"Filter", R"({"must":true,"age":{"to":"a"}})", "$x.age.to: \"a\" is no value of type Int"},
  };
  for (const auto& [type, given, expected] : cases) {
    EXPECT_THAT(Given(type, given), HasSubstr(expected)) << type << " of " << given;
  }
}

TEST(VariablesTest, AreShownInPart) {
  EXPECT_LT(Given("Int", "\"" + std::string(10'000, 'x') + "\"").size(), 200u);
  std::string euros = "\"";
  for (int i = 0; i < 100; ++i) euros += "\u20ac";
  EXPECT_THAT(Given("Int", euros + "\""), HasSubstr("\u20ac..."));
}

/// The arguments of a field with the given text, under given variables.
std::string Arguments(const std::string& arguments, const std::string& variables = "{}") {
  auto document = Parse("{ echo(" + arguments + ") }");
  const Field* field = testing::Animals().Find("Query")->FindField("echo");
  auto values = CoerceArguments(field->arguments, document->operations[0].selections[0].arguments,
                                json::parse(variables).get_object());
  return values ? json::serialize(*values) : values.error();
}

TEST(ArgumentsTest, TakeLiteralsAndVariables) {
  EXPECT_EQ(Arguments("text: \"a\", number: 1, ratio: 2, id: 12345678901234567890123"),
            R"({"text":"a","number":1,"ratio":2E0,"id":"12345678901234567890123"})");
  EXPECT_EQ(Arguments("texts: [\"a\", $b, $c]", R"({"b":"b"})"), R"({"texts":["a","b",null]})");
  EXPECT_EQ(Arguments("filter: {must: $m, name: $n}", R"({"m":true})"),
            R"({"filter":{"kind":"CAT","must":true}})");
  EXPECT_EQ(Arguments("moment: {a: [1, 2.5, $v, CAT]}", R"({"v":{"x":1}})"),
            R"({"moment":{"a":[1,2.5E0,{"x":1},"CAT"]}})");
}

TEST(ArgumentsTest, SayWhatAVariableMakesWrong) {
  EXPECT_THAT(Arguments("needed: [$x]"), HasSubstr("\"needed\" is no value of type [String!]"));
  EXPECT_THAT(Arguments("filter: {must: $x}"), HasSubstr("\"filter\" is no value"));
  EXPECT_THAT(Arguments("needed: [$x]", R"({"x":null})"), HasSubstr("is no value"));
}

}  // namespace
}  // namespace trackwire::graphql
