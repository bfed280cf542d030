#include "auth/password_login.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/log.h"

namespace trackwire::auth {
namespace {

constexpr size_t kMaxWaiting = 64;

/// Half of the cores, so that logins never take the machine from those who are connected.
size_t Threads() {
  const size_t cores = std::thread::hardware_concurrency();
  return std::clamp<size_t>(cores / 2, 1, 4);
}

}  // namespace

PasswordLogin::PasswordLogin(const UserDirectory& directory, const PasswordCost& cost,
                             Settle settle)
    : directory_(directory),
      cost_(cost),
      settle_(std::move(settle)),
      pool_(Threads(), kMaxWaiting) {}

void PasswordLogin::Try(std::string user, std::string password, Done done) {
  // Shared, so that `done` is still there to say no when the pool has no room for the job.
  auto answer = std::make_shared<Done>(std::move(done));
  const bool taken = pool_.Submit(
      [this, user = std::move(user), password = std::move(password), answer]() mutable {
        Check(user, password, std::move(*answer));
      });
  if (!taken) (*answer)(Err(LoginError::kBusy));
}

void PasswordLogin::Hash(std::string password, Hashed done) {
  auto answer = std::make_shared<Hashed>(std::move(done));
  const bool taken = pool_.Submit([this, password = std::move(password), answer]() mutable {
    auto hash = HashPassword(password, cost_);
    Wipe(password);
    if (hash) return (*answer)(std::move(*hash));
    base::LogError("auth", "a password cannot be hashed", {{"reason", hash.error().detail}});
    (*answer)(Err(LoginError::kUnavailable));
  });
  if (!taken) (*answer)(Err(LoginError::kBusy));
}

void PasswordLogin::Check(const std::string& user, std::string& password, Done done) const {
  const auto account = directory_.Find(user);
  const bool usable = account != nullptr && CostOf(account->password_hash).has_value();
  if (account != nullptr && !usable) {
    base::LogError("auth", "the password of an account cannot be checked: set a new one",
                   {{"user", account->name}});
  }
  const std::string hash = usable ? account->password_hash : directory_.DecoyFor(user, cost_);
  auto right = VerifyPassword(password, hash);
  if (!right) {
    Wipe(password);
    base::LogError("auth", "a password cannot be checked", {{"reason", right.error().detail}});
    return done(Err(LoginError::kUnavailable));
  }
  if (!*right || !usable || account->disabled) {
    Wipe(password);
    return done(Err(LoginError::kBadCredentials));
  }
  std::optional<std::string> new_hash;
  if (NeedsRehash(account->password_hash, cost_)) {
    // The old hash goes on when this fails: it is as good as it was.
    if (auto made = HashPassword(password, cost_)) new_hash = std::move(*made);
  }
  Wipe(password);
  settle_(*account, std::move(new_hash), std::move(done));
}

}  // namespace trackwire::auth
