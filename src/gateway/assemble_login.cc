// Users of the store: who they are, how they sign in, how changes to them are noticed.
#include "base/fold_case.h"
#include "gateway/login_config_keys.h"
#include "gateway/parts.h"
#include "gateway/token_keys.h"

namespace trackwire::gateway {
namespace {

constexpr const char* kFirstAdmin = "admin";

}  // namespace

Result<void> Gateway::Parts::OpenAccounts(bool demo) {
  auto watch_opened = StoreWatch::Open(config.database_url);
  if (!watch_opened) return Err(std::move(watch_opened.error()));
  store_watch = std::move(*watch_opened);
  if (!LoginIsOn(config)) {
    // Tokens of a time when it was on.
    verifier->AddCheck([](auth::Identity& identity) -> std::optional<auth::TokenError> {
      if (identity.from_login) return auth::TokenError::kUnknownAccount;
      return std::nullopt;
    });
    return Ok();
  }
  auto opened = Accounts::Open(config.database_url, clock);
  if (!opened) return Err(std::move(opened.error()));
  accounts = std::move(*opened);
  const auth::PasswordCost cost = PasswordCostOf(config);
  if (demo) {
    auto made = accounts->MakeFirstAdmin(kFirstAdmin, cost);
    if (!made) return Err(std::move(made.error()));
    first_password = std::move(*made);
  }
  accounts->Start();
  verifier->AddCheck(
      [this](auth::Identity& identity) { return accounts->directory().Check(identity); });
  store_watch->OnChanged(StoreWatch::Kind::kUsers, [this] { accounts->Reload(); });
  password_login = std::make_unique<auth::PasswordLogin>(
      accounts->directory(), cost,
      [this](auth::Account account, std::optional<std::string> new_hash,
             auth::PasswordLogin::Done done) {
        accounts->Settle(std::move(account), std::move(new_hash), std::move(done));
      });
  account_admin = std::make_unique<AccountAdmin>(*accounts, *password_login, clock);
  return Ok();
}

void Gateway::Parts::MakeLoginRoutes() {
  login_desk.on = accounts != nullptr;
  if (login_desk.on) {
    login_desk.login = password_login.get();
    login_desk.users = &accounts->directory();
    login_desk.key = secret;
    login_desk.rules = ClaimRulesOf(config);
    login_desk.lifetime = std::chrono::hours(config.auth_session_hours);
    GuardLogin();
    login_desk.end_token = [this](const std::string& token_id, WallTime until,
                                  std::function<void(Result<void>)> done) {
      revocations->LogOut(token_id, until, std::move(done));
    };
  }
  login_route = std::make_unique<api::LoginEndpoint>(*access, login_desk);
  logout_route = std::make_unique<api::LogoutEndpoint>(*access, login_desk);
  me_route = std::make_unique<api::MeEndpoint>(*access, login_desk);
  router.Mount("/api/login", login_route.get());
  router.Mount("/api/logout", logout_route.get());
  router.Mount("/api/me", me_route.get());
}

void Gateway::Parts::GuardLogin() {
  // Names that are the same to the store are the same here.
  login_desk.guard.ask = [this](const std::string& user, const std::string& address,
                                api::LoginGuard::Asked done) {
    auth::Caller caller;
    caller.user = base::FoldCase(user);
    caller.address = address;
    auto answer = std::make_shared<api::LoginGuard::Asked>(std::move(done));
    limits->Check(auth::LimitKind::kLogin, caller, [answer](broker::Verdict verdict) {
      if (verdict.allowed) return (*answer)(std::nullopt);
      (*answer)(verdict.retry_after);
    });
  };
  // A password that is still being checked when the gateway stops outlives the broker, which has
  // the buckets and ends on the control loop.
  login_desk.guard.give_back = [this](const std::string& user) {
    control.Post([this, name = base::FoldCase(user)] {
      if (broker != nullptr) limits->GiveBack(auth::LimitKind::kLogin, name);
    });
  };
}

std::string Gateway::Parts::DescribeUsers() {
  if (!first_password) return std::to_string(accounts->directory().size());
  std::string text =
      std::string(kFirstAdmin) + ", password " + *first_password + " (shown this once)";
  auth::Wipe(*first_password);
  first_password.reset();
  return text;
}

void Gateway::Parts::WatchStore() {
  if (config.database_url != "sqlite::memory:") {
    sweeper = std::make_unique<HistorySweeper>(config.database_url, HistorySweeper::Options());
    // Whoever removes a tracker, here or elsewhere, changes what is watched.
    store_watch->OnChanged(StoreWatch::Kind::kTrackers, [this] { sweeper->Wake(); });
    sweeper->Wake();
  }
  store_watch->Start();
}

void Gateway::Parts::StopAccounts() {
  // The other loops have ended: nobody asks these any more.
  if (store_watch != nullptr) store_watch->Stop();
  sweeper.reset();
  // What it is at answers parts that go before it does.
  if (tokens != nullptr) tokens->Stop();
  password_login.reset();
  if (accounts != nullptr) accounts->Stop();
}

}  // namespace trackwire::gateway
