#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "store/revisions.h"
#include "store/store.h"
#include "store/user_store.h"
#include "tests/store/backends.h"

namespace trackwire::store {
namespace {

using namespace std::chrono_literals;

const WallTime kNow{std::chrono::milliseconds(1'700'000'000'123)};

/// The promises of user_store.h and revisions.h, kept by every implementation.
class UserContract : public testing::TestWithParam<BackendKind> {
 protected:
  void SetUp() override {
    backend_ = GetParam().make();
    users_ = Open();
    auto revisions = OpenRevisions(backend_->url());
    ASSERT_TRUE(revisions) << revisions.error().detail;
    revisions_ = std::move(*revisions);
  }
  std::unique_ptr<UserStore> Open() {
    auto opened = OpenUserStore(backend_->url());
    EXPECT_TRUE(opened) << opened.error().detail;
    return std::move(*opened);
  }
  static User Ada() {
    User user;
    user.name = "Ada";
    user.password_hash = "$argon2id$x";
    user.roles = {"user", "pilot \"one\""};
    user.clients = {"\"acme\"", "7", "\"7\""};
    user.permissions = {"notifications:publish"};
    user.tokens_valid_from = kNow;
    user.created_at = kNow + 1ms;
    user.changed_at = kNow + 2ms;
    return user;
  }
  uint64_t Revision() { return revisions_->Read()->users; }

  std::unique_ptr<Backend> backend_;
  std::unique_ptr<UserStore> users_;
  std::unique_ptr<RevisionReader> revisions_;
};

TEST_P(UserContract, KeepsUsersOverAReopening) {
  ASSERT_TRUE(users_->Add(Ada()));
  users_.reset();
  users_ = Open();
  const auto found = users_->Find("Ada");
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->name, "Ada");
  EXPECT_EQ(found->password_hash, "$argon2id$x");
  EXPECT_EQ(found->roles, Ada().roles);
  EXPECT_EQ(found->clients, Ada().clients) << "7 and \"7\" are two";
  EXPECT_EQ(found->permissions, Ada().permissions);
  EXPECT_FALSE(found->disabled);
  EXPECT_EQ(found->tokens_valid_from, kNow);
  EXPECT_EQ(found->created_at, kNow + 1ms);
  EXPECT_EQ(found->changed_at, kNow + 2ms);
}

TEST_P(UserContract, TellsNamesApartWithoutCapitals) {
  ASSERT_TRUE(users_->Add(Ada()));
  EXPECT_EQ(users_->Find("aDA")->name, "Ada") << "shown as it was given";
  User again = Ada();
  again.name = "ADA";
  const auto added = users_->Add(again);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, "exists");
  again.name = "Zoë";
  ASSERT_TRUE(users_->Add(again));
  EXPECT_TRUE(users_->Find("ZOË"));
  EXPECT_EQ(users_->Find("Adam").error().code, "not_found");
  EXPECT_EQ(users_->Find("").error().code, "not_found");
}

TEST_P(UserContract, ListsAllByName) {
  for (const char* name : {"mia", "Ada", "Zoe", "ben"}) {
    User user = Ada();
    user.name = name;
    ASSERT_TRUE(users_->Add(user));
  }
  std::vector<std::string> names;
  const auto users = users_->Users();
  for (const User& user : *users) names.push_back(user.name);
  EXPECT_EQ(names, (std::vector<std::string>{"Ada", "ben", "mia", "Zoe"}));
}

TEST_P(UserContract, ChangesAllButTheName) {
  ASSERT_TRUE(users_->Add(Ada()));
  const auto changed = users_->Change("ADA", [](User& user) {
    user.name = "Eve";
    user.clients = {"8"};
    user.disabled = true;
    return true;
  });
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->name, "Ada");
  const auto found = users_->Find("ada");
  EXPECT_EQ(found->clients, std::vector<std::string>{"8"});
  EXPECT_TRUE(found->disabled);
  EXPECT_EQ(found->roles, Ada().roles);
  EXPECT_FALSE(users_->Find("Eve"));
}

TEST_P(UserContract, LeavesWhatAnEditDoesNotWant) {
  ASSERT_TRUE(users_->Add(Ada()));
  const uint64_t before = Revision();
  const auto same = users_->Change("Ada", [](User& user) {
    user.disabled = true;
    return false;
  });
  ASSERT_TRUE(same);
  EXPECT_FALSE(same->disabled);
  EXPECT_FALSE(users_->Find("Ada")->disabled);
  EXPECT_EQ(Revision(), before);
  bool called = false;
  const auto none = users_->Change("Bob", [&](User&) { return called = true; });
  EXPECT_EQ(none.error().code, "not_found");
  EXPECT_FALSE(called);
}

TEST_P(UserContract, RemovesAUserByName) {
  ASSERT_TRUE(users_->Add(Ada()));
  EXPECT_EQ(users_->Remove("Bob").error().code, "not_found");
  const uint64_t before = Revision();
  const auto removed = users_->Remove("aDA");
  ASSERT_TRUE(removed) << removed.error().detail;
  EXPECT_EQ(removed->name, "Ada");
  EXPECT_GT(Revision(), before);
  EXPECT_EQ(users_->Find("Ada").error().code, "not_found");
  EXPECT_TRUE(users_->Add(Ada()));
}

TEST_P(UserContract, RaisesTheRevisionWithEveryChangeOfAnybody) {
  const uint64_t start = Revision();
  ASSERT_TRUE(users_->Add(Ada()));
  const uint64_t added = Revision();
  EXPECT_GT(added, start);
  EXPECT_FALSE(users_->Add(Ada()));
  EXPECT_EQ(Revision(), added);
  auto other = Open();
  ASSERT_TRUE(other->Change("Ada", [](User& user) { return user.disabled = true; }));
  EXPECT_GT(Revision(), added);
  EXPECT_TRUE(users_->Find("Ada")->disabled) << "what another process wrote";
  EXPECT_EQ(revisions_->Read()->trackers, 0u);
}

TEST_P(UserContract, RaisesTheRevisionOfTrackersApart) {
  auto store = OpenStore(backend_->url());
  ASSERT_TRUE(store);
  tracking::Tracker tracker;
  tracker.id = tracking::Id("a");
  const auto before = *revisions_->Read();
  ASSERT_TRUE((*store)->UpsertTrackers({tracker}));
  const auto between = *revisions_->Read();
  EXPECT_GT(between.trackers, before.trackers);
  ASSERT_TRUE((*store)->UpsertClients({{tracking::Id("c"), "Arm"}}));
  const auto after = *revisions_->Read();
  EXPECT_GT(after.trackers, between.trackers);
  EXPECT_EQ(after.users, before.users);
}

TEST_P(UserContract, LosesNoChangeOfSeveralAtOnce) {
  User counted = Ada();
  counted.tokens_valid_from = kNow;
  ASSERT_TRUE(users_->Add(counted));
  constexpr int kThreads = 4;
  constexpr int kTimes = 10;
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      auto store = OpenUserStore(backend_->url());
      for (int n = 0; n < kTimes; ++n) {
        auto done = (*store)->Change("ada", [](User& user) {
          user.tokens_valid_from += 1ms;
          return true;
        });
        if (!done) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(users_->Find("Ada")->tokens_valid_from, kNow + kThreads * kTimes * 1ms);
}

TEST_P(UserContract, MayBeOpenedForTheFirstTimeBySeveralAtOnce) {
  const auto fresh = GetParam().make();
  constexpr int kThreads = 6;
  std::barrier start(kThreads);
  std::vector<std::thread> threads;
  std::vector<std::string> errors(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      auto opened = OpenUserStore(fresh->url());
      if (!opened) errors[static_cast<size_t>(i)] = opened.error().detail;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& error : errors) EXPECT_EQ(error, "");
}

INSTANTIATE_TEST_SUITE_P(Backends, UserContract, testing::ValuesIn(Backends()), BackendName);

TEST(OpenUserStoreTest, SaysWhatIsWrongWithAUrl) {
  for (const char* url : {"sqlite:", "sqlite://host/x", "mysql://x", ""}) {
    EXPECT_EQ(OpenUserStore(url).error().code, "bad_url") << url;
    EXPECT_EQ(OpenRevisions(url).error().code, "bad_url") << url;
  }
}

}  // namespace
}  // namespace trackwire::store
