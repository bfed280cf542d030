#include "tracking/board.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/json_scanner.h"

namespace trackwire::tracking {
namespace {

using namespace std::chrono_literals;

const WallTime kNow{std::chrono::milliseconds(1'700'000'000'000)};

TrackerState State(const std::string& id, const std::string& client) {
  TrackerState state;
  state.tracker.id = Id(id);
  state.tracker.name = "Ship " + id;
  state.tracker.category = "cargo";
  state.tracker.client_id = Id(client);
  state.tracker.provider = "secret-provider";
  state.tracker.external_id = "secret-key";
  return state;
}

class BoardTest : public testing::Test {
 protected:
  void SetUp() override {
    board_.Upsert({{Id("c1"), "One"}, {Id("c2"), "Two"}}, {State("a", "c1"), State("b", "c2")});
  }
  std::string Snapshot() const {
    return board_.SnapshotJson("e.1-0", kNow, [](const Tracker&) { return true; });
  }
  static std::string Location(const std::string& second, const std::string& more = "") {
    return R"({"tracker_id":"a","latitude":1,"longitude":2,"fix_time":"2023-11-14T22:13:)" + second + "Z\"" +
           more + "}";
  }

  Board board_;
};

TEST_F(BoardTest, ShowsTrackersThatWereNeverHeard) {
  EXPECT_EQ(
      Snapshot(),
      R"({"offset":"e.1-0","server_time":"2023-11-14T22:13:20.000Z",)"
      R"("clients":[{"id":"c1","name":"One"},{"id":"c2","name":"Two"}],"trackers":[)"
      R"({"id":"a","name":"Ship a","category":"cargo","client_id":"c1",)"
      R"("status":{"connectivity":"unknown","motion":"unknown"}},)"
      R"({"id":"b","name":"Ship b","category":"cargo","client_id":"c2",)"
      R"("status":{"connectivity":"unknown","motion":"unknown"}}]})");
}

TEST_F(BoardTest, KeepsALocationByteForByte) {
  const std::string location = Location("20", R"(,"odd": 1.50 )");
  EXPECT_TRUE(board_.ApplyLocation(Id("a"), location, kNow));
  EXPECT_NE(Snapshot().find("\"position\":" + location), std::string::npos);
}

TEST_F(BoardTest, NeverGoesBackInTime) {
  EXPECT_TRUE(board_.ApplyLocation(Id("a"), Location("20"), kNow));
  EXPECT_FALSE(board_.ApplyLocation(Id("a"), Location("19.999"), kNow));
  EXPECT_TRUE(board_.ApplyLocation(Id("a"), Location("20", ",\"x\":1"), kNow));
  TrackerState old = State("a", "c1");
  old.latest = Position{Id("a"), {}, kNow, Motion::kMoving};
  old.latest->fix.fix_time = kNow - 1s;
  board_.Upsert({}, {old});
  EXPECT_NE(Snapshot().find(Location("20", ",\"x\":1")), std::string::npos);
}

TEST_F(BoardTest, RefusesWhatItCannotPlace) {
  EXPECT_FALSE(board_.ApplyLocation(Id("nobody"), Location("20"), kNow));
  EXPECT_FALSE(board_.ApplyLocation(Id("a"), "{}", kNow));
  EXPECT_FALSE(board_.ApplyLocation(Id("a"), R"({"fix_time":"yesterday"})", kNow));
  EXPECT_FALSE(board_.ApplyLocation(Id("a"), "[1", kNow));
  EXPECT_FALSE(board_.ApplyStatus(Id("a"), R"({"axis":"motion","status":"flying"})", kNow));
  EXPECT_FALSE(board_.ApplyStatus(Id("a"), R"({"axis":"weather","status":"online"})", kNow));
}

TEST_F(BoardTest, OneClockThatIsWrongFreezesNothing) {
  const auto at = [](const std::string& time) {
    return R"({"latitude":1,"longitude":2,"fix_time":")" + time + "\"}";
  };
  EXPECT_FALSE(board_.ApplyLocation(Id("a"), at("2099-01-01T00:00:00Z"), kNow));
  EXPECT_FALSE(board_.ApplyLocation(Id("a"), at("2023-11-14T22:15:20.001Z"), kNow));
  EXPECT_TRUE(board_.ApplyLocation(Id("a"), at("2023-11-14T22:15:20.000Z"), kNow));
  StatusChange change{Id("a"), true, "moving", "unknown", "motion", kNow + 121s, kNow};
  for (const bool is_motion : {true, false}) {
    change.motion_axis = is_motion;
    change.status = is_motion ? "moving" : "online";
    change.since = kNow + 121s;
    EXPECT_FALSE(board_.ApplyStatus(Id("a"), ToJson(change), kNow));
    change.since = kNow + 120s;
    EXPECT_TRUE(board_.ApplyStatus(Id("a"), ToJson(change), kNow));
  }
}

TEST_F(BoardTest, APositionIsAPlaceOnEarth) {
  const auto at = [](const std::string& place) {
    return "{" + place + R"("fix_time":"2023-11-14T22:13:20Z"})";
  };
  for (const char* bad :
       {"", R"("latitude":1,)", R"("longitude":1,)", R"("latitude":90.1,"longitude":1,)",
        R"("latitude":1,"longitude":-180.1,)", R"("latitude":"1","longitude":2,)",
        R"("latitude":null,"longitude":2,)", R"("latitude":1e999,"longitude":2,)"}) {
    EXPECT_FALSE(board_.ApplyLocation(Id("a"), at(bad), kNow)) << bad;
  }
  EXPECT_TRUE(board_.ApplyLocation(Id("a"), at(R"("latitude":-90,"longitude":180,)"), kNow));
}

TEST_F(BoardTest, FollowsStatusChanges) {
  const StatusChange change{Id("a"), true, "moving", "unknown", "motion", kNow, kNow};
  EXPECT_TRUE(board_.ApplyStatus(Id("a"), ToJson(change), kNow));
  const StatusChange online{Id("a"), false, "online", "unknown", "contact", kNow, kNow};
  EXPECT_TRUE(board_.ApplyStatus(Id("a"), ToJson(online), kNow));
  EXPECT_NE(Snapshot().find(R"("status":{"connectivity":"online",)"
                            R"("connectivity_since":"2023-11-14T22:13:20.000Z",)"
                            R"("motion":"moving","motion_since":"2023-11-14T22:13:20.000Z"})"),
            std::string::npos);
}

/// Hides whole objects in which a word stands, from view 1.
class WordFilter final : public ObjectFilter {
 public:
  uint64_t HiddenFrom(std::string_view json) const override {
    ++asked;
    return json.find("hush") == std::string_view::npos ? 0 : 2;
  }
  void Append(uint8_t view, std::string_view json, std::string& out) const override {
    EXPECT_TRUE(base::ScanJson(json)) << json;
    const bool hidden = view == 1 && json.find("hush") != std::string_view::npos;
    out += hidden ? "{}" : std::string(json);
  }

  mutable int asked = 0;
};

TEST_F(BoardTest, ShowsEachViewWhatTheFilterLeavesOfIt) {
  const auto seen = [&](uint8_t view) {
    const std::string all = board_.SnapshotJson("e.1-0", kNow, nullptr, view);
    return all.substr(all.find("\"clients\""));
  };
  const std::string whole = seen(1);
  const WordFilter filter;
  board_.SetFilter(filter);
  EXPECT_EQ(seen(0), whole);
  EXPECT_EQ(seen(1), whole);
  EXPECT_EQ(filter.asked, 2) << "once a tracker, whoever asks";

  EXPECT_TRUE(board_.ApplyLocation(Id("a"), Location("20", R"(,"x":"hush")"), kNow));
  EXPECT_NE(seen(0).find("hush"), std::string::npos);
  EXPECT_NE(seen(1).find(R"("trackers":[{},{"id":"b")"), std::string::npos) << seen(1);
  EXPECT_TRUE(board_.ApplyLocation(Id("a"), Location("20.5"), kNow));
  EXPECT_EQ(seen(0), seen(1));
  EXPECT_EQ(filter.asked, 4) << "again when something has changed";

  TrackerState renamed = State("b", "c2");
  renamed.tracker.name = "hush";
  board_.Upsert({{Id("c1"), "hush"}}, {renamed});
  EXPECT_EQ(seen(0).find("{}"), std::string::npos);
  EXPECT_NE(seen(1).find(R"("clients":[{},{"id":"c2")"), std::string::npos) << seen(1);
  EXPECT_EQ(seen(1).substr(seen(1).size() - 5), ",{}]}");
}

TEST_F(BoardTest, ShowsOnlyWhatIsVisibleAndNoSecrets) {
  const std::string seen = board_.SnapshotJson(
      "e.1-0", kNow, [](const Tracker& tracker) { return tracker.id == Id("b"); });
  EXPECT_EQ(seen.find("Ship a"), std::string::npos);
  EXPECT_EQ(seen.find("\"One\""), std::string::npos);
  EXPECT_NE(seen.find("\"Two\""), std::string::npos);
  EXPECT_EQ(seen.find("secret"), std::string::npos);
  EXPECT_EQ(board_.Find(Id("b"))->external_id, "secret-key");
  EXPECT_EQ(board_.Find(Id("c")), nullptr);
}

TEST_F(BoardTest, AFullSnapshotIsOneJsonText) {
  std::vector<TrackerState> states;
  for (int i = 0; i < 3450; ++i) {
    states.push_back(State("\"quoted\" " + std::to_string(i), "c1"));
    states.back().latest = Position{states.back().tracker.id, {}, kNow, Motion::kStopped};
    states.back().latest->fix.fix_time = kNow;
  }
  board_.Upsert({}, states);
  EXPECT_EQ(board_.size(), 3452u);
  EXPECT_TRUE(base::ScanJson(Snapshot()));
}

TEST_F(BoardTest, LearnsNoTrackerThatWasHiddenUntilItWasRemoved) {
  const std::string place = R"({"latitude":52.50,"longitude":13.4})";
  TrackerState hidden = State("hidden", "c1");
  hidden.tracker.is_public = false;
  TrackerState open = State("open", "c1");
  open.tracker.is_public = true;
  board_.Upsert({}, {hidden, open});
  board_.Remove({Id("hidden"), Id("open")}, {});
  EXPECT_TRUE(board_.WasHidden(Id("hidden")));
  EXPECT_FALSE(board_.WasHidden(Id("open")));
  const std::string status = R"({"axis":"motion","status":"moving"})";
  EXPECT_FALSE(board_.LearnLocation(Id("hidden"), place, kNow, kNow, 100));
  EXPECT_FALSE(board_.LearnStatus(Id("hidden"), status, kNow, 100));
  EXPECT_EQ(board_.Find(Id("hidden")), nullptr);
  EXPECT_TRUE(board_.LearnLocation(Id("open"), place, kNow, kNow, 100));
  board_.Upsert({}, {hidden});
  EXPECT_FALSE(board_.WasHidden(Id("hidden"))) << "it was made again";
}

TEST_F(BoardTest, LearnsTrackersFromNotificationsUpToALimit) {
  const std::string untimed = R"({"tracker_id":7,"latitude":52.50,"longitude":13.4})";
  EXPECT_FALSE(board_.LearnLocation(Id(7), untimed, kNow, kNow, 2)) << "there are two already";
  EXPECT_TRUE(board_.LearnLocation(Id(7), untimed, kNow, kNow, 3));
  EXPECT_TRUE(board_.Find(Id(7))->is_public);
  EXPECT_NE(Snapshot().find(R"({"id":7,"name":"7","category":"",)"
                            R"("status":{"connectivity":"unknown","motion":"unknown"},)"
                            R"("position":)" + untimed), std::string::npos);
  // What has no time of its own counts as one of the moment when it was told.
  EXPECT_FALSE(board_.LearnLocation(Id(7), untimed, kNow - 1s, kNow, 3));
  EXPECT_TRUE(board_.LearnLocation(Id(7), untimed, kNow + 1s, kNow, 3));
}

TEST_F(BoardTest, LearnsNothingFromWhatIsNoPosition) {
  for (const char* bad : {"7", "{}", R"({"latitude":91,"longitude":0})", R"({"latitude":1})",
                          R"({"latitude":1,"longitude":2,"fix_time":"soon"})",
                          R"({"latitude":1,"longitude":2,"fix_time":null})"}) {
    EXPECT_FALSE(board_.LearnLocation(Id(7), bad, kNow, kNow, 100)) << bad;
    EXPECT_FALSE(board_.LearnStatus(Id(7), bad, kNow, 100)) << bad;
  }
  EXPECT_EQ(board_.Find(Id(7)), nullptr);
}

TEST_F(BoardTest, LearnsAStatusThatComesBeforeTheFirstPosition) {
  const std::string online = R"({"axis":"connectivity","status":"online"})";
  EXPECT_FALSE(board_.LearnStatus(Id(7), online, kNow, 2));
  EXPECT_TRUE(board_.LearnStatus(Id(7), online, kNow, 3));
  EXPECT_NE(Snapshot().find(R"("status":{"connectivity":"online")"), std::string::npos);
}

TEST_F(BoardTest, LetsTheStoreOverruleWhatItLearned) {
  EXPECT_TRUE(board_.LearnLocation(Id("n"), Location("20"), kNow, kNow, 100));
  board_.Upsert({}, {State("n", "c1")});
  EXPECT_FALSE(board_.Find(Id("n"))->is_public);
  EXPECT_NE(Snapshot().find("\"position\":" + Location("20")), std::string::npos);
  const std::string untimed = R"({"latitude":1,"longitude":2})";
  EXPECT_FALSE(board_.LearnLocation(Id("n"), untimed, kNow, kNow, 100)) << "it is a known one now";
}

std::vector<std::string> Seen(const std::function<void(const Board::Visit&)>& ask) {
  std::vector<std::string> ids;
  ask([&](const Tracker& tracker) {
    ids.push_back(tracker.id.ToText());
    return true;
  });
  return ids;
}

TEST_F(BoardTest, SaysWhatBecameOtherAndWhoseItWas) {
  EXPECT_TRUE(board_.Upsert({{Id("c1"), "One"}}, {State("a", "c1")}).empty()) << "nothing new";
  TrackerState hidden = State("a", "c1");
  hidden.tracker.provider = "another";
  hidden.tracker.offline_after = 7s;
  EXPECT_TRUE(board_.Upsert({}, {hidden}).empty()) << "nothing that clients can see";

  auto changes = board_.Upsert({}, {State("a", "c2"), State("new", "c1"), State("b", "c2")});
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].tracker, Id("a"));
  EXPECT_EQ(changes[0].before->client, Id("c1"));
  EXPECT_EQ(changes[0].after.client, Id("c2"));
  EXPECT_FALSE(changes[1].before) << "it was not known";

  TrackerState open = State("b", "c2");
  open.tracker.is_public = true;
  changes = board_.Upsert({}, {open});
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_FALSE(changes[0].before->is_public);
  EXPECT_TRUE(changes[0].after.is_public);

  changes = board_.Upsert({{Id("c2"), "Two and a half"}}, {open});
  std::vector<Id> ids;
  for (const TrackerChange& change : changes) ids.push_back(change.tracker);
  EXPECT_EQ(ids, (std::vector<Id>{Id("a"), Id("b")})) << "those of a client that changed its name";
}

TEST_F(BoardTest, FindsTrackersByTheirClientAndTheirPlace) {
  const auto of = [&](const char* client) {
    return Seen([&](const Board::Visit& visit) { board_.VisitClient(Id(client), visit); });
  };
  const auto in = [&](BoundingBox box) {
    return Seen([&](const Board::Visit& visit) { board_.VisitBox(box, visit); });
  };
  EXPECT_EQ(of("c1"), std::vector<std::string>{"a"});
  board_.Upsert({}, {State("a", "c2")});
  EXPECT_TRUE(of("c1").empty());
  EXPECT_EQ(of("c2"), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(board_.KnowsClient(Id("c1"))) << "by its name";
  EXPECT_FALSE(board_.KnowsClient(Id("c3")));

  EXPECT_TRUE(in({-180, -90, 180, 90}).empty()) << "nobody was heard yet";
  EXPECT_EQ(board_.PlaceOf(Id("a")), std::nullopt);
  EXPECT_EQ(board_.PositionJson(Id("a")), "");
  ASSERT_TRUE(board_.ApplyLocation(Id("a"), Location("20"), kNow));
  EXPECT_EQ(in({2, 1, 2, 1}), std::vector<std::string>{"a"});
  EXPECT_TRUE(in({2.1, 1, 3, 1}).empty());
  EXPECT_EQ(board_.PlaceOf(Id("a"))->latitude, 1);
  EXPECT_EQ(board_.PositionJson(Id("a")), Location("20"));
  ASSERT_TRUE(board_.ApplyLocation(
      Id("b"), R"({ "latitude":1,"longitude":2,"fix_time":"2023-11-14T22:13:20Z"})", kNow));
  EXPECT_EQ(board_.PositionJson(Id("b")).substr(0, 32), R"({"tracker_id":"b", "latitude":1,)")
      << "also when only the envelope named the tracker";
}

TEST_F(BoardTest, WhatIsRemovedIsGoneFromEverywhere) {
  board_.ApplyLocation(Id("a"), Location("20"), kNow);
  const auto changes = board_.Remove({Id("a"), Id("nobody")}, {Id("c1")});
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].tracker, Id("a"));
  EXPECT_EQ(changes[0].before->client, Id("c1"));
  EXPECT_FALSE(changes[0].after.client);
  EXPECT_FALSE(changes[0].after.is_public);
  EXPECT_EQ(board_.Find(Id("a")), nullptr);
  EXPECT_FALSE(board_.KnowsClient(Id("c1")));
  EXPECT_EQ(Snapshot().find("\"a\""), std::string::npos);
  board_.VisitBox({-180, -90, 180, 90}, [](const Tracker&) { return ADD_FAILURE(), true; });
  EXPECT_FALSE(board_.ApplyLocation(Id("a"), Location("21"), kNow));
}

TEST_F(BoardTest, OneThatComesBackUnderTheSameIdStartsAnew) {
  board_.ApplyLocation(Id("a"), Location("20"), kNow);
  board_.Remove({Id("a")}, {});
  const auto changes = board_.Upsert({}, {State("a", "c2")});
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_FALSE(changes[0].before);
  EXPECT_EQ(board_.PositionJson(Id("a")), "");
  EXPECT_TRUE(board_.ApplyLocation(Id("a"), Location("10"), kNow));
}

TEST_F(BoardTest, ReplacingKeepsWhatIsNamedAndWhatOnlyNotificationsKnow) {
  board_.LearnLocation(Id("learned"), Location("20"), kNow, kNow, 10);
  board_.ApplyLocation(Id("b"), Location("20"), kNow);
  const auto changes = board_.Replace({{Id("c2"), "Two"}}, {State("b", "c2"), State("n", "c2")});
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].tracker, Id("a"));
  EXPECT_EQ(changes[1].tracker, Id("n"));
  EXPECT_EQ(board_.size(), 3u);
  EXPECT_NE(board_.Find(Id("learned")), nullptr);
  EXPECT_NE(board_.PositionJson(Id("b")), "");
  EXPECT_FALSE(board_.KnowsClient(Id("c1")));
  EXPECT_TRUE(board_.Replace({{Id("c2"), "Two"}}, {State("b", "c2"), State("n", "c2")}).empty());
}

std::string Visited(const Board& board, const Board::Scope& scope,
                    const std::optional<Id>& after = {}) {
  std::string ids;
  board.VisitOrdered(scope, after, [&](const Tracker& tracker) {
    ids += tracker.id.ToText();
    return true;
  });
  return ids;
}

TEST_F(BoardTest, IsGoneThroughInOrder) {
  TrackerState both = State("ab", "c1");
  both.tracker.is_public = true;
  board_.Upsert({}, {State("c", "c1"), both});
  EXPECT_EQ(Visited(board_, {.all = true}), "aabbc");
  EXPECT_EQ(Visited(board_, {.all = true}, Id("aa")), "abbc");
  EXPECT_EQ(Visited(board_, {.clients = {Id("c1"), Id("c1")}}), "aabc");
  EXPECT_EQ(Visited(board_, {.with_public = true, .clients = {Id("c1"), Id("c2")}}), "aabbc");
  EXPECT_EQ(Visited(board_, {.with_public = true}, Id("ab")), "");
  EXPECT_EQ(Visited(board_, {.clients = {Id("c3")}}), "");
}

TEST_F(BoardTest, KnowsWhatIsPublicAlsoOfThoseItLearned) {
  EXPECT_TRUE(board_.LearnLocation(Id("n"), Location("20"), kNow, kNow, 10));
  EXPECT_FALSE(board_.LearnStatus(Id("x"), R"({"axis":"weather"})", kNow, 10));
  EXPECT_EQ(Visited(board_, {.with_public = true}), "n");
  EXPECT_TRUE(board_.ClientsWithPublicTrackers().empty());
  TrackerState known = State("n", "c2");
  known.tracker.is_public = true;
  board_.Upsert({}, {known});
  EXPECT_EQ(board_.ClientsWithPublicTrackers().at(0).name, "Two");
  board_.Upsert({}, {State("n", "c2")});
  EXPECT_TRUE(board_.ClientsWithPublicTrackers().empty());
  EXPECT_EQ(Visited(board_, {.with_public = true}), "");
}

TEST_F(BoardTest, GivesUpOnABoxThatHoldsTooMuch) {
  EXPECT_TRUE(board_.ApplyLocation(Id("a"), Location("20"), kNow));
  const BoundingBox box{0, 0, 10, 10};
  int seen = 0;
  const auto count = [&](const Tracker&) { return ++seen > 0; };
  EXPECT_TRUE(board_.VisitBox(box, 1'000, count));
  EXPECT_EQ(seen, 1);
  EXPECT_FALSE(board_.VisitBox(box, 1, count));
  EXPECT_EQ(seen, 1);
}

}  // namespace
}  // namespace trackwire::tracking
