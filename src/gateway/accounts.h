#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "auth/password_login.h"
#include "auth/user_directory.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/loop.h"
#include "net/timer.h"
#include "store/user_store.h"

namespace trackwire::gateway {

/// The users of the store and the directory made of them, on a thread of their own.
class Accounts {
 public:
  /// Opens the store at `url` and reads it (blocking, for start-up). `clock` outlives it.
  static Result<std::unique_ptr<Accounts>> Open(const std::string& url, const Clock& clock);
  ~Accounts();
  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;

  auth::UserDirectory& directory() { return directory_; }

  /// When there is nobody yet: makes an admin of that name with a random password, which is
  /// returned and known to nobody else. Before Start().
  Result<std::optional<std::string>> MakeFirstAdmin(const std::string& name,
                                                    const auth::PasswordCost& cost);

  void Start();
  /// Any thread. Reads the users again, soon; requests that come meanwhile are one.
  void Reload();
  /// For auth::PasswordLogin. Any thread.
  void Settle(auth::Account account, std::optional<std::string> new_hash,
              auth::PasswordLogin::Done done);
  /// Any thread. Runs `work` on the thread of the store, brings the directory up to date, then runs
  /// `then`; neither once it has stopped.
  void Administer(std::function<void(store::UserStore&)> work, std::function<void()> then);
  /// Ends the thread. Who waits for Settle() hears nothing more.
  void Stop();

 private:
  Accounts(std::unique_ptr<store::UserStore> store, const Clock& clock);
  Result<void> Load();
  void OnTimer();
  Result<auth::PasswordLogin::Admission, auth::LoginError> SettleNow(
      const auth::Account& account, const std::optional<std::string>& new_hash);

  std::unique_ptr<store::UserStore> store_;
  const Clock& clock_;
  auth::UserDirectory directory_;
  net::Loop loop_{"accounts"};
  net::Timer timer_;
};

/// The earliest time of issue with which a token counts, when all that `user` has shall end at
/// `now`.
WallTime EndTokens(const store::User& user, WallTime now);

}  // namespace trackwire::gateway
