#include "ingest/store_admin.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "ingest/tracker_check.h"
#include "tests/support/await.h"
#include "tests/support/temp_dir.h"

namespace trackwire::ingest {
namespace {

using namespace std::chrono_literals;
using tracking::Client;
using tracking::Id;
using tracking::Tracker;

class StoreAdminTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string url = "sqlite://" + directory_.File("t.db");
    auto store = store::OpenStore(url);
    ASSERT_TRUE(store);
    store_ = std::move(*store);
    auto tokens = TokenDesk::Open(url, clock_);
    ASSERT_TRUE(tokens);
    tokens_ = std::move(*tokens);
    admin_ = std::make_unique<StoreAdmin>(
        [this](const StoreJob& job, const StoreThen& then) { then(job(*store_)); }, *tokens_,
        [this](const Id& id, const std::function<void(std::optional<Tracker>)>& found) {
          const auto states = store_->TrackerStates();
          for (const auto& state : *states) {
            if (state.tracker.id == id) return found(state.tracker);
          }
          found(std::nullopt);
        });
  }
  /// `done`, or the code of the error.
  template <typename T, typename Ask>
  std::string Try(Ask ask) {
    return test::Await<std::string>([&](auto done) {
      ask([done](const Result<T>& result) { done(result ? "done" : result.error().code); });
    });
  }
  std::string Create(Tracker tracker) {
    return Try<Tracker>([&](auto done) { admin_->CreateTracker(tracker, done); });
  }
  static Tracker Called(const std::string& id) {
    Tracker tracker;
    tracker.id = Id(id);
    return tracker;
  }
  Tracker Only() { return store_->TrackerStates()->at(0).tracker; }
  std::string Issue(const std::string& id) {
    std::string token;
    Try<std::string>([&](auto done) {
      admin_->IssueToken(Id(id), [&token, done](const Result<std::string>& issued) {
        token = issued ? *issued : issued.error().code;
        done(issued);
      });
    });
    return token;
  }

  test::TempDir directory_;
  ManualClock clock_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<TokenDesk> tokens_;
  std::unique_ptr<StoreAdmin> admin_;
};

TEST_F(StoreAdminTest, WhatIsSetWhenATrackerIsMadeIsNotSaidOtherwiseByItsProvider) {
  Tracker made = Called("a");
  made.name = "By hand";
  made.provider = "traccar:office";
  made.external_id = "42";
  EXPECT_EQ(Create(made), "done");
  EXPECT_EQ(Create(made), "exists");
  Tracker described = Called("a");
  described.name = "By Traccar";
  described.category = "car";
  described.provider = "traccar:office";
  ASSERT_TRUE(store_->UpsertTrackers({described}));
  EXPECT_EQ(Only().name, "By hand");
  EXPECT_EQ(Only().external_id, "42");
  EXPECT_EQ(Only().category, "car") << "nobody had said that";
}

TEST_F(StoreAdminTest, OneWithoutAProviderPushes) {
  EXPECT_EQ(Create(Called("a")), "done");
  EXPECT_EQ(Only().provider, kPushProvider);
  EXPECT_EQ(Only().name, "a");
}

TEST_F(StoreAdminTest, LooksAtWhatIsSaidBeforeTheStoreHearsOfIt) {
  Tracker bad = Called("a");
  bad.name = std::string(257, 'x');
  EXPECT_EQ(Create(bad), "invalid");
  EXPECT_EQ(Create(Called(std::string(129, 'x'))), "invalid");
  EXPECT_EQ(Create(Called("a\nb")), "invalid");
  bad = Called("a");
  bad.provider = "two words";
  EXPECT_EQ(Create(bad), "invalid");
  bad = Called("a");
  bad.offline_after = 0s;
  EXPECT_EQ(Create(bad), "invalid");
  bad = Called("a");
  bad.attributes_json = R"({"a":{}})";
  EXPECT_EQ(Create(bad), "invalid");
  bad = Called("a");
  bad.client_id = Id("nobody");
  EXPECT_EQ(Create(bad), "unknown_client");
  EXPECT_TRUE(store_->TrackerStates()->empty());
  tracking::TrackerEdit edit;
  edit.name = "";
  EXPECT_EQ(Try<Tracker>([&](auto done) { admin_->EditTracker(Id("a"), edit, done); }), "invalid");
  edit.name = "B";
  EXPECT_EQ(Try<Tracker>([&](auto done) { admin_->EditTracker(Id("a"), edit, done); }),
            "unknown_tracker");
}

TEST_F(StoreAdminTest, KeepsAClientThatHasTrackers) {
  EXPECT_EQ(Try<Client>([&](auto done) { admin_->CreateClient({Id("c"), "C"}, done); }), "done");
  EXPECT_EQ(Try<Client>([&](auto done) { admin_->CreateClient({Id("c"), "D"}, done); }), "exists");
  Tracker owned = Called("a");
  owned.client_id = Id("c");
  EXPECT_EQ(Create(owned), "done");
  const auto remove = [&] {
    return Try<void>([&](auto done) { admin_->RemoveClient(Id("c"), done); });
  };
  EXPECT_EQ(remove(), "in_use");
  EXPECT_EQ(Try<void>([&](auto done) { admin_->RemoveTracker(Id("a"), done); }), "done");
  EXPECT_EQ(remove(), "done");
  EXPECT_EQ(remove(), "unknown_client");
}

TEST_F(StoreAdminTest, ATokenNamesItsTrackerUntilItIsRevoked) {
  EXPECT_EQ(Issue("a"), "unknown_tracker");
  Create(Called("a"));
  Create(Called("b"));
  const std::string first = Issue("a");
  const std::string second = Issue("a");
  const std::string other = Issue("b");
  EXPECT_NE(first, second);
  EXPECT_EQ(tokens_->Find(first), Id("a"));
  EXPECT_EQ(tokens_->Find(second), Id("a"));
  EXPECT_EQ(tokens_->Find(other), Id("b"));
  EXPECT_FALSE(tokens_->Find(""));
  EXPECT_FALSE(tokens_->Find(first + "x"));
  EXPECT_FALSE(tokens_->Find(TokenDigest(first))) << "what is stored is no token";
  EXPECT_EQ(Try<size_t>([&](auto done) { admin_->RevokeTokens(Id("a"), done); }), "done");
  EXPECT_FALSE(tokens_->Find(first));
  EXPECT_EQ(tokens_->Find(other), Id("b"));
  Try<void>([&](auto done) { admin_->RemoveTracker(Id("b"), done); });
  EXPECT_TRUE(test::Until([&] { return !tokens_->Find(other); })) << "it goes with its tracker";
}

TEST_F(StoreAdminTest, ATrackerHasNoMoreTokensThanAFew) {
  Create(Called("a"));
  for (size_t i = 0; i < TokenDesk::kMaxOfTracker; ++i) EXPECT_EQ(Issue("a").size(), 36u);
  EXPECT_EQ(Issue("a"), "invalid");
}

TEST_F(StoreAdminTest, OnlyWhoPushesGetsAToken) {
  Tracker fetched = Called("a");
  fetched.provider = "traccar:office";
  Create(fetched);
  EXPECT_EQ(Issue("a"), "invalid");
}

TEST_F(StoreAdminTest, NoticesTheTokensThatAnotherProcessMade) {
  Create(Called("a"));
  auto other = TokenDesk::Open("sqlite://" + directory_.File("t.db"), clock_);
  ASSERT_TRUE(other);
  const std::string token = Issue("a");
  EXPECT_FALSE((*other)->Find(token));
  (*other)->Reload();
  EXPECT_TRUE(test::Until([&] { return (*other)->Find(token) == Id("a"); }));
}

}  // namespace
}  // namespace trackwire::ingest
