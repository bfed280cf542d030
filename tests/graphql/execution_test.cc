#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graphql/loader.h"
#include "tests/graphql/mock.h"

namespace trackwire::graphql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kSchema[] = R"graphql(
directive @secret on FIELD_DEFINITION
type Query {
  node(id: Int!): Node
  nodes(ids: [Int!]!): [Node]!
  strict(ids: [Int!]!): [Node!]!
  nothing: Int
  never: Int!
  fails: Int
  hidden: Int @secret
  wrong: Int
  text(a: String = "d", b: String): String
  shape(round: Boolean!): Shape
  kind(as: String): Kind
  ratio: Float
  late: Int
  must: Int!
}
type Mutation { first: Node second: Node boom: Int! }
type Node { id: Int! parent: Node name: String broken: Int! late: Int next: Node! }
interface Shape { area: Float }
type Circle implements Shape { area: Float radius: Float }
type Square implements Shape { area: Float side: Int }
enum Kind { A B }
)graphql";

struct Node {
  int64_t id = 0;
};

/// What the resolvers of one request share, and the record of what they did.
class TestContext final : public Context {
 public:
  Loader<int64_t, std::string> names{
      *this, [this](std::vector<int64_t> keys, auto done) {
        batches.push_back(keys);
        answers.push_back([keys, done = std::move(done)] {
          std::vector<std::optional<std::string>> values;
          for (const int64_t key : keys) {
            values.push_back(key == 0 ? std::nullopt
                                      : std::optional("n" + std::to_string(key)));
          }
          done(std::move(values));
        });
      }};
  std::vector<std::vector<int64_t>> batches;
  std::vector<UniqueFunction<void()>> answers;  ///< of batches, to be given by the test
  std::vector<Reply> replies;                   ///< of late fields
  std::vector<std::string> log;
};

Bindings MakeBindings() {
  Bindings bindings;
  const auto ids = [](const Call& call) {
    Resolved::List list;
    for (const auto& id : call.Find("ids")->get_array()) {
      list.push_back(id.get_int64() < 0 ? Resolved() : Resolved::Of(Node{id.get_int64()}));
    }
    return list;
  };
  const auto late = [](const Call& call, Reply reply) {
    call.context<TestContext>().replies.push_back(std::move(reply));
  };
  bindings
      .Field("Query", "node", [](const Call& c) { return Resolved::Of(Node{*c.Integer("id")}); })
      .Field("Query", "nodes", ids)
      .Field("Query", "strict", ids)
      .Field("Query", "nothing", [](const Call&) { return Resolved(); })
      .Field("Query", "never", [](const Call&) { return Resolved(); })
      .Field("Query", "fails",
             [](const Call&) {
               return Failure{"no_luck", "it failed"};
             })
      .Field("Query", "hidden", [](const Call&) { return 1; })
      .Field("Query", "wrong", [](const Call&) { return "text"; })
      .Field("Query", "text",
             [](const Call& call) {
               return call.Text("a").value_or("-") +
                      call.Text("b").value_or(call.arguments().contains("b") ? "null" : "-");
             })
      .Field("Query", "shape",
             [](const Call& call) {
               return Resolved::Of(Node{3}, call.Flag("round") ? "Circle" : "Square");
             })
      .Field("Query", "kind", [](const Call& call) { return Resolved(call.Text("as")); })
      .Field("Query", "ratio", [](const Call&) { return 0.25; })
      .AsyncField("Query", "late", late)
      .AsyncField("Query", "must", late)
      .Member<Node>("Circle", "area", [](const Node&) { return 3.5; })
      .Member<Node>("Circle", "radius", [](const Node&) { return 1; })
      .Member<Node>("Square", "area", [](const Node&) { return 4; })
      .Member<Node>("Square", "side", [](const Node& node) { return node.id; })
      .Member<Node>("Node", "id", [](const Node& node) { return node.id; })
      .Member<Node>("Node", "parent",
                    [](const Node& node) { return Resolved::Of(Node{node.id + 1}); })
      .Member<Node>("Node", "next",
                    [](const Node& node) { return Resolved::Of(Node{node.id + 1}); })
      .Member<Node>("Node", "broken",
                    [](const Node&) {
                      return Failure{"broken", "it broke"};
                    })
      .AsyncField("Node", "late", late)
      .AsyncField("Node", "name", [](const Call& call, Reply reply) {
        call.context<TestContext>().names.Load(
            call.parent<Node>().id, [reply = std::move(reply)](const auto& name) {
              if (!name) return reply(Failure{name.error().code, name.error().detail});
              reply(*name);
            });
      });
  const auto step = [](const char* name) {
    return [name](const Call& call, Reply reply) {
      call.context<TestContext>().log.push_back(name);
      call.context<TestContext>().replies.push_back(std::move(reply));
    };
  };
  bindings.AsyncField("Mutation", "first", step("first"))
      .AsyncField("Mutation", "second", step("second"))
      .Field("Mutation", "boom", [](const Call& call) {
        call.context<TestContext>().log.push_back("boom");
        return Failure{"boom", "boom"};
      });
  return bindings;
}

class ExecutionTest : public ::testing::Test {
 protected:
  ExecutionTest() {
    EngineOptions options;
    options.limits.max_result_values = 1'000;
    options.authorise = [](const Field& field, Context&) -> std::optional<Failure> {
      if (ast::Find(*field.directives, "secret") == nullptr) return std::nullopt;
      return Failure{"forbidden", "not for you"};
    };
    auto made = Engine::Make(kSchema, MakeBindings(), options);
    EXPECT_TRUE(made) << (made ? "" : made.error()[0].message);
    engine_ = std::move(*made);
  }

  void Start(const std::string& query, const std::string& variables = "{}",
             const std::string& operation = "") {
    Request request;
    request.query = query;
    request.operation = operation;
    request.variables = json::parse(variables).get_object();
    response_.reset();
    context_ = std::make_shared<TestContext>();
    execution_ = engine_->Prepare(std::move(request), context_, [this](Response response) {
      response_ = std::move(response);
      execution_ = nullptr;
    });
    const auto running = execution_;
    running->Run();
  }
  std::string Do(const std::string& query, const std::string& variables = "{}",
                 const std::string& operation = "") {
    Start(query, variables, operation);
    return response_ ? response_->body : "waits";
  }

  std::unique_ptr<Engine> engine_;
  std::shared_ptr<TestContext> context_;
  std::shared_ptr<Execution> execution_;
  std::optional<Response> response_;
};

TEST_F(ExecutionTest, AnswersInTheOrderOfTheDocument) {
  EXPECT_EQ(Do("{ b: node(id: 2) { parent { id } id } a: node(id: 1) { x: id __typename id } "
               "ratio __typename }"),
            R"({"data":{"b":{"parent":{"id":3},"id":2},"a":{"x":1,"__typename":"Node","id":1},)"
            R"("ratio":0.25,"__typename":"Query"}})");
}

TEST_F(ExecutionTest, MergesFieldsAndFragments) {
  EXPECT_EQ(Do("query ($yes: Boolean = true) { node(id: 1) { id ...F } "
               "... @include(if: $yes) { node(id: 1) { parent { parent { id } } } } "
               "nothing @skip(if: $yes) fails @include(if: false) } "
               "fragment F on Node { parent { id } ...G } fragment G on Node { id }"),
            R"({"data":{"node":{"id":1,"parent":{"id":2,"parent":{"id":3}}}}})");
  EXPECT_EQ(Do("{ round: shape(round: true) { __typename area ...R ... on Square { side } } "
               "shape(round: false) { area ...R ... on Square { side } } } "
               "fragment R on Circle { radius }"),
            R"({"data":{"round":{"__typename":"Circle","area":3.5,"radius":1},)"
            R"("shape":{"area":4,"side":3}}})");
}

TEST_F(ExecutionTest, TellsAbsentFromNull) {
  const std::string text = "query ($x: String) { text(b: $x) }";
  EXPECT_EQ(Do(text), R"({"data":{"text":"d-"}})");
  EXPECT_EQ(Do(text, R"({"x": null})"), R"({"data":{"text":"dnull"}})");
  EXPECT_EQ(Do(text, R"({"x": "y"})"), R"({"data":{"text":"dy"}})");
  EXPECT_EQ(Do("query ($x: String) { text(a: $x) }"), R"({"data":{"text":"d-"}})");
  EXPECT_EQ(Do("{ text(a: null) }"), R"({"data":{"text":"--"}})");
  EXPECT_EQ(Do("query ($x: String = \"v\") { text(a: $x) }"), R"({"data":{"text":"v-"}})");
}

TEST_F(ExecutionTest, SaysWhereAndWhyAFieldFailed) {
  EXPECT_EQ(Do("{ ratio\n fails }"),
            R"({"errors":[{"message":"it failed","locations":[{"line":2,"column":2}],)"
            R"("path":["fails"],"extensions":{"code":"no_luck"}}],)"
            R"("data":{"ratio":0.25,"fails":null}})");
}

TEST_F(ExecutionTest, NamesOnlyAFewOfManyPlaces) {
  std::string many = "{ node(id: 1) {";
  for (int i = 0; i < 1'000; ++i) many += " broken";
  EXPECT_THAT(Do(many + " } }"), HasSubstr(R"({"line":1,"column":38}],"path")"));
}

TEST_F(ExecutionTest, LetsNullRiseToWhereItMayBe) {
  EXPECT_EQ(Do("{ nodes(ids: [1, -1, 2]) { id } }"),
            R"({"data":{"nodes":[{"id":1},null,{"id":2}]}})");
  const std::string broken = Do("{ nodes(ids: [1, 2]) { id x: next { broken } } ratio }");
  EXPECT_THAT(broken, HasSubstr(R"("path":["nodes",0,"x","broken"])"));
  EXPECT_THAT(broken, HasSubstr(R"("path":["nodes",1,"x","broken"])"));
  EXPECT_THAT(broken, HasSubstr(R"("data":{"nodes":[null,null],"ratio":0.25}})"));
  const std::string strict = Do("{ strict(ids: [1, -1]) { id } }");
  EXPECT_THAT(strict, HasSubstr(R"("path":["strict",1])"));
  EXPECT_THAT(strict, HasSubstr(R"("code":"internal")"));
  EXPECT_THAT(strict, HasSubstr(R"("data":null})"));
  EXPECT_THAT(Do("{ ratio never }"), HasSubstr(R"("data":null})"));
}

TEST_F(ExecutionTest, ReportsANullOnlyOnce) {
  const std::string text = Do("{ nodes(ids: [1]) { broken also: broken } }");
  EXPECT_THAT(text, HasSubstr(R"("data":{"nodes":[null]}})"));
  EXPECT_EQ(text.find("it broke"), text.rfind("it broke"));
}

TEST_F(ExecutionTest, ChecksWhatResolversGive) {
  EXPECT_THAT(Do("{ wrong }"), HasSubstr("Query.wrong gave a value that is no whole number"));
  EXPECT_EQ(Do("{ kind(as: \"B\") }"), R"({"data":{"kind":"B"}})");
  EXPECT_THAT(Do("{ kind(as: \"C\") }"), HasSubstr("gave no value of the enum"));
  EXPECT_THAT(Do("{ text(a: \"\xC3\xA9\") }"), HasSubstr("\xC3\xA9"));
}

TEST_F(ExecutionTest, KeepsFieldsFromThoseWhoMayNotHaveThem) {
  EXPECT_EQ(Do("{ hidden }"),
            R"({"errors":[{"message":"not for you","locations":[{"line":1,"column":3}],)"
            R"("path":["hidden"],"extensions":{"code":"forbidden"}}],"data":{"hidden":null}})");
}

TEST_F(ExecutionTest, WaitsForLateFields) {
  Start("{ late ratio node(id: 1) { late } }");
  ASSERT_EQ(context_->replies.size(), 2u);
  context_->replies[1](2);
  EXPECT_FALSE(response_);
  context_->replies[0](Failure{"x", "late failure"});
  ASSERT_TRUE(response_);
  EXPECT_THAT(response_->body, HasSubstr(R"("data":{"late":null,"ratio":0.25,"node":{"late":2}}})"));
}

TEST_F(ExecutionTest, ForgetsWhatComesAfterTheEnd) {
  Start("{ late must ratio }");
  context_->replies[1](Failure{"x", "gone"});
  // The whole is null, but the field that waits is waited for: it may do something.
  EXPECT_FALSE(response_);
  context_->replies[0](1);
  ASSERT_TRUE(response_);
  EXPECT_THAT(response_->body, HasSubstr(R"("data":null})"));
  context_->replies[0](2);
}

TEST_F(ExecutionTest, EndsAtItsDeadline) {
  Start("{ late ratio node(id: 1) { late id } }");
  context_->replies[0](1);
  const auto running = execution_;
  running->Expire();
  ASSERT_TRUE(response_);
  EXPECT_EQ(response_->body,
            R"({"errors":[{"message":"there was not enough time for this field",)"
            R"("locations":[{"line":1,"column":28}],"path":["node","late"],)"
            R"("extensions":{"code":"deadline_exceeded"}}],)"
            R"("data":{"late":1,"ratio":0.25,"node":{"late":null,"id":1}}})");
  const std::string before = response_->body;
  context_->replies[1](7);
  running->Expire();
  EXPECT_EQ(response_->body, before);
}

TEST_F(ExecutionTest, IsForgottenWhenItsMakerDropsIt) {
  Start("{ late }");
  auto replies = std::move(context_->replies);
  execution_ = nullptr;
  context_ = nullptr;
  replies[0](1);
  EXPECT_FALSE(response_);
}

TEST_F(ExecutionTest, RunsMutationsOneAfterAnother) {
  Start("mutation { a: first { id late } b: second { id } }");
  EXPECT_THAT(context_->log, ElementsAre("first"));
  context_->replies[0](Resolved::Of(Node{1}));
  // All of the first field comes before the second begins.
  EXPECT_THAT(context_->log, ElementsAre("first"));
  context_->replies[1](5);
  EXPECT_THAT(context_->log, ElementsAre("first", "second"));
  context_->replies[2](Resolved::Of(Node{2}));
  ASSERT_TRUE(response_);
  EXPECT_EQ(response_->body, R"({"data":{"a":{"id":1,"late":5},"b":{"id":2}}})");
}

TEST_F(ExecutionTest, EndsAMutationWhoseFieldMustNotBeNull) {
  EXPECT_THAT(Do("mutation { boom second { id } }"), HasSubstr(R"("data":null})"));
  EXPECT_THAT(context_->log, ElementsAre("boom"));
}

TEST_F(ExecutionTest, SaysAtTheDeadlineWhatOfAMutationNeverBegan) {
  Start("mutation { a: first { id } b: second { id } }");
  const auto running = execution_;
  running->Expire();
  EXPECT_THAT(response_->body, HasSubstr(R"("path":["a"])"));
  EXPECT_THAT(response_->body, HasSubstr(R"("path":["b"])"));
  EXPECT_THAT(context_->log, ElementsAre("first"));
}

TEST_F(ExecutionTest, AsksOnceForAllKeysOfALevel) {
  Start("{ nodes(ids: [1, 2, 1, 0]) { name parent { name } } }");
  EXPECT_THAT(context_->batches, ElementsAre(ElementsAre(1, 2, 3, 0)));
  EXPECT_FALSE(response_);
  context_->answers[0]();
  ASSERT_TRUE(response_);
  EXPECT_EQ(response_->body,
            R"({"data":{"nodes":[{"name":"n1","parent":{"name":"n2"}},)"
            R"({"name":"n2","parent":{"name":"n3"}},{"name":"n1","parent":{"name":"n2"}},)"
            R"({"name":null,"parent":{"name":"n1"}}]}})");
}

TEST_F(ExecutionTest, ForgetsWhatWasLoadedBeforeTheNextMutation) {
  Start("mutation { first { name } second { name } }");
  context_->replies[0](Resolved::Of(Node{1}));
  context_->answers[0]();
  context_->replies[1](Resolved::Of(Node{1}));
  EXPECT_THAT(context_->batches, ElementsAre(ElementsAre(1), ElementsAre(1)));
  context_->answers[1]();
  EXPECT_TRUE(response_);
}

TEST_F(ExecutionTest, StopsBeforeTheResponseIsTooLarge) {
  std::string ids;
  for (int i = 0; i < 600; ++i) ids += std::to_string(i) + " ";
  EXPECT_THAT(Do("{ nodes(ids: [" + ids + "]) { __typename } }"),
              HasSubstr(R"("code":"result_too_large")"));
  EXPECT_EQ(response_->kind, Response::Kind::kExecuted);
  EXPECT_THAT(response_->body, HasSubstr(R"("data":null})"));
}

TEST_F(ExecutionTest, RefusesBeforeItBegins) {
  const std::pair<const char*, const char*> cases[] = {
      {"{", "parse_failed"},
      {"{ x }", "validation_failed"},
      {"query A { ratio } query B { ratio }", "bad_operation"},
      {"fragment F on Query { ratio }", "validation_failed"},
      {"subscription { x }", "unsupported"},
      {"query ($x: Int!) { node(id: $x) { id } }", "bad_variables"},
  };
  for (const auto& [text, code] : cases) {
    EXPECT_THAT(Do(text), HasSubstr("\"code\":\"" + std::string(code) + '"')) << text;
    EXPECT_EQ(response_->kind, Response::Kind::kRefused) << text;
    EXPECT_EQ(response_->body.find("\"data\""), std::string::npos) << text;
  }
  EXPECT_THAT(Do("query A { ratio }", "{}", "B"), HasSubstr("bad_operation"));
  EXPECT_EQ(Do("query A { nothing } query B { ratio }", "{}", "B"), R"({"data":{"ratio":0.25}})");
}

TEST_F(ExecutionTest, RefusesMutationsInReadOnlyRequests) {
  Request request;
  request.query = "mutation { boom }";
  request.read_only = true;
  const Response response = testing::Answer(*engine_, std::move(request));
  EXPECT_EQ(response.kind, Response::Kind::kNotAllowed);
}

TEST(CostTest, MultipliesByWhatIsAskedFor) {
  EngineOptions options;
  options.limits.max_cost = 41;
  const auto engine =
      testing::MockEngine(testing::ServedAnimals(), {{"Moment", testing::Anything()}}, options);
  EXPECT_THAT(testing::Answer(*engine, "{ animals(first: 20) { id name } }"),
              HasSubstr("\"data\""));
  EXPECT_THAT(testing::Answer(*engine, "{ animals(first: 21) { id name } }"),
              HasSubstr("the operation costs 43, the limit is 41"));
  EXPECT_THAT(testing::Answer(*engine, "{ animals { ...F } } fragment F on Animal { a: id b: id "
                                       "c: id d: id e: id }"),
              HasSubstr("costs 51"));
  Request request;
  request.query = "query ($n: Int) { animals(first: $n) { id name } }";
  request.variables["n"] = 2'000'000'000;
  EXPECT_THAT(testing::Answer(*engine, std::move(request)).body,
              HasSubstr("query_too_costly"));
}

TEST(EngineTest, WantsAResolverForEachFieldAndAFieldForEachResolver) {
  const auto get = [](const Call&) { return Resolved(1); };
  Bindings bindings;
  bindings.Field("Query", "a", get).Field("Query", "z", get).Scalar("Odd", testing::Anything());
  auto engine = Engine::Make("type Query { a: Int b: Int } interface I { c: Int }", bindings);
  ASSERT_FALSE(engine);
  std::vector<std::string> messages;
  for (const Problem& problem : engine.error()) messages.push_back(problem.message);
  EXPECT_THAT(messages, ElementsAre("the field Query.b has no resolver",
                                    "there is no field Query.z to resolve",
                                    "there is no scalar Odd"));
}

TEST(EngineTest, RefusesASchemaWithSubscriptions) {
  const auto get = [](const Call&) { return Resolved(1); };
  Bindings bindings;
  bindings.Field("Query", "a", get).Field("Subscription", "a", get);
  auto engine = Engine::Make("type Query { a: Int } type Subscription { a: Int }", bindings);
  ASSERT_FALSE(engine);
  EXPECT_THAT(engine.error()[0].message, HasSubstr("subscriptions are not served"));
}

}  // namespace
}  // namespace trackwire::graphql
