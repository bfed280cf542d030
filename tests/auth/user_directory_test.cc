#include "auth/user_directory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "auth/password.h"

namespace trackwire::auth {
namespace {

using std::chrono::milliseconds;

const WallTime kNow{milliseconds(1'700'000'000'000)};

Account AccountOf(const std::string& name) {
  Account account;
  account.name = name;
  account.password_hash = DecoyHash({64, 1});
  account.roles = {"user"};
  account.clients = {"7", "\"acme\""};
  account.permissions = {"notifications:publish"};
  account.tokens_valid_from = kNow;
  return account;
}

/// What a token of our own login says by itself.
Identity Login(const std::string& name, WallTime issued_at = kNow) {
  Identity identity;
  identity.authenticated = true;
  identity.user = name;
  identity.from_login = true;
  identity.issued_at = issued_at;
  identity.roles = {"admin"};
  return identity;
}

class UserDirectoryTest : public testing::Test {
 protected:
  UserDirectoryTest() {
    directory_.OnChanged([this](const std::vector<std::string>& users) { told_.push_back(users); });
    directory_.Replace({AccountOf("Ada"), AccountOf("Bob")});
  }
  /// Loads Ada as `edit` makes her, and Bob as he is.
  template <typename Edit>
  void ReloadWith(Edit edit) {
    auto bob = *directory_.Find("bob");
    Account ada = *directory_.Find("ada");
    edit(ada);
    directory_.Replace({ada, bob});
  }

  UserDirectory directory_;
  std::vector<std::vector<std::string>> told_;
};

TEST_F(UserDirectoryTest, FindsAccountsWithoutRegardToCapitals) {
  ASSERT_NE(directory_.Find("aDA"), nullptr);
  EXPECT_EQ(directory_.Find("aDA")->name, "Ada");
  EXPECT_EQ(directory_.Find("Eve"), nullptr);
  EXPECT_EQ(directory_.size(), 2u);
}

TEST_F(UserDirectoryTest, GivesATokenTheRightsThatTheAccountHasNow) {
  Identity identity = Login("ADA");
  EXPECT_EQ(directory_.Check(identity), std::nullopt);
  EXPECT_EQ(identity.user, "Ada");
  EXPECT_EQ(identity.roles, std::vector<std::string>{"user"}) << "whatever the token says";
  EXPECT_EQ(identity.clients, (std::vector<std::string>{"\"acme\"", "7"})) << "sorted";
  EXPECT_EQ(identity.permissions, std::vector<std::string>{"notifications:publish"});
}

TEST_F(UserDirectoryTest, RefusesTokensOfThoseWhoMayNotComeIn) {
  Identity eve = Login("eve");
  EXPECT_EQ(directory_.Check(eve), TokenError::kUnknownAccount);
  ReloadWith([](Account& ada) { ada.disabled = true; });
  Identity ada = Login("ada");
  EXPECT_EQ(directory_.Check(ada), TokenError::kAccountDisabled);
}

TEST_F(UserDirectoryTest, RefusesTokensThatAreOlderThanThePassword) {
  Identity before = Login("ada", kNow - milliseconds(1));
  EXPECT_EQ(directory_.Check(before), TokenError::kRevoked);
  Identity at = Login("ada", kNow);
  EXPECT_EQ(directory_.Check(at), std::nullopt);
  Identity timeless = Login("ada");
  timeless.issued_at.reset();
  EXPECT_EQ(directory_.Check(timeless), TokenError::kRevoked);
}

TEST_F(UserDirectoryTest, LeavesTokensAloneThatAreNotOfOurLogin) {
  Identity foreign = Login("eve");
  foreign.from_login = false;
  EXPECT_EQ(directory_.Check(foreign), std::nullopt);
  EXPECT_EQ(foreign.roles, std::vector<std::string>{"admin"});
  Identity nobody;
  EXPECT_EQ(directory_.Check(nobody), std::nullopt);
}

TEST_F(UserDirectoryTest, TellsWhoseRightsChanged) {
  EXPECT_TRUE(told_.empty()) << "the first load is no change";
  ReloadWith([](Account&) {});
  ReloadWith([](Account& ada) { ada.password_hash = DecoyHash({64, 2}); });
  EXPECT_TRUE(told_.empty()) << "a hash made anew of the same password";
  ReloadWith([](Account& ada) { ada.clients = {"\"acme\"", "7", "7"}; });
  EXPECT_TRUE(told_.empty()) << "the same clients";
  const std::vector<std::string> ada{"Ada"};
  ReloadWith([](Account& a) { a.clients = {"8"}; });
  ReloadWith([](Account& a) { a.roles = {"admin"}; });
  ReloadWith([](Account& a) { a.permissions.clear(); });
  ReloadWith([](Account& a) { a.disabled = true; });
  ReloadWith([](Account& a) { a.disabled = false; });
  ReloadWith([](Account& a) { a.tokens_valid_from += milliseconds(1); });
  EXPECT_EQ(told_, std::vector<std::vector<std::string>>(6, ada));
  told_.clear();
  directory_.Replace({AccountOf("Bob"), AccountOf("Cy")});
  EXPECT_EQ(told_, (std::vector<std::vector<std::string>>{{"Ada", "Cy"}}));
}

TEST_F(UserDirectoryTest, MakesUnknownNamesCostWhatKnownOnesDo) {
  const PasswordCost cheap{64, 1};
  const PasswordCost dear{128, 3};
  EXPECT_EQ(CostOf(UserDirectory().DecoyFor("eve", dear)), dear);
  ReloadWith([&](Account& ada) { ada.password_hash = DecoyHash(dear); });
  std::set<uint32_t> costs;
  for (int i = 0; i < 64; ++i) {
    const std::string name = "eve " + std::to_string(i);
    const auto cost = CostOf(directory_.DecoyFor(name, PasswordCost{}));
    ASSERT_TRUE(cost);
    EXPECT_TRUE(*cost == cheap || *cost == dear);
    EXPECT_EQ(CostOf(directory_.DecoyFor(name, PasswordCost{})), cost) << "the same each time";
    costs.insert(cost->memory_kib);
  }
  EXPECT_EQ(costs.size(), 2u);
}

TEST_F(UserDirectoryTest, IsReadWhileItIsReplaced) {
  const auto load = [this](size_t n) {
    ReloadWith([n](Account& ada) {
      ada.roles.assign(n, "user");
      ada.clients.clear();
      for (size_t i = 0; i < n; ++i) ada.clients.push_back(std::to_string(i));
    });
  };
  load(1);
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  std::atomic<int> torn{0};
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        Identity identity = Login("ada");
        const auto error = directory_.Check(identity);
        if (error || identity.roles.size() != identity.clients.size()) ++torn;
      }
    });
  }
  for (size_t n = 0; n < 50; ++n) load(n % 3 + 1);
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(torn, 0);
}

}  // namespace
}  // namespace trackwire::auth
