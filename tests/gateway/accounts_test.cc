#include "gateway/accounts.h"

#include <gtest/gtest.h>

#include "auth/password.h"
#include "tests/support/await.h"
#include "tests/support/shared_clock.h"
#include "tests/support/temp_dir.h"

namespace trackwire::gateway {
namespace {

using auth::LoginError;
using auth::PasswordLogin;
using std::chrono::milliseconds;

const auth::PasswordCost kCheap{64, 1};

class AccountsTest : public testing::Test {
 protected:
  using Outcome = std::shared_ptr<Result<PasswordLogin::Admission, LoginError>>;

  AccountsTest() : users_(std::move(*store::OpenUserStore(url_))) {
    store::User ada;
    ada.name = "Ada";
    ada.password_hash = "hash";
    ada.clients = {"7"};
    ada.tokens_valid_from = clock_.WallNow();
    EXPECT_TRUE(users_->Add(ada));
    auto opened = Accounts::Open(url_, clock_);
    EXPECT_TRUE(opened) << opened.error().detail;
    accounts_ = std::move(*opened);
    accounts_->Start();
  }
  void Change(const std::function<void(store::User&)>& edit) {
    ASSERT_TRUE(users_->Change("ada", [&edit](store::User& user) {
      edit(user);
      return true;
    }));
  }
  /// Lets in who had the right password for what the directory said of Ada.
  Outcome Settle(std::optional<std::string> new_hash = std::nullopt) {
    return SettleAs(*accounts_->directory().Find("ada"), std::move(new_hash));
  }
  Outcome SettleAs(auth::Account account, std::optional<std::string> new_hash = std::nullopt) {
    return test::Await<Outcome>([&](std::function<void(Outcome)> answer) {
      accounts_->Settle(std::move(account), std::move(new_hash),
                        [answer](Result<PasswordLogin::Admission, LoginError> result) {
                          answer(std::make_shared<Result<PasswordLogin::Admission, LoginError>>(
                              std::move(result)));
                        });
    });
  }

  test::TempDir directory_;
  const std::string url_ = "sqlite://" + directory_.File("trackwire.db");
  test::SharedClock clock_;
  std::unique_ptr<store::UserStore> users_;
  std::unique_ptr<Accounts> accounts_;
};

TEST_F(AccountsTest, LetsInAsOfNowWithWhatTheStoreSays) {
  Change([](store::User& user) { user.clients = {"8"}; });
  clock_.Advance(milliseconds(5));
  const auto outcome = Settle();
  ASSERT_TRUE(outcome->has_value());
  EXPECT_EQ((*outcome)->at, clock_.WallNow());
  EXPECT_EQ((*outcome)->account.clients, std::vector<std::string>{"8"});
}

TEST_F(AccountsTest, RefusesAPasswordThatWasReplacedSinceItWasChecked) {
  Change([this](store::User& user) {
    user.password_hash = "other";
    user.tokens_valid_from = EndTokens(user, clock_.WallNow());
  });
  const auto outcome = Settle();
  ASSERT_FALSE(outcome->has_value());
  EXPECT_EQ(outcome->error(), LoginError::kBadCredentials);
  EXPECT_TRUE(test::Until([this] {
    return accounts_->directory().Find("ada")->password_hash == "other";
  })) << "the directory catches up at once";
}

TEST_F(AccountsTest, RefusesWhoWasDisabledSince) {
  Change([](store::User& user) { user.disabled = true; });
  EXPECT_EQ(Settle()->error(), LoginError::kBadCredentials);
  auth::Account gone;
  gone.name = "gone";
  EXPECT_EQ(SettleAs(gone)->error(), LoginError::kBadCredentials);
}

TEST_F(AccountsTest, KeepsANewHashOfTheSamePassword) {
  ASSERT_TRUE(Settle("better")->has_value());
  EXPECT_EQ(users_->Find("ada")->password_hash, "better");
  // Somebody who was checked against the older hash at the same time is let in as well.
  ASSERT_TRUE(SettleAs([this] {
    auth::Account account = *accounts_->directory().Find("ada");
    account.password_hash = "hash";
    return account;
  }(), "another")->has_value());
  EXPECT_EQ(users_->Find("ada")->password_hash, "better");
}

TEST_F(AccountsTest, IssuesNoTokenThatIsOlderThanThePassword) {
  // Another machine, whose clock is ahead, has set it.
  Change([this](store::User& user) {
    user.tokens_valid_from = clock_.WallNow() + std::chrono::seconds(3);
  });
  accounts_->Reload();
  ASSERT_TRUE(test::Until([this] {
    return accounts_->directory().Find("ada")->tokens_valid_from > clock_.WallNow();
  }));
  const auto outcome = Settle();
  ASSERT_TRUE(outcome->has_value());
  EXPECT_EQ((*outcome)->at, clock_.WallNow() + std::chrono::seconds(3));
}

TEST_F(AccountsTest, MakesAFirstAdminWhenThereIsNobody) {
  auto with_ada = Accounts::Open(url_, clock_);
  ASSERT_TRUE(with_ada);
  auto some = (*with_ada)->MakeFirstAdmin("admin", kCheap);
  ASSERT_TRUE(some);
  EXPECT_EQ(*some, std::nullopt) << "there is Ada";
  const std::string url = "sqlite://" + directory_.File("empty.db");
  auto fresh = Accounts::Open(url, clock_);
  ASSERT_TRUE(fresh);
  const auto password = (*fresh)->MakeFirstAdmin("admin", kCheap);
  ASSERT_TRUE(password && password->has_value());
  const auto account = (*fresh)->directory().Find("admin");
  ASSERT_NE(account, nullptr);
  EXPECT_EQ(account->roles, std::vector<std::string>{"admin"});
  EXPECT_TRUE(*auth::VerifyPassword(**password, account->password_hash));
  EXPECT_EQ(*(*fresh)->MakeFirstAdmin("admin", kCheap), std::nullopt) << "only once";
}

TEST(EndTokensTest, IsLaterThanEveryTokenThatIsOut) {
  store::User user;
  const WallTime now{milliseconds(1'000)};
  EXPECT_EQ(EndTokens(user, now), WallTime(milliseconds(1'001))) << "also of this millisecond";
  user.tokens_valid_from = WallTime(milliseconds(5'000));
  EXPECT_EQ(EndTokens(user, now), WallTime(milliseconds(5'001))) << "though the clock went back";
}

}  // namespace
}  // namespace trackwire::gateway
