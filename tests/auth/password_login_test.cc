#include "auth/password_login.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>

#include "tests/support/await.h"

namespace trackwire::auth {
namespace {

const PasswordCost kCheap{64, 1};

class PasswordLoginTest : public testing::Test {
 protected:
  using Outcome = std::shared_ptr<Result<PasswordLogin::Admission, LoginError>>;

  PasswordLoginTest() {
    Account ada;
    ada.name = "Ada";
    ada.password_hash = *HashPassword("correct horse", kCheap);
    Account off = ada;
    off.name = "Off";
    off.disabled = true;
    Account broken = ada;
    broken.name = "Broken";
    broken.password_hash = "correct horse";
    directory_.Replace({ada, off, broken});
  }
  PasswordLogin Make(const PasswordCost& cost = kCheap) {
    return PasswordLogin(directory_, cost,
                         [this](Account account, std::optional<std::string> new_hash,
                                PasswordLogin::Done done) {
                           ++settled_;
                           new_hash_ = std::move(new_hash);
                           done(PasswordLogin::Admission{std::move(account), WallTime{}});
                         });
  }
  static Outcome Try(PasswordLogin& login, const std::string& user, const std::string& password) {
    return test::Await<Outcome>([&](std::function<void(Outcome)> answer) {
      login.Try(user, password, [answer](Result<PasswordLogin::Admission, LoginError> result) {
        answer(std::make_shared<Result<PasswordLogin::Admission, LoginError>>(std::move(result)));
      });
    });
  }

  UserDirectory directory_;
  std::atomic<int> settled_{0};
  std::optional<std::string> new_hash_;
};

TEST_F(PasswordLoginTest, LetsInWhoKnowsThePassword) {
  auto login = Make();
  const auto outcome = Try(login, "ADA", "correct horse");
  ASSERT_TRUE(outcome->has_value());
  EXPECT_EQ((*outcome)->account.name, "Ada");
  EXPECT_EQ(settled_, 1);
  EXPECT_FALSE(new_hash_);
}

TEST_F(PasswordLoginTest, AnswersAllOthersAlike) {
  auto login = Make();
  const std::pair<const char*, const char*> cases[] = {
      {"Ada", "wrong horse"}, {"Ada", ""},    {"Eve", "correct horse"},
      {"Off", "correct horse"}, {"Off", "no"}, {"Broken", "correct horse"},
      {"", ""},
  };
  for (const auto& [user, password] : cases) {
    const auto outcome = Try(login, user, password);
    ASSERT_FALSE(outcome->has_value()) << user;
    EXPECT_EQ(outcome->error(), LoginError::kBadCredentials) << user;
  }
  EXPECT_EQ(settled_, 0) << "the store is asked only for who has proved to be somebody";
}

TEST_F(PasswordLoginTest, HashesAnewWhenMoreIsAskedFor) {
  auto login = Make({128, 2});
  ASSERT_TRUE(Try(login, "Ada", "correct horse")->has_value());
  ASSERT_TRUE(new_hash_);
  EXPECT_EQ(CostOf(*new_hash_), (PasswordCost{128, 2}));
  EXPECT_TRUE(*VerifyPassword("correct horse", *new_hash_));
}

TEST_F(PasswordLoginTest, SaysThatItIsBusyInsteadOfQueueingForEver) {
  std::promise<void> opened;
  auto open = opened.get_future().share();
  PasswordLogin login(directory_, kCheap,
                      [open](Account account, std::optional<std::string>, PasswordLogin::Done done) {
                        open.wait();
                        done(PasswordLogin::Admission{std::move(account), WallTime{}});
                      });
  std::atomic<int> busy{0};
  std::atomic<int> in{0};
  constexpr int kMany = 80;
  for (int i = 0; i < kMany; ++i) {
    login.Try("Ada", "correct horse", [&](Result<PasswordLogin::Admission, LoginError> result) {
      ++(result ? in : busy);
      EXPECT_TRUE(result || result.error() == LoginError::kBusy);
    });
  }
  EXPECT_GE(busy, kMany - 64 - 4);
  opened.set_value();
  EXPECT_TRUE(test::Until([&] { return in + busy == kMany; }));
  EXPECT_GE(in, 64);
}

}  // namespace
}  // namespace trackwire::auth
