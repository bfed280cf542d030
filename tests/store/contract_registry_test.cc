#include "tests/store/contract.h"

namespace trackwire::store {
namespace {

using namespace std::chrono_literals;
using tracking::Client;
using tracking::Id;
using tracking::Tracker;
using tracking::TrackerEdit;

/// The promises of store.h about clients and trackers that come and go.
class RegistryContract : public ContractTest {};

TEST_P(RegistryContract, CreatesATrackerOnceAsItIsGiven) {
  ASSERT_TRUE(store_->CreateClient({Id("acme"), "Acme"}));
  Tracker tracker = SomeTracker(Id(int64_t{7}));
  tracker.client_id = Id("acme");
  tracker.is_public = true;
  tracker.provider = "push";
  tracker.external_id = "imei-1";
  tracker.offline_after = 77s;
  tracker.expected_interval = 15s;
  tracker.attributes_json = R"({"n":1})";
  tracker.edited.category = true;
  tracker.edited.expected_interval = true;
  const uint64_t before = Revision();
  ASSERT_TRUE(store_->CreateTracker(tracker));
  EXPECT_GT(Revision(), before);
  Reopen();
  const Tracker back = State().tracker;
  EXPECT_EQ(back.id, tracker.id);
  EXPECT_EQ(back.name, "Sea Breeze");
  EXPECT_EQ(back.category, "cargo");
  EXPECT_EQ(back.client_id, Id("acme"));
  EXPECT_TRUE(back.is_public);
  EXPECT_EQ(back.provider, "push");
  EXPECT_EQ(back.external_id, "imei-1");
  EXPECT_EQ(back.offline_after, 77s);
  EXPECT_EQ(back.expected_interval, 15s);
  EXPECT_EQ(back.attributes_json, R"({"n":1})");
  EXPECT_TRUE(back.edited.category);
  EXPECT_TRUE(back.edited.expected_interval);
  EXPECT_FALSE(back.edited.name);

  tracker.name = "Other";
  EXPECT_EQ(store_->CreateTracker(tracker).error().code, "exists");
  EXPECT_EQ(State().tracker.name, "Sea Breeze");
  EXPECT_TRUE(store_->CreateTracker(SomeTracker(Id("7")))) << "7 and \"7\" are two";
}

TEST_P(RegistryContract, CreatesNoTrackerOfNobody) {
  Tracker tracker = SomeTracker(Id("a"));
  tracker.client_id = Id("nobody");
  EXPECT_EQ(store_->CreateTracker(tracker).error().code, "unknown_client");
  EXPECT_TRUE(store_->TrackerStates()->empty());
}

TEST_P(RegistryContract, RemovesATrackerWithAllThatIsItsOwn) {
  Register({SomeTracker(Id("a")), SomeTracker(Id("b"))});
  Write({At(Id("a"), 1s), At(Id("a"), 2s), At(Id("b"), 1s)});
  WriteBatch status;
  status.statuses = {
      {Id("a"), {tracking::Connectivity::kOnline, tracking::Motion::kMoving, kNow, kNow}}};
  ASSERT_TRUE(store_->Write(status));
  const auto tokens = OpenTokens();
  ASSERT_TRUE(tokens->Add({"d1", Id("a"), kNow}));
  ASSERT_TRUE(tokens->Add({"d2", Id("b"), kNow}));
  const uint64_t before = Revision();

  const auto removed = store_->RemoveTracker(Id("a"));
  ASSERT_TRUE(removed) << removed.error().detail;
  EXPECT_GT(Revision(), before);
  ASSERT_EQ(store_->TrackerStates()->size(), 1u);
  EXPECT_EQ(State().tracker.id, Id("b"));
  EXPECT_TRUE(History(Id("a")).empty());
  EXPECT_EQ(History(Id("b")).size(), 1u);
  ASSERT_EQ(tokens->All()->size(), 1u);
  EXPECT_EQ(tokens->All()->at(0).digest, "d2");
  EXPECT_EQ(store_->RemoveTracker(Id("a")).error().code, "unknown_tracker");
  EXPECT_EQ(Write({At(Id("a"), 3s)}).unknown, 1u);

  Register({SomeTracker(Id("a"))});
  EXPECT_TRUE(History(Id("a")).empty()) << "nothing comes back with the name";
  EXPECT_FALSE(State(Id("a")).latest);
  EXPECT_EQ(State(Id("a")).status.connectivity, tracking::Connectivity::kUnknown);
}

TEST_P(RegistryContract, SweepsALongHistoryInBitsBetweenWhichOthersWrite) {
  constexpr int kLong = 105'000;
  constexpr int kBit = 10'000;
  Register({SomeTracker(Id("b")), SomeTracker(Id("a"))});
  for (int from = 0; from < kLong; from += 35'000) {
    std::vector<tracking::Position> many;
    for (int i = 0; i < 35'000; ++i) many.push_back(At(Id("a"), (from + i) * 1ms));
    ASSERT_EQ(Write(many).stored, 35'000u);
  }
  EXPECT_FALSE(*store_->SweepRemoved(kBit)) << "nobody is removed yet";
  ASSERT_TRUE(store_->RemoveTracker(Id("a")));
  EXPECT_EQ(store_->TrackerStates()->size(), 1u) << "gone at once";
  EXPECT_TRUE(History(Id("a")).empty());

  // Made again while the old history is still there: that of another, whatever its number.
  Register({SomeTracker(Id("a"))});
  EXPECT_TRUE(History(Id("a")).empty());
  EXPECT_EQ(Write({At(Id("a"), 1s)}).stored, 1u);
  size_t bits = 0;
  while (*store_->SweepRemoved(kBit)) {
    EXPECT_EQ(Write({At(Id("b"), ++bits * 1ms)}).stored, 1u);
    if (bits == 3) Reopen();
    if (bits == 5) Register({SomeTracker(Id("c"))});
    ASSERT_LE(bits, 12u);
  }
  EXPECT_EQ(bits, 11u);
  EXPECT_EQ(History(Id("a")).size(), 1u);
  EXPECT_EQ(History(Id("b")).size(), bits);
  EXPECT_EQ(*store_->Prune(kNow + 24h, 1'000'000), bits + 1) << "nothing is left behind";
}

TEST_P(RegistryContract, NumbersOfThoseThatAreGoneAreFreeAfterTheSweep) {
  for (int round = 0; round < 3; ++round) {
    Register({SomeTracker(Id("a"))});
    EXPECT_EQ(Write({At(Id("a"), 1s), At(Id("a"), 2s)}).stored, 2u);
    ASSERT_TRUE(store_->RemoveTracker(Id("a")));
    if (round != 1) continue;
    while (*store_->SweepRemoved(1)) {
    }
  }
  while (*store_->SweepRemoved(10)) {
  }
  EXPECT_EQ(*store_->Prune(kNow + 24h, 100), 0u);
}

TEST_P(RegistryContract, ClientsComeChangeAndGo) {
  uint64_t revision = Revision();
  const auto rises = [&] { return Revision() > std::exchange(revision, Revision()); };
  ASSERT_TRUE(store_->CreateClient({Id("acme"), "Acme"}));
  EXPECT_TRUE(rises());
  EXPECT_EQ(store_->CreateClient({Id("acme"), "Other"}).error().code, "exists");
  ASSERT_TRUE(store_->EditClient({Id("acme"), "Acme Ltd"}));
  EXPECT_TRUE(rises());
  EXPECT_EQ(store_->EditClient({Id("nobody"), "x"}).error().code, "unknown_client");
  EXPECT_EQ(store_->Clients()->at(0).name, "Acme Ltd");

  Tracker tracker = SomeTracker(Id("a"));
  tracker.client_id = Id("acme");
  Register({tracker});
  EXPECT_EQ(store_->RemoveClient(Id("acme")).error().code, "in_use");
  EXPECT_EQ(store_->Clients()->size(), 1u);
  ASSERT_TRUE(store_->RemoveTracker(Id("a")));
  ASSERT_TRUE(store_->RemoveClient(Id("acme")));
  EXPECT_TRUE(rises());
  EXPECT_TRUE(store_->Clients()->empty());
  EXPECT_EQ(store_->RemoveClient(Id("acme")).error().code, "unknown_client");
}

TEST_P(RegistryContract, EveryFieldSetByHandStays) {
  const Tracker described = SomeTracker(Id("a"));
  Register({described});
  TrackerEdit edit;
  edit.category = "ferry";
  edit.offline_after = 30s;
  edit.expected_interval = 5s;
  const auto edited = store_->EditTracker(Id("a"), edit);
  ASSERT_TRUE(edited) << edited.error().detail;
  EXPECT_EQ(edited->category, "ferry");
  Register({described});
  Reopen();
  const Tracker back = State().tracker;
  EXPECT_EQ(back.category, "ferry");
  EXPECT_EQ(back.offline_after, 30s);
  EXPECT_EQ(back.expected_interval, 5s);
  EXPECT_TRUE(back.edited.category && back.edited.offline_after && back.edited.expected_interval);
  EXPECT_FALSE(back.edited.name || back.edited.source);
}

TEST_P(RegistryContract, ATrackerMovedToAnotherProviderIsNotTakenBack) {
  Tracker described = SomeTracker(Id("a"));
  described.provider = "replay:x";
  Register({described});
  TrackerEdit move;
  move.provider = "push";
  move.external_id = "imei-1";
  ASSERT_TRUE(store_->EditTracker(Id("a"), move));
  described.name = "Renamed";
  Register({described});
  EXPECT_EQ(State().tracker.provider, "push");
  EXPECT_EQ(State().tracker.external_id, "imei-1");
  EXPECT_EQ(State().tracker.name, "Sea Breeze") << "it is described by its own provider alone";

  described.provider = "push";
  Register({described});
  EXPECT_EQ(State().tracker.name, "Renamed");
  EXPECT_EQ(State().tracker.external_id, "imei-1");
}

TEST_P(RegistryContract, TheSameTrackerTwiceInOneListIsOne) {
  Tracker second = SomeTracker(Id("a"));
  second.name = "Second";
  Register({SomeTracker(Id("a")), SomeTracker(Id("b")), second});
  ASSERT_EQ(store_->TrackerStates()->size(), 2u);
  EXPECT_EQ(State(Id("a")).tracker.name, "Second");
  ASSERT_TRUE(store_->UpsertClients({{Id("c"), "One"}, {Id("c"), "Two"}}));
  EXPECT_EQ(store_->Clients()->at(0).name, "Two");
}

TEST_P(RegistryContract, WhatIsSaidAgainIsNoChange) {
  Tracker tracker = SomeTracker(Id("a"));
  Register({tracker, SomeTracker(Id("b"))});
  ASSERT_TRUE(store_->UpsertClients({{Id("c"), "C"}}));
  const uint64_t before = Revision();
  Register({SomeTracker(Id("b")), tracker});
  ASSERT_TRUE(store_->UpsertClients({{Id("c"), "C"}}));
  EXPECT_EQ(Revision(), before) << "others need not read all again";
  tracker.client_id = Id("c");
  Register({tracker});
  EXPECT_GT(Revision(), before) << "from nobody's to somebody's";
  const uint64_t owned = Revision();
  tracker.client_id = std::nullopt;
  Register({tracker});
  EXPECT_GT(Revision(), owned);
}

/// The promises of ingest_tokens.h.
class TokenContract : public ContractTest {};

TEST_P(TokenContract, KeepsWhatBelongsToTrackers) {
  Register({SomeTracker(Id("a")), SomeTracker(Id(int64_t{7}))});
  auto tokens = OpenTokens();
  const uint64_t before = Revision();
  ASSERT_TRUE(tokens->Add({"aa", Id("a"), kNow}));
  EXPECT_GT(Revision(), before);
  ASSERT_TRUE(tokens->Add({"bb", Id("a"), kNow + 1s}));
  ASSERT_TRUE(tokens->Add({"cc", Id(int64_t{7}), kNow + 2s}));
  EXPECT_EQ(tokens->Add({"dd", Id("x"), kNow}).error().code, "unknown_tracker");
  EXPECT_EQ(tokens->Add({"aa", Id(int64_t{7}), kNow}).error().code, "exists");

  tokens = OpenTokens();
  const auto all = *tokens->All();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].digest, "aa");
  EXPECT_EQ(all[0].tracker, Id("a"));
  EXPECT_EQ(all[0].created_at, kNow);
  EXPECT_EQ(all[2].tracker, Id(int64_t{7}));

  const uint64_t then = Revision();
  EXPECT_EQ(*tokens->RemoveOf(Id("a")), 2u);
  EXPECT_GT(Revision(), then);
  EXPECT_EQ(*tokens->RemoveOf(Id("a")), 0u);
  EXPECT_EQ(*tokens->RemoveOf(Id("x")), 0u);
  EXPECT_EQ(tokens->All()->size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Backends, RegistryContract, testing::ValuesIn(Backends()), BackendName);
INSTANTIATE_TEST_SUITE_P(Backends, TokenContract, testing::ValuesIn(Backends()), BackendName);

}  // namespace
}  // namespace trackwire::store
