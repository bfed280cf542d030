#include "api/board_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <random>

#include "base/json_scanner.h"
#include "base/text.h"
#include "notify/audience.h"
#include "tests/support/await.h"

namespace trackwire::api {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Await;
using tracking::Id;

const WallTime kNow{milliseconds(1'700'000'000'000)};

/// A log that stands at one place.
class StillLog final : public broker::NotificationLog {
 public:
  void Append(std::vector<broker::AppendRequest>, AppendDone) override {}
  void Tail(TailFn) override {}
  void Read(const broker::LogOffset&, const broker::LogOffset&, size_t, size_t,
            ReadDone) override {}
  broker::LogOffset tail_offset() const override { return {"e", 5, 7}; }
  void OnBreak(std::function<void()>) override {}
};

/// Gives a position a second after `from`, and waits before it does while it is held.
class FakeHistory final : public store::HistoryReader {
 public:
  explicit FakeHistory(std::shared_future<void> go) : go_(std::move(go)) {}
  Result<std::vector<tracking::Position>> Read(const store::HistoryQuery& query) override {
    go_.wait();
    if (query.limit == 13) return Err("unavailable", "the disk is full");
    tracking::Position position;
    position.tracker_id = query.tracker;
    position.fix.place = {1.5, 2.5};
    position.fix.fix_time = query.from + seconds(1);
    position.fix.source = "push";
    position.received_at = query.from + seconds(2);
    return std::vector<tracking::Position>{position};
  }

 private:
  const std::shared_future<void> go_;
};

auth::Identity Member(std::vector<std::string> clients) {
  auth::Identity out;
  out.authenticated = true;
  out.user = "bob";
  out.clients = std::move(clients);
  return out;
}

auth::Identity Admin() {
  auth::Identity out;
  out.authenticated = true;
  out.roles = {"admin"};
  return out;
}

tracking::TrackerState State(const Id& id, std::optional<Id> client, bool is_public = false) {
  tracking::TrackerState state;
  state.tracker.id = id;
  state.tracker.name = "Ship " + id.ToText();
  state.tracker.client_id = std::move(client);
  state.tracker.is_public = is_public;
  state.tracker.provider = "traccar:office";
  state.tracker.external_id = "key of the provider";
  return state;
}

class BoardReaderTest : public ::testing::Test {
 protected:
  ~BoardReaderTest() override {
    Release();
    history_.reset();
    loop_.Stop();
  }

  /// With these rules about fields and these trackers.
  void Start(const notify::FieldRules& rules, const std::vector<tracking::TrackerState>& states) {
    auto views = notify::Views::Make(rules);
    ASSERT_TRUE(views) << views.error().detail;
    views_ = std::move(*views);
    board_.SetFilter(views_);
    board_.Upsert({{Id("acme"), "Acme"}, {Id("bolt"), "Bolt"}, {Id(7), "Seven"}}, states);
    std::vector<std::unique_ptr<store::HistoryReader>> connections;
    connections.push_back(std::make_unique<FakeHistory>(go_.get_future().share()));
    history_ = std::make_unique<BoardReader::HistoryPool>(std::move(connections), 1);
    reader_ = std::make_unique<BoardReader>(loop_, board_, views_, log_, history_.get(), clock_);
    loop_.Start();
  }
  void Release() {
    if (!std::exchange(released_, true)) go_.set_value();
  }

  TrackerPage List(const auth::Identity& caller, TrackerFilter filter = {},
                   std::optional<Id> after = {}, size_t limit = 100) {
    auto page = Await<Result<TrackerPage>>([&](std::function<void(Result<TrackerPage>)> done) {
      reader_->List(caller, std::move(filter), std::move(after), limit, std::move(done));
    });
    EXPECT_TRUE(page);
    return std::move(*page);
  }
  std::vector<std::string> Ids(const auth::Identity& caller, TrackerFilter filter = {},
                               std::optional<Id> after = {}, size_t limit = 100) {
    std::vector<std::string> out;
    for (const TrackerView& view :
         List(caller, std::move(filter), std::move(after), limit).trackers) {
      out.push_back(view.tracker.id.ToJson());
    }
    return out;
  }
  std::optional<TrackerView> Find(const auth::Identity& caller, const Id& id) {
    using Found = Result<std::vector<std::optional<TrackerView>>>;
    auto found = Await<Found>([&](std::function<void(Found)> done) {
      reader_->Find(caller, {id}, std::move(done));
    });
    return std::move(found->front());
  }
  static store::HistoryQuery Query(const Id& id, size_t limit = 10) {
    return {id, kNow, kNow + seconds(60), false, {}, limit};
  }
  using Past = Result<std::vector<TrackerReader::PastPosition>>;
  Past History(const auth::Identity& caller, const Id& id, size_t limit = 10) {
    return Await<Past>([&](std::function<void(Past)> done) {
      reader_->History(caller, Query(id, limit), std::move(done));
    });
  }
  std::vector<std::string> Clients(const auth::Identity& caller) {
    using Found = Result<std::vector<tracking::Client>>;
    auto found =
        Await<Found>([&](std::function<void(Found)> done) { reader_->Clients(caller, done); });
    std::vector<std::string> out;
    for (const tracking::Client& client : *found) out.push_back(client.name);
    return out;
  }

  net::Loop loop_{"board"};
  ManualClock clock_;
  StillLog log_;
  notify::Views views_;
  tracking::Board board_;
  std::promise<void> go_;
  bool released_ = false;
  std::unique_ptr<BoardReader::HistoryPool> history_;
  std::unique_ptr<BoardReader> reader_;
};

TEST_F(BoardReaderTest, ListsWhatTheCallerMaySeeInOrder) {
  Start({}, {State(Id("b"), Id("acme")), State(Id("a"), Id("bolt")), State(Id(9), Id("acme")),
             State(Id("p"), Id("bolt"), true), State(Id("n"), {})});
  EXPECT_THAT(Ids({}), ElementsAre("\"p\""));
  EXPECT_THAT(Ids(Member({"\"acme\""})), ElementsAre("\"b\"", "\"p\"", "9"));
  EXPECT_THAT(Ids(Member({"\"acme\"", "\"bolt\""})),
              ElementsAre("\"a\"", "\"b\"", "\"p\"", "9"));
  EXPECT_THAT(Ids(Admin()), ElementsAre("\"a\"", "\"b\"", "\"n\"", "\"p\"", "9"));
  const TrackerPage page = List(Admin());
  EXPECT_FALSE(page.more);
  EXPECT_EQ(page.offset, "e.5-7");
}

TEST_F(BoardReaderTest, GivesPages) {
  Start({}, {State(Id("a"), {}, true), State(Id("b"), {}), State(Id("c"), {}, true),
             State(Id("d"), {}, true)});
  EXPECT_THAT(Ids({}, {}, {}, 2), ElementsAre("\"a\"", "\"c\""));
  EXPECT_TRUE(List({}, {}, {}, 2).more);
  // Whether there is more does not tell of what is hidden.
  EXPECT_FALSE(List({}, {}, {}, 3).more);
  EXPECT_THAT(Ids({}, {}, Id("a"), 2), ElementsAre("\"c\"", "\"d\""));
  EXPECT_THAT(Ids({}, {}, Id("b"), 1), ElementsAre("\"c\""));
  EXPECT_THAT(Ids({}, {}, Id("d")), IsEmpty());
}

TEST_F(BoardReaderTest, GoesThroughMoreThanOneTurnAllows) {
  std::vector<tracking::TrackerState> states;
  for (int64_t i = 0; i < 3'500; ++i) states.push_back(State(Id(i), {}, i % 2 == 0));
  Start({}, states);
  TrackerFilter filter;
  filter.search = "SHIP 349";
  EXPECT_THAT(Ids(Admin(), filter), ElementsAre("349", "3490", "3491", "3492", "3493", "3494",
                                                "3495", "3496", "3497", "3498", "3499"));
  EXPECT_THAT(Ids({}, filter), ElementsAre("3490", "3492", "3494", "3496", "3498"));
  filter.search = "nothing";
  EXPECT_THAT(Ids(Admin(), filter), IsEmpty());
  filter.search.clear();
  filter.box = tracking::BoundingBox{-180, -90, 180, 90};
  EXPECT_THAT(Ids(Admin(), filter), IsEmpty());  // no place of any is known
}

TEST_F(BoardReaderTest, TakesTheFirstOfTheClientsThatAnIdMayMean) {
  Start({}, {State(Id("a"), Id("acme")), State(Id("s"), Id(7)), State(Id("t"), Id("8"))});
  TrackerFilter filter;
  filter.client = {Id(7), Id("7")};
  EXPECT_THAT(Ids(Admin(), filter), ElementsAre("\"s\""));
  filter.client = {Id(8), Id("8")};
  EXPECT_THAT(Ids(Admin(), filter), ElementsAre("\"t\""));
  filter.client = {Id(9), Id("9")};
  EXPECT_THAT(Ids(Admin(), filter), IsEmpty());
}

TEST_F(BoardReaderTest, TellsAdminsAloneOfProviders) {
  Start({}, {State(Id("a"), Id("acme"), true)});
  EXPECT_EQ(Find(Admin(), Id("a"))->tracker.external_id, "") << "it never leaves the server";
  const auto view = Find(Member({"\"acme\""}), Id("a"));
  EXPECT_EQ(view->tracker.provider + view->tracker.external_id, "");
  EXPECT_EQ(view->client_name, "Acme");
  EXPECT_TRUE(view->tracker.is_public);
}

TEST_F(BoardReaderTest, FindsNothingThatIsHidden) {
  Start({}, {State(Id("a"), Id("acme"))});
  EXPECT_FALSE(Find(Member({"\"bolt\""}), Id("a")));
  EXPECT_FALSE(Find(Admin(), Id("b")));
  EXPECT_FALSE(Find({}, Id("a")));
  EXPECT_TRUE(Find(Member({"\"acme\""}), Id("a")));
}

TEST_F(BoardReaderTest, TellsHowOldAPositionIs) {
  Start({{}, {"anonymous=fix_time"}}, {State(Id("a"), {}, true)});
  EXPECT_FALSE(Find(Admin(), Id("a"))->freshness);
  EXPECT_EQ(Find(Admin(), Id("a"))->last_seen_at, WallTime{});
  loop_.Run([&] {
    EXPECT_TRUE(board_.ApplyLocation(
        Id("a"),
        R"({"latitude":1,"longitude":2,"fix_time":"2023-11-14T22:10:20Z",)"
        R"("received_at":"2023-11-14T22:13:19Z"})",
        kNow));
  });
  EXPECT_EQ(Find(Admin(), Id("a"))->freshness, tracking::Freshness::kDelayed);
  EXPECT_EQ(Find(Admin(), Id("a"))->last_seen_at, kNow - seconds(1));
  EXPECT_FALSE(Find({}, Id("a"))->freshness);
}

TEST_F(BoardReaderTest, KnowsTheClientsOfEverybody) {
  Start({}, {State(Id("a"), Id("acme")), State(Id("b"), Id("bolt"), true), State(Id("c"), {})});
  EXPECT_THAT(Clients({}), ElementsAre("Bolt"));
  EXPECT_THAT(Clients(Member({"\"acme\"", "\"gone\"", "7"})), ElementsAre("Acme", "Bolt", "Seven"));
  EXPECT_THAT(Clients(Admin()), ElementsAre("Acme", "Bolt", "Seven"));
  // Once the last public one is not public any more, nobody else knows of its client.
  loop_.Run([&] { board_.Upsert({}, {State(Id("b"), Id("bolt"))}); });
  EXPECT_THAT(Clients({}), IsEmpty());
}

TEST_F(BoardReaderTest, ReadsHistoryOfWhatMayBeSeen) {
  Start({{}, {"anonymous=source", "user=fix_time"}},
        {State(Id("a"), Id("acme"), true), State(Id("b"), Id("acme"))});
  Release();
  const auto past = History({}, Id("a"));
  ASSERT_TRUE(past);
  ASSERT_EQ(past->size(), 1u);
  EXPECT_EQ(past->front().fix_time, kNow + seconds(1));
  EXPECT_EQ(past->front().json,
            R"({"latitude":1.5,"longitude":2.5,"fix_time":"2023-11-14T22:13:21.000Z",)"
            R"("received_at":"2023-11-14T22:13:22.000Z","motion":"unknown"})");
  EXPECT_EQ(History({}, Id("b")).error().code, "unknown_tracker");
  EXPECT_EQ(History({}, Id("c")).error().code, "unknown_tracker");
  EXPECT_EQ(History(Admin(), Id("a"), 13).error().code, "unavailable");
  EXPECT_THAT(*History(Member({"\"acme\""}), Id("b")), IsEmpty());
}

TEST_F(BoardReaderTest, HidesAHistoryWhoseTrackerChangedHandsMeanwhile) {
  Start({}, {State(Id("a"), Id("acme"))});
  std::promise<Past> answer;
  reader_->History(Member({"\"acme\""}), Query(Id("a")),
                   [&](Past past) { answer.set_value(std::move(past)); });
  loop_.Run([&] { board_.Upsert({}, {State(Id("a"), Id("bolt"))}); });
  Release();
  EXPECT_EQ(answer.get_future().get().error().code, "unknown_tracker");
}

TEST_F(BoardReaderTest, RefusesMoreHistoriesThanMayWait) {
  Start({}, {State(Id("a"), {}, true)});
  std::vector<std::promise<std::string>> answers(20);
  for (auto& answer : answers) {
    reader_->History(Admin(), Query(Id("a")), [&](const Past& past) {
      answer.set_value(past ? "" : past.error().code);
    });
  }
  loop_.Run([] {});
  loop_.Run([] {});
  Release();
  size_t refused = 0;
  for (auto& answer : answers) refused += answer.get_future().get() == "unavailable" ? 1 : 0;
  EXPECT_GE(refused, 18u);
}

/// What a snapshot shows of each tracker, by id.
using Shown = std::map<std::string, base::JsonValue>;

std::optional<base::JsonValue> Look(base::JsonValue object, std::vector<std::string> way) {
  std::optional<base::JsonValue> at = object;
  for (const std::string& name : way) {
    if (!at->is_object()) return std::nullopt;
    at = base::FindMember(*at, name);
    if (!at) return std::nullopt;
  }
  return at;
}

std::string TextAt(base::JsonValue object, std::vector<std::string> way) {
  const auto found = Look(object, std::move(way));
  return found && found->is_string() ? base::DecodeJsonString(found->text) : "";
}

std::string RawAt(base::JsonValue object, std::vector<std::string> way) {
  const auto found = Look(object, std::move(way));
  return found ? std::string(found->text) : "";
}

/// Whether a tracker fits, judged by what is shown of it alone.
bool FitsByEye(base::JsonValue shown, const TrackerFilter& filter) {
  if (!filter.client.empty() &&
      RawAt(shown, {"client_id"}) != filter.client.front().ToJson()) {
    return false;
  }
  if (filter.connectivity &&
      TextAt(shown, {"status", "connectivity"}) != ToString(*filter.connectivity)) {
    return false;
  }
  if (filter.motion && TextAt(shown, {"status", "motion"}) != ToString(*filter.motion)) {
    return false;
  }
  if (filter.box) {
    const auto place = tracking::ReadPlace(RawAt(shown, {"position"}));
    if (!place || !filter.box->Contains(*place)) return false;
  }
  if (filter.search.empty()) return true;
  return TextAt(shown, {"name"}).find(filter.search) != std::string::npos;
}

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  size_t Below(size_t n) { return engine_() % n; }
  bool Chance(size_t in) { return Below(in) == 0; }

 private:
  std::minstd_rand engine_;
};

class BoardReaderSecrecyTest : public BoardReaderTest, public ::testing::WithParamInterface<int> {
 protected:
  notify::FieldRules MakeRules() {
    notify::FieldRules rules;
    for (const char* field :
         {"name", "category", "attributes", "status", "connectivity", "motion", "motion_since",
          "position", "latitude", "fix_time", "speed", "client_id", "colour"}) {
      if (random_.Chance(20)) rules.hidden_fields.emplace_back(field);
      if (random_.Chance(5)) rules.hidden_from.push_back(std::string("anonymous=") + field);
      if (random_.Chance(5)) rules.hidden_from.push_back(std::string("user=") + field);
      if (random_.Chance(10)) rules.hidden_from.push_back(std::string("ops=") + field);
    }
    return rules;
  }
  std::vector<tracking::TrackerState> MakeTrackers() {
    std::vector<tracking::TrackerState> states;
    const std::vector<std::optional<Id>> clients = {Id("acme"), Id("bolt"), Id(7), std::nullopt};
    for (int64_t i = 0; i < 40; ++i) {
      auto state = State(random_.Chance(2) ? Id(i) : Id("t" + std::to_string(i)),
                         clients[random_.Below(4)], random_.Chance(4));
      state.tracker.attributes_json = R"({"colour":"red","size":3})";
      state.status = {static_cast<tracking::Connectivity>(random_.Below(3)),
                      static_cast<tracking::Motion>(random_.Below(3)), kNow, kNow};
      if (random_.Chance(3)) {
        states.push_back(state);
        continue;
      }
      tracking::Position position;
      position.tracker_id = state.tracker.id;
      position.fix.place = {static_cast<double>(random_.Below(20)), 10};
      position.fix.fix_time = position.received_at = kNow;
      position.fix.speed_mps = 4;
      state.latest = position;
      states.push_back(state);
    }
    return states;
  }
  auth::Identity MakeCaller() {
    if (random_.Chance(4)) return {};
    if (random_.Chance(4)) return Admin();
    auth::Identity caller = Member({});
    for (const char* client : {"\"acme\"", "\"bolt\"", "7"}) {
      if (random_.Chance(2)) caller.clients.emplace_back(client);
    }
    if (random_.Chance(3)) caller.roles = {"ops"};
    return caller;
  }
  TrackerFilter MakeFilter() {
    TrackerFilter filter;
    if (random_.Chance(4)) filter.client = {random_.Chance(2) ? Id("acme") : Id(7)};
    if (random_.Chance(4)) {
      filter.connectivity = static_cast<tracking::Connectivity>(random_.Below(3));
    }
    if (random_.Chance(4)) filter.motion = static_cast<tracking::Motion>(random_.Below(3));
    if (random_.Chance(3)) {
      filter.box = tracking::BoundingBox{5, static_cast<double>(random_.Below(20)), 15, 20};
    }
    if (random_.Chance(4)) filter.search = "Ship t";
    return filter;
  }
  /// All pages of a list.
  std::vector<TrackerView> ListAll(const auth::Identity& caller, const TrackerFilter& filter) {
    std::vector<TrackerView> all;
    std::optional<Id> after;
    for (bool more = true; more;) {
      TrackerPage page = List(caller, filter, after, 1 + random_.Below(20));
      more = page.more;
      if (!page.trackers.empty()) after = page.trackers.back().tracker.id;
      std::move(page.trackers.begin(), page.trackers.end(), std::back_inserter(all));
    }
    return all;
  }
  static void ExpectSame(const TrackerView& view, base::JsonValue shown) {
    EXPECT_EQ(view.tracker.name, TextAt(shown, {"name"}));
    EXPECT_EQ(view.tracker.category, TextAt(shown, {"category"}));
    EXPECT_EQ(view.tracker.attributes_json, RawAt(shown, {"attributes"}));
    EXPECT_EQ(view.tracker.client_id ? view.tracker.client_id->ToJson() : "",
              RawAt(shown, {"client_id"}));
    EXPECT_EQ(view.position_json, RawAt(shown, {"position"}));
    const auto known = [](const std::string& text) { return text.empty() ? "unknown" : text; };
    EXPECT_EQ(ToString(view.status.connectivity),
              known(TextAt(shown, {"status", "connectivity"})));
    EXPECT_EQ(ToString(view.status.motion), known(TextAt(shown, {"status", "motion"})));
    EXPECT_EQ(view.status.motion_since != WallTime{},
              Look(shown, {"status", "motion_since"}).has_value());
    EXPECT_EQ(view.freshness.has_value(), Look(shown, {"position", "fix_time"}).has_value());
  }

  Random random_{static_cast<uint32_t>(GetParam())};
};

TEST_P(BoardReaderSecrecyTest, ShowsWhatTheSnapshotShowsAndNoMore) {
  const notify::FieldRules rules = MakeRules();
  Start(rules, MakeTrackers());
  for (int round = 0; round < 20; ++round) {
    const auth::Identity caller = MakeCaller();
    const TrackerFilter filter = round % 2 == 0 ? TrackerFilter() : MakeFilter();
    const std::string snapshot = board_.SnapshotJson(
        "e.5-7", kNow, [&](const tracking::Tracker& t) { return notify::MaySee(caller, t); },
        views_.Of(caller));
    Shown shown;
    base::JsonArrayReader items(*base::FindMember(*base::ScanJson(snapshot), "trackers"));
    while (const auto item = items.Next()) {
      if (FitsByEye(*item, filter)) shown.emplace(RawAt(*item, {"id"}), *item);
    }
    const auto all = ListAll(caller, filter);
    EXPECT_EQ(all.size(), shown.size());
    for (const TrackerView& view : all) {
      const auto found = shown.find(view.tracker.id.ToJson());
      ASSERT_NE(found, shown.end()) << view.tracker.id.ToJson();
      ExpectSame(view, found->second);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, BoardReaderSecrecyTest, ::testing::Range(1, 25));

}  // namespace
}  // namespace trackwire::api
