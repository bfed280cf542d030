#include "gateway/board_delta.h"

#include <gtest/gtest.h>

#include <functional>

#include "tracking/board.h"

namespace trackwire::gateway {
namespace {

using tracking::Client;
using tracking::Id;
using tracking::TrackerState;
using Ids = std::vector<Id>;

TrackerState State(const char* id, const char* name = "x") {
  TrackerState state;
  state.tracker.id = Id(id);
  state.tracker.name = name;
  return state;
}

Ids IdsOf(const BoardChange& change) {
  Ids ids;
  for (const TrackerState& state : change.states) ids.push_back(state.tracker.id);
  return ids;
}

TEST(BoardDeltaTest, SaysWhatIsOtherThanBefore) {
  BoardDelta delta;
  const Client acme{Id("acme"), "Acme"};
  EXPECT_EQ(IdsOf(delta.Take({acme}, {State("a"), State("b")}, false)), (Ids{Id("a"), Id("b")}));
  const BoardChange none = delta.Take({acme}, {State("b"), State("a")}, false);
  EXPECT_TRUE(none.clients.empty() && none.states.empty());
  EXPECT_TRUE(none.gone_trackers.empty() && none.gone_clients.empty());
  const BoardChange one = delta.Take({{Id("acme"), "Other"}}, {State("a", "y"), State("c")}, false);
  EXPECT_EQ(IdsOf(one), (Ids{Id("a"), Id("c")}));
  EXPECT_EQ(one.clients.size(), 1u);
  EXPECT_EQ(one.gone_trackers, Ids{Id("b")});
  const BoardChange all = delta.Take({}, {State("a", "y"), State("c")}, true);
  EXPECT_EQ(IdsOf(all), (Ids{Id("a"), Id("c")})) << "also what is as it was";
  EXPECT_EQ(all.gone_clients, Ids{Id("acme")});
}

TEST(BoardDeltaTest, EveryFieldThatTheBoardHasCounts) {
  std::vector<std::function<void(tracking::Tracker&)>> edits{
      [](auto& t) { t.name = "n"; },
      [](auto& t) { t.category = "n"; },
      [](auto& t) { t.client_id = Id("n"); },
      [](auto& t) { t.is_public = true; },
      [](auto& t) { t.provider = "n"; },
      [](auto& t) { t.external_id = "n"; },
      [](auto& t) { t.offline_after = std::chrono::seconds(7); },
      [](auto& t) { t.expected_interval = std::chrono::seconds(7); },
      [](auto& t) { t.attributes_json = "{}"; }};
  for (size_t i = 0; i < edits.size(); ++i) {
    BoardDelta delta;
    TrackerState state = State("a");
    delta.Note({}, {state});
    EXPECT_TRUE(delta.Take({}, {state}, false).states.empty()) << "the board knows of it";
    edits[i](state.tracker);
    EXPECT_EQ(delta.Take({}, {state}, false).states.size(), 1u) << i;
  }
}

TEST(BoardDeltaTest, WhatWasNotedAndIsNotReadIsGone) {
  BoardDelta delta;
  delta.Take({}, {}, false);
  delta.Note({{Id("acme"), "Acme"}}, {State("a")});
  const BoardChange change = delta.Take({}, {}, false);
  EXPECT_EQ(change.gone_trackers, Ids{Id("a")});
  EXPECT_EQ(change.gone_clients, Ids{Id("acme")});
}

TEST(BoardDeltaTest, ALongChangeIsMadeInParts) {
  BoardChange change;
  change.clients = {{Id("acme"), "Acme"}};
  for (int i = 0; i < 7; ++i) change.states.push_back(State(std::to_string(i).c_str()));
  change.gone_trackers = {Id("x")};
  const auto parts = InParts(change, 3);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].clients.size(), 1u);
  EXPECT_EQ(parts[0].states.size(), 3u);
  EXPECT_EQ(parts[2].states.size(), 1u);
  EXPECT_EQ(parts[2].states[0].tracker.id, Id("6"));
  EXPECT_EQ(parts[2].gone_trackers, Ids{Id("x")});
  EXPECT_TRUE(parts[0].gone_trackers.empty());
  EXPECT_EQ(InParts({}, 3).size(), 1u);
}

TEST(BoardDeltaTest, AChangeThatIsTakenBackBeforeTheNextReadingIsNews) {
  BoardDelta delta;
  delta.Take({{Id("acme"), "Acme"}}, {State("a"), State("b")}, false);
  ingest::StoreChange change;
  change.clients = {{Id("acme"), "Other"}};
  change.trackers = {State("a", "y").tracker};
  change.trackers[0].is_public = true;
  change.removed_trackers = {Id("b")};
  delta.Note(change);
  // Meanwhile somebody else has set all as it was, and made the removed one again.
  const BoardChange news = delta.Take({{Id("acme"), "Acme"}}, {State("a"), State("b")}, false);
  EXPECT_EQ(IdsOf(news), (Ids{Id("a"), Id("b")}));
  EXPECT_FALSE(news.states[0].tracker.is_public);
  EXPECT_EQ(news.clients.size(), 1u);
  EXPECT_TRUE(news.gone_trackers.empty());
}

TEST(BoardDeltaTest, WhatIsReadLateDoesNotTakeBackWhatWasChangedSince) {
  BoardChange read;
  read.clients = {{Id("acme"), "Acme"}, {Id("gone"), "Gone"}};
  for (const char* id : {"a", "b", "c"}) {
    read.states.push_back(State(id));
    read.states.back().tracker.is_public = true;
    read.states.back().last_seen_at = WallTime(std::chrono::seconds(7));
  }
  read.gone_trackers = {Id("d"), Id("e")};
  PendingParts pending;
  pending.Add(InParts(read, 1));
  EXPECT_EQ(IdsOf(pending.Take()), Ids{Id("a")});
  ingest::StoreChange change;
  change.trackers = {State("b").tracker, State("d").tracker};
  change.removed_trackers = {Id("c")};
  pending.Overtake(change);
  const BoardChange second = pending.Take();
  ASSERT_EQ(IdsOf(second), Ids{Id("b")});
  EXPECT_FALSE(second.states[0].tracker.is_public) << "it was hidden since";
  EXPECT_EQ(second.states[0].last_seen_at, read.states[1].last_seen_at);
  const BoardChange last = pending.Take();
  EXPECT_TRUE(last.states.empty()) << "it was removed since";
  EXPECT_EQ(last.gone_trackers, Ids{Id("e")}) << "the other was made again";
  EXPECT_TRUE(pending.empty());

  pending.Add(InParts(read, 100));
  change.clients = {{Id("acme"), "Newer"}};
  change.removed_clients = {Id("gone")};
  pending.Overtake(change);
  const BoardChange whole = pending.Take();
  ASSERT_EQ(whole.clients.size(), 1u);
  EXPECT_EQ(whole.clients[0].name, "Newer");
}

/// The board comes to the same, whichever way it hears of what is read.
TEST(BoardDeltaTest, IsAsGoodAsReplacingAll) {
  tracking::Board whole;
  tracking::Board stepped;
  BoardDelta delta;
  const std::vector<std::vector<TrackerState>> readings{
      {State("a"), State("b"), State("c")}, {State("a", "n"), State("c")}, {}, {State("b", "m")}};
  for (const auto& reading : readings) {
    whole.Replace({}, reading);
    for (const BoardChange& part : InParts(delta.Take({}, reading, false), 1)) {
      stepped.Upsert(part.clients, part.states);
      stepped.Remove(part.gone_trackers, part.gone_clients);
    }
    const auto snapshot = [](const tracking::Board& board) {
      return board.SnapshotJson("o", WallTime{}, [](const tracking::Tracker&) { return true; });
    };
    EXPECT_EQ(snapshot(stepped), snapshot(whole));
  }
}

}  // namespace
}  // namespace trackwire::gateway
