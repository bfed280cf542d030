#include "gateway/accounts.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "auth/password.h"
#include "base/log.h"
#include "net/timer_wheel.h"
#include "store/store_url.h"

namespace trackwire::gateway {
namespace {

using auth::LoginError;
using auth::PasswordLogin;
using std::chrono::milliseconds;

constexpr milliseconds kAfterFailure{1'000};

auth::Account AccountOf(store::User user) {
  return {std::move(user.name),
          std::move(user.password_hash),
          std::move(user.roles),
          std::move(user.clients),
          std::move(user.permissions),
          user.disabled,
          user.tokens_valid_from};
}

}  // namespace

Result<std::unique_ptr<Accounts>> Accounts::Open(const std::string& url, const Clock& clock) {
  auto store = store::OpenUserStore(url);
  if (!store) return Err(store.error().code, store::DescribeUrl(url) + ": " + store.error().detail);
  std::unique_ptr<Accounts> accounts(new Accounts(std::move(*store), clock));
  auto loaded = accounts->Load();
  if (!loaded) return Err(loaded.error().code, store::DescribeUrl(url) + ": " + loaded.error().detail);
  return accounts;
}

Accounts::Accounts(std::unique_ptr<store::UserStore> store, const Clock& clock)
    : store_(std::move(store)),
      clock_(clock),
      timer_([](void* self) { static_cast<Accounts*>(self)->OnTimer(); }, this) {}

Accounts::~Accounts() { Stop(); }

Result<std::optional<std::string>> Accounts::MakeFirstAdmin(const std::string& name,
                                                            const auth::PasswordCost& cost) {
  if (directory_.size() > 0) return std::optional<std::string>();
  std::string password = auth::MakePassword();
  auto hash = auth::HashPassword(password, cost);
  if (!hash) return Err(std::move(hash.error()));
  store::User user;
  user.name = name;
  user.password_hash = std::move(*hash);
  user.roles = {std::string(auth::kAdminRole)};
  user.created_at = user.changed_at = user.tokens_valid_from = clock_.WallNow();
  if (auto added = store_->Add(user); !added) return Err(std::move(added.error()));
  if (auto loaded = Load(); !loaded) return Err(std::move(loaded.error()));
  return std::optional<std::string>(std::move(password));
}

void Accounts::Start() { loop_.Start(); }

void Accounts::Stop() {
  loop_.Post([this] { timer_.Cancel(); });
  loop_.Stop();
}

void Accounts::Reload() {
  loop_.Post([this] {
    if (!timer_.armed()) timer_.Start(loop_.timers(), milliseconds(0));
  });
}

Result<void> Accounts::Load() {
  auto users = store_->Users();
  if (!users) return Err(std::move(users.error()));
  std::vector<auth::Account> accounts;
  for (store::User& user : *users) accounts.push_back(AccountOf(std::move(user)));
  directory_.Replace(std::move(accounts));
  return Ok();
}

void Accounts::OnTimer() {
  auto loaded = Load();
  if (loaded) return;
  base::LogError("gateway", "users cannot be read from the store, trying again",
                 {{"code", loaded.error().code}, {"detail", loaded.error().detail}});
  timer_.Start(loop_.timers(), kAfterFailure);
}

void Accounts::Settle(auth::Account account, std::optional<std::string> new_hash,
                      PasswordLogin::Done done) {
  loop_.Post([this, account = std::move(account), new_hash = std::move(new_hash),
              done = std::move(done)] { done(SettleNow(account, new_hash)); });
}

void Accounts::Administer(std::function<void(store::UserStore&)> work,
                          std::function<void()> then) {
  loop_.Post([this, work = std::move(work), then = std::move(then)] {
    work(*store_);
    OnTimer();
    then();
  });
}

Result<PasswordLogin::Admission, LoginError> Accounts::SettleNow(
    const auth::Account& account, const std::optional<std::string>& new_hash) {
  PasswordLogin::Admission admission;
  bool same = false;
  // Inside, nobody can change the user: a token is issued before a new password, which ends it, or
  // after, when the old password is refused here.
  auto user = store_->Change(account.name, [&](store::User& now) {
    same = !now.disabled && now.tokens_valid_from == account.tokens_valid_from;
    admission.at = std::max(clock_.WallNow(), now.tokens_valid_from);
    if (!same || !new_hash || now.password_hash != account.password_hash) return false;
    now.password_hash = *new_hash;
    return true;
  });
  if (!user && user.error().code != "not_found") {
    base::LogError("gateway", "nobody can sign in: the store does not answer",
                   {{"code", user.error().code}, {"detail", user.error().detail}});
    return Err(LoginError::kUnavailable);
  }
  if (!user || !same) {
    Reload();  // the directory is behind
    return Err(LoginError::kBadCredentials);
  }
  admission.account = AccountOf(std::move(*user));
  return admission;
}

WallTime EndTokens(const store::User& user, WallTime now) {
  return std::max(now, user.tokens_valid_from) + milliseconds(1);
}

}  // namespace trackwire::gateway
