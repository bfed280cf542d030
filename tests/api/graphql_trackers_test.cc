#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

#include "api/graphql_schema.h"
#include "tests/support/await.h"

namespace trackwire::api {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using test::Await;
using tracking::Id;

class NoSessions final : public notify::SessionAdmin {
 public:
  void List(std::string, size_t, std::function<void(Result<notify::SessionList>)> done) override {
    done(notify::SessionList());
  }
  void End(std::string, bool, auth::Actor, std::function<void(Result<void>)> done) override {
    done(Ok());
  }
};

/// Knows the trackers "a", "b", "7" (a text) and 8; answers on a thread of its own and writes down
/// what it was asked.
class FakeReader final : public TrackerReader {
 public:
  FakeReader() { loop_.Start(); }
  ~FakeReader() override { loop_.Stop(); }

  void List(const auth::Identity&, TrackerFilter filter, std::optional<Id> after, size_t limit,
            Done<TrackerPage> done) override {
    std::string line = "list " + std::to_string(limit);
    for (const Id& id : filter.client) line += " client " + id.ToJson();
    if (filter.connectivity) line += std::string(" ") + ToString(*filter.connectivity);
    if (filter.motion) line += std::string(" ") + ToString(*filter.motion);
    if (filter.box) line += " " + ToJson(*filter.box);
    if (after) line += " after " + after->ToJson();
    Note(line + (filter.search.empty() ? "" : " search " + filter.search));
    loop_.Post([this, done = std::move(done)] {
      TrackerPage page;
      page.trackers = {View(Id("a")), View(Id(8))};
      page.more = true;
      page.reached = Id(9);
      page.offset = "e.1-0";
      done(std::move(page));
    });
  }
  void Find(const auth::Identity&, std::vector<Id> ids,
            Done<std::vector<std::optional<TrackerView>>> done) override {
    std::string line = "find";
    for (const Id& id : ids) line += " " + id.ToJson();
    Note(line);
    loop_.Post([this, ids = std::move(ids), done = std::move(done)] {
      std::vector<std::optional<TrackerView>> found;
      for (const Id& id : ids) {
        found.emplace_back();
        if (id == Id("a") || id == Id("b") || id == Id("7") || id == Id(8)) found.back() = View(id);
      }
      done(std::move(found));
    });
  }
  void Clients(const auth::Identity&, Done<std::vector<tracking::Client>> done) override {
    loop_.Post([done = std::move(done)] {
      done(std::vector<tracking::Client>{{Id("acme"), "Acme"}, {Id(7), ""}});
    });
  }
  void History(const auth::Identity&, store::HistoryQuery query,
               Done<std::vector<PastPosition>> done) override {
    Note("history " + query.tracker.ToJson() + " " + std::to_string(query.limit));
    loop_.Post([this, query, done = std::move(done)] {
      most_under_way_ = std::max(most_under_way_, ++under_way_);
      // Goes on a turn later, when whoever else is asked for has come.
      loop_.Post([this, query, done] {
        --under_way_;
        if (query.tracker == Id("b")) return done(Err("unavailable", "the disk is full"));
        std::vector<PastPosition> past;
        for (int64_t i = 0; i < 3 && past.size() < query.limit; ++i) {
          past.push_back({WallTime(std::chrono::milliseconds(i)),
                          R"({"latitude":)" + std::to_string(i) + "}"});
        }
        done(std::move(past));
      });
    });
  }

  std::vector<std::string> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  int most_under_way() {
    loop_.Run([] {});
    return most_under_way_;
  }

 private:
  static TrackerView View(const Id& id) {
    TrackerView view;
    view.tracker.id = id;
    view.tracker.client_id = Id("acme");
    view.tracker.attributes_json = R"({"n":1e400,"deep":[{"x":"\u00e9"}],"n2":1.50})";
    view.position_json =
        R"({"latitude":48.8583701,"longitude":"east","speed":1e1,"course":1e999,)"
        R"("fix_time":"2026-11-23T06:41:34.250+01:00","received_at":7,"valid":1,)"
        R"("motion":"moving","source":"","attributes":[]})";
    return view;
  }
  void Note(std::string line) {
    const std::lock_guard lock(mutex_);
    asked_.push_back(std::move(line));
  }

  std::mutex mutex_;
  std::vector<std::string> asked_;
  int under_way_ = 0;       // the loop's
  int most_under_way_ = 0;  // the loop's
  net::Loop loop_{"reader"};
};

class GraphqlTrackersTest : public ::testing::Test {
 protected:
  GraphqlTrackersTest() { loop_.Start(); }
  ~GraphqlTrackersTest() override { loop_.Stop(); }

  std::string Ask(const GraphqlServices& services, const std::string& query,
                  const std::string& role = "admin") {
    graphql::Limits limits;
    auto engine = MakeGraphqlEngine(services, limits);
    EXPECT_TRUE(engine) << (engine ? "" : engine.error().detail);
    auth::Identity caller;
    caller.authenticated = true;
    caller.roles = {role};
    std::shared_ptr<graphql::Execution> execution;
    std::string body = Await<std::string>([&](std::function<void(std::string)> done) {
      loop_.Post([&, done] {
        auto context = std::make_shared<GraphqlContext>(caller, "192.0.2.1", loop_);
        graphql::Request request;
        request.query = query;
        execution = (*engine)->Prepare(
            std::move(request), std::move(context),
            [done](graphql::Response response) { done(std::move(response.body)); });
        execution->Run();
      });
    });
    loop_.Run([&] { execution.reset(); });
    return body;
  }
  std::string Ask(const std::string& query) { return Ask({sessions_, &reader_}, query); }

  NoSessions sessions_;
  FakeReader reader_;
  net::Loop loop_{"asker"};
};

TEST_F(GraphqlTrackersTest, AsksForAllTrackersOfALevelAtOnce) {
  EXPECT_EQ(Ask(R"({ a: tracker(id: "a") { id } again: tracker(id: "a") { id }
                     seven: tracker(id: 7) { id idIsInteger } eight: tracker(id: 8) { idIsInteger }
                     none: tracker(id: "nobody") { id } quoted: tracker(id: "\"8\"") { id } })"),
            R"({"data":{"a":{"id":"a"},"again":{"id":"a"},"seven":{"id":"7","idIsInteger":false},)"
            R"("eight":{"idIsInteger":true},"none":null,"quoted":null}})");
  EXPECT_THAT(reader_.asked(),
              ElementsAre(R"(find "a" 7 8 "nobody" "8")", R"(find "7")"));
}

TEST_F(GraphqlTrackersTest, PassesFiltersOn) {
  EXPECT_THAT(Ask(R"({ trackers(first: 2, filter: {client: "7", connectivity: OFFLINE, motion: STOPPED,
                       bbox: {west: 170, south: -10.5, east: -170, north: 10}, search: "Ü"}) {
                       offset edges { cursor } nodes { id client { id name } }
                       pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } })"),
              ::testing::StrEq(
                  R"({"data":{"trackers":{"offset":"e.1-0","edges":[{"cursor":"ImEi"},{"cursor":"OA"}],)"
                  R"("nodes":[{"id":"a","client":{"id":"acme","name":null}},)"
                  R"({"id":"8","client":{"id":"acme","name":null}}],)"
                  R"("pageInfo":{"hasNextPage":true,"hasPreviousPage":false,"startCursor":"ImEi",)"
                  R"("endCursor":"OQ"}}}})"));
  Ask(R"({ trackers(after: "ImEi") { offset } })");
  EXPECT_THAT(reader_.asked(),
              ElementsAre(R"(list 2 client 7 client "7" offline stopped [170,-10.5,-170,10] search Ü)",
                          R"(list 50 after "a")"));
}

TEST_F(GraphqlTrackersTest, ShowsOfAPositionWhatIsOfItsType) {
  EXPECT_EQ(Ask(R"({ tracker(id: "a") { attributes position { latitude longitude speed course fixTime
                     receivedAt valid motion source attributes heading } } })"),
            R"({"data":{"tracker":{"attributes":{"n":null,"deep":[{"x":"é"}],"n2":1.5},)"
            R"("position":{"latitude":48.8583701,"longitude":null,"speed":10,"course":null,)"
            R"("fixTime":"2026-11-23T05:41:34.250Z","receivedAt":null,"valid":null,)"
            R"("motion":"MOVING","source":null,"attributes":null,"heading":null}}}})");
}

TEST_F(GraphqlTrackersTest, ReadsAHistoryOnceAndFewAtATime) {
  const std::string body = Ask(
      R"({ trackers { nodes { positions(first: 2) { nodes { latitude } pageInfo { hasNextPage endCursor } } } }
           a: tracker(id: "a") { positions(first: 2) { edges { cursor } } }
           b: tracker(id: "b") { positions { nodes { latitude } } }
           c: positions(trackerId: 7, first: 5, after: "MQ") { nodes { latitude } pageInfo { hasPreviousPage } }
           d: positions(trackerId: "nobody") { nodes { latitude } } })");
  EXPECT_THAT(body, HasSubstr(R"("a":{"positions":{"edges":[{"cursor":"MA"},{"cursor":"MQ"}]}})"));
  EXPECT_THAT(body, HasSubstr(R"({"hasNextPage":true,"endCursor":"MQ"})"));
  EXPECT_THAT(body, HasSubstr(R"("b":{"positions":null})"));
  EXPECT_THAT(body, HasSubstr(R"("pageInfo":{"hasPreviousPage":true})"));
  EXPECT_THAT(body, HasSubstr(R"("path":["d"],"extensions":{"code":"unknown_tracker"})"));
  EXPECT_THAT(body, HasSubstr(R"("path":["b","positions"],"extensions":{"code":"unavailable"})"));
  const auto asked = reader_.asked();
  EXPECT_EQ(std::count(asked.begin(), asked.end(), R"(history "a" 3)"), 1);
  // Two batches may overlap; each has two under way at most.
  EXPECT_LE(reader_.most_under_way(), 4);
}

TEST_F(GraphqlTrackersTest, SaysWhatThisServerDoesNotOffer) {
  const GraphqlServices nothing{sessions_};
  for (const char* query :
       {"{ trackers { offset } }", "{ tracker(id: 1) { id } }", "{ clients { nodes { id } } }",
        "{ positions(trackerId: 1) { nodes { speed } } }", "{ client(id: 1) { id } }",
        "{ users { nodes { name } } }", "{ updateRequest(id: 1) { status } }",
        "mutation { updateTrackerLocation(trackerId: 1) { status } }",
        "mutation { createTracker(input: {id: 1}) { id } }",
        "mutation { updateTracker(id: 1, input: {name: \"x\"}) { id } }",
        "mutation { deleteTracker(id: 1) { id } }",
        "mutation { createClient(input: {id: 1, name: \"x\"}) { id } }",
        "mutation { updateClient(id: 1, input: {name: \"x\"}) { id } }",
        "mutation { deleteClient(id: 1) { id } }",
        "mutation { createUser(input: {name: \"x\", password: \"y\"}) { name } }",
        "mutation { updateUser(name: \"x\", input: {roles: []}) { name } }",
        "mutation { deleteUser(name: \"x\") { id } }",
        "mutation { issueIngestToken(trackerId: 1) { token } }",
        "mutation { revokeIngestTokens(trackerId: 1) { count } }"}) {
    EXPECT_THAT(Ask(nothing, query), HasSubstr(R"("extensions":{"code":"unavailable"})")) << query;
    EXPECT_THAT(Ask(nothing, query, "user"), HasSubstr(R"("code":")")) << query;
  }
}

TEST_F(GraphqlTrackersTest, GivesClientsInPages) {
  EXPECT_EQ(Ask(R"({ clients(first: 1) { nodes { id name idIsInteger } pageInfo { hasNextPage endCursor } }
                     client(id: 7) { id idIsInteger name } none: client(id: "x") { id } })"),
            R"({"data":{"clients":{"nodes":[{"id":"acme","name":"Acme","idIsInteger":false}],)"
            R"("pageInfo":{"hasNextPage":true,"endCursor":"ImFjbWUi"}},)"
            R"("client":{"id":"7","idIsInteger":true,"name":null},"none":null}})");
  EXPECT_EQ(Ask(R"({ clients(after: "ImFjbWUi") { nodes { id } pageInfo { hasNextPage } } })"),
            R"({"data":{"clients":{"nodes":[{"id":"7"}],"pageInfo":{"hasNextPage":false}}}})");
}

}  // namespace
}  // namespace trackwire::api
