#include "tests/store/contract.h"

namespace trackwire::store {
namespace {

using namespace std::chrono_literals;
using tracking::Connectivity;
using tracking::Id;
using tracking::Motion;
using tracking::Position;
using tracking::Tracker;

/// The promises of store.h about what is known now, kept by every implementation.
class StoreContract : public ContractTest {};

TEST_P(StoreContract, LetsWhatWasSetByHandStay) {
  Tracker described = SomeTracker(Id(int64_t{7}));
  described.client_id = Id("c");
  ASSERT_TRUE(store_->UpsertClients({{Id("c"), "C"}, {Id("d"), "D"}}));
  Register({described, SomeTracker(Id("7"))});
  tracking::TrackerEdit owner;
  owner.sets_client = true;
  owner.client_id = Id("d");
  auto edited = store_->EditTracker(Id(int64_t{7}), owner);
  ASSERT_TRUE(edited) << edited.error().detail;
  EXPECT_EQ(edited->client_id, Id("d"));
  EXPECT_EQ(edited->name, "Sea Breeze");

  described.name = "Renamed";
  described.is_public = true;
  Register({described});
  Reopen();
  EXPECT_EQ(State(Id(int64_t{7})).tracker.client_id, Id("d")) << "by hand";
  EXPECT_EQ(State(Id(int64_t{7})).tracker.name, "Renamed") << "by its provider";
  EXPECT_TRUE(State(Id(int64_t{7})).tracker.is_public);
  EXPECT_TRUE(State(Id(int64_t{7})).tracker.edited.client);
  EXPECT_FALSE(State(Id(int64_t{7})).tracker.edited.name);
  EXPECT_EQ(State(Id("7")).tracker.client_id, std::nullopt) << "another one";

  tracking::TrackerEdit all;
  all.name = "Mine";
  all.is_public = false;
  all.sets_client = true;
  ASSERT_TRUE(store_->EditTracker(Id(int64_t{7}), all));
  Register({described});
  EXPECT_EQ(State(Id(int64_t{7})).tracker.name, "Mine");
  EXPECT_FALSE(State(Id(int64_t{7})).tracker.is_public);
  EXPECT_EQ(State(Id(int64_t{7})).tracker.client_id, std::nullopt) << "nobody's";
}

TEST_P(StoreContract, EditsNothingThatIsNotThere) {
  Register({SomeTracker(Id("a"))});
  tracking::TrackerEdit edit;
  edit.name = "B";
  EXPECT_EQ(store_->EditTracker(Id("b"), edit).error().code, "unknown_tracker");
  edit.sets_client = true;
  edit.client_id = Id("nobody");
  EXPECT_EQ(store_->EditTracker(Id("a"), edit).error().code, "unknown_client");
  EXPECT_EQ(State().tracker.name, "Sea Breeze") << "all or nothing";
}

TEST_P(StoreContract, KeepsClientsAndTrackersOverAReopening) {
  Tracker full = SomeTracker(Id("a"));
  full.client_id = Id(int64_t{9});
  full.is_public = true;
  full.provider = "replay:x";
  full.external_id = "ext";
  full.offline_after = 42s;
  full.attributes_json = R"({"call_sign":"X1"})";
  ASSERT_TRUE(store_->UpsertClients({{Id(int64_t{9}), "Bay Ferries"}, {Id("c"), "Arm"}}));
  Register({full, SomeTracker(Id(int64_t{7})), SomeTracker(Id("7"))});
  Reopen();
  const auto clients = *store_->Clients();
  ASSERT_EQ(clients.size(), 2u);
  EXPECT_EQ(clients[1].id, Id(int64_t{9}));
  EXPECT_EQ(clients[1].name, "Bay Ferries");
  ASSERT_EQ(store_->TrackerStates()->size(), 3u);
  const Tracker back = State(Id("a")).tracker;
  EXPECT_EQ(back.client_id, full.client_id);
  EXPECT_TRUE(back.is_public);
  EXPECT_EQ(back.provider, "replay:x");
  EXPECT_EQ(back.external_id, "ext");
  EXPECT_EQ(back.offline_after, 42s);
  EXPECT_EQ(back.attributes_json, full.attributes_json);
  EXPECT_FALSE(State(Id("a")).latest);
  EXPECT_EQ(State(Id("a")).status.connectivity, Connectivity::kUnknown);
}

TEST_P(StoreContract, UpsertReplacesAndKeepsPositions) {
  Register({SomeTracker(Id("a"))});
  Write({At(Id("a"), 0s)});
  Tracker renamed = SomeTracker(Id("a"));
  renamed.name = "Storm";
  Register({renamed});
  EXPECT_EQ(State().tracker.name, "Storm");
  EXPECT_TRUE(State().latest);
}

TEST_P(StoreContract, KeepsEveryFieldOfAPosition) {
  Register({SomeTracker(Id("a"))});
  Position position = At(Id("a"), 0s, 33.60716123456);
  position.fix.altitude_m = 1.5;
  position.fix.accuracy_m = 2.5;
  position.fix.speed_mps = 3.5;
  position.fix.course_deg = 4.5;
  position.fix.heading_deg = 5.5;
  position.fix.battery_percent = 6.5;
  position.fix.valid = false;
  position.fix.source = "replay:x";
  position.fix.attributes_json = R"({"n":1})";
  position.motion = Motion::kMoving;
  Write({position});
  Reopen();
  EXPECT_EQ(ToJson(*State().latest, true), ToJson(position, true));
  EXPECT_EQ(State().latest->fix.place.latitude, 33.60716123456);
  EXPECT_EQ(ToJson(History(Id("a")).at(0), true), ToJson(position, true));
}

TEST_P(StoreContract, AbsentFieldsStayAbsent) {
  Register({SomeTracker(Id("a"))});
  Write({At(Id("a"), 0s)});
  EXPECT_EQ(ToJson(*State().latest, true), ToJson(At(Id("a"), 0s), true));
}

TEST_P(StoreContract, TheSameFixTimeIsStoredOnce) {
  Register({SomeTracker(Id("a")), SomeTracker(Id("b"))});
  const auto first = Write({At(Id("a"), 0s, 1), At(Id("a"), 0s, 50), At(Id("b"), 0s)});
  EXPECT_EQ(first.stored, 2u);
  EXPECT_EQ(first.duplicates, 1u);
  EXPECT_EQ(Write({At(Id("a"), 0s, 60)}).duplicates, 1u);
  EXPECT_EQ(State().latest->fix.place.latitude, 1);
}

TEST_P(StoreContract, ALateOneGoesToTheHistoryOnly) {
  Register({SomeTracker(Id("a"))});
  Write({At(Id("a"), 10s, 10)});
  Position late = At(Id("a"), 5s, 5);
  late.received_at = kNow + 60s;
  EXPECT_EQ(Write({late}).stored, 1u);
  EXPECT_EQ(State().latest->fix.place.latitude, 10);
  EXPECT_EQ(State().last_seen_at, kNow + 60s);
  EXPECT_EQ(HistoryOffsets(Id("a")), (std::vector<int64_t>{5000, 10'000}));
}

TEST_P(StoreContract, UnknownTrackersAreCountedAndHarmNothing) {
  Register({SomeTracker(Id("a"))});
  WriteBatch batch;
  batch.positions = {At(Id("x"), 0s), At(Id("a"), 0s)};
  batch.statuses = {{Id("x"), {}}};
  const auto outcome = store_->Write(batch);
  EXPECT_EQ(outcome->unknown, 2u);
  EXPECT_EQ(outcome->stored, 1u);
}

TEST_P(StoreContract, KeepsStatuses) {
  Register({SomeTracker(Id("a"))});
  WriteBatch batch;
  batch.statuses = {{Id("a"), {Connectivity::kOnline, Motion::kStopped, kNow, kNow + 1s}},
                    {Id("a"), {Connectivity::kOffline, Motion::kMoving, kNow + 2s, kNow + 3s}}};
  ASSERT_TRUE(store_->Write(batch));
  Reopen();
  EXPECT_EQ(State().status.connectivity, Connectivity::kOffline);
  EXPECT_EQ(State().status.motion, Motion::kMoving);
  EXPECT_EQ(State().status.connectivity_since, kNow + 2s);
  EXPECT_EQ(State().status.motion_since, kNow + 3s);
}

TEST_P(StoreContract, PruneRemovesOldHistoryInBitesAndKeepsTheLatest) {
  Register({SomeTracker(Id("a"))});
  Write({At(Id("a"), 1s), At(Id("a"), 2s), At(Id("a"), 3s)});
  EXPECT_EQ(*store_->Prune(kNow + 1h, 2), 2u);
  EXPECT_EQ(HistoryOffsets(Id("a")), std::vector<int64_t>{3000});
  EXPECT_EQ(*store_->Prune(kNow + 1h, 2), 1u);
  EXPECT_EQ(*store_->Prune(kNow + 1h, 2), 0u);
  EXPECT_EQ(State().latest->fix.fix_time, kNow + 3s);
}

TEST_P(StoreContract, KeepsMarks) {
  EXPECT_EQ(*store_->Mark("a"), "");
  ASSERT_TRUE(store_->SetMark("a", "1-2"));
  ASSERT_TRUE(store_->SetMark("b", "x"));
  ASSERT_TRUE(store_->SetMark("a", "1-3"));
  EXPECT_EQ(*store_->KeepMark("key", "first"), "first");
  EXPECT_EQ(*Open()->KeepMark("key", "second"), "first") << "whoever asks later";
  Reopen();
  EXPECT_EQ(*store_->Mark("a"), "1-3");
  EXPECT_EQ(*store_->Mark("b"), "x");
}

INSTANTIATE_TEST_SUITE_P(Backends, StoreContract, testing::ValuesIn(Backends()), BackendName);

}  // namespace
}  // namespace trackwire::store
