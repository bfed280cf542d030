#include "gateway/account_admin.h"

#include <memory>
#include <utility>

#include "auth/password.h"
#include "base/fold_case.h"
#include "base/log.h"
#include "gateway/user_rules.h"

namespace trackwire::gateway {
namespace {

using api::UserEdit;
using api::UserInfo;
using store::User;
using store::UserStore;

UserInfo InfoOf(const User& user) {
  return {user.name,        user.roles,      user.clients,   user.permissions,
          user.disabled,    user.created_at, user.changed_at};
}

std::optional<std::string> Refuse(const UserEdit& edit) {
  for (const auto* list : {&edit.roles, &edit.clients, &edit.permissions}) {
    if (!*list) continue;
    if (auto wrong = RefuseRights(**list)) return wrong;
  }
  return edit.password ? auth::RefusePassword(*edit.password) : std::nullopt;
}

bool IsEmpty(const UserEdit& edit) {
  return !edit.password && !edit.roles && !edit.clients && !edit.permissions && !edit.disabled;
}

/// `edit.password` is a hash by now.
void Apply(const UserEdit& edit, WallTime now, User& user) {
  const bool shut_out = edit.disabled.value_or(false) && !user.disabled;
  if (edit.roles) user.roles = *edit.roles;
  if (edit.clients) user.clients = *edit.clients;
  if (edit.permissions) user.permissions = *edit.permissions;
  if (edit.disabled) user.disabled = *edit.disabled;
  if (edit.password) user.password_hash = *edit.password;
  if (edit.password || shut_out) user.tokens_valid_from = EndTokens(user, now);
  user.changed_at = now;
}

/// What clients are told: the store's own words are for the log.
Error ErrorFor(const Error& error) {
  if (error.code == "exists" || error.code == "not_found") return error;
  base::LogError("gateway", "users cannot be changed",
                 {{"code", error.code}, {"detail", error.detail}});
  return {"unavailable", "the store does not take it now, try again"};
}

}  // namespace

AccountAdmin::AccountAdmin(Accounts& accounts, auth::PasswordLogin& login, const Clock& clock)
    : accounts_(accounts), login_(login), clock_(clock) {}

void AccountAdmin::List(std::string after, size_t limit, Done<std::vector<UserInfo>> done) {
  auto found = std::make_shared<Result<std::vector<User>>>(std::vector<User>());
  accounts_.Administer([found](UserStore& store) { *found = store.Users(); },
                       [found, after = base::FoldCase(after), limit, done = std::move(done)] {
                         if (!*found) return done(Err(ErrorFor(found->error())));
                         std::vector<UserInfo> users;
                         for (const User& user : **found) {
                           if (users.size() == limit) break;
                           if (base::FoldCase(user.name) > after) users.push_back(InfoOf(user));
                         }
                         done(std::move(users));
                       });
}

void AccountAdmin::Create(std::string name, UserEdit rights, Done<UserInfo> done) {
  auto wrong = RefuseUserName(name);
  if (!wrong) wrong = Refuse(rights);
  if (!wrong && !rights.password) wrong = "a password is needed";
  if (wrong) return done(Err("invalid", std::move(*wrong)));
  Hash(std::move(rights), [this, name = std::move(name),
                           done = std::move(done)](Result<UserEdit> hashed) {
    if (!hashed) return done(Err(std::move(hashed.error())));
    Run(
        [this, name, rights = std::move(*hashed)](UserStore& store) -> Result<User> {
          User user;
          user.name = name;
          const WallTime now = clock_.WallNow();
          Apply(rights, now, user);
          user.created_at = user.tokens_valid_from = now;
          if (auto added = store.Add(user); !added) return Err(std::move(added.error()));
          return user;
        },
        done);
  });
}

void AccountAdmin::Edit(std::string name, UserEdit edit, Done<UserInfo> done) {
  auto wrong = Refuse(edit);
  if (!wrong && IsEmpty(edit)) wrong = "there is nothing to change";
  if (wrong) return done(Err("invalid", std::move(*wrong)));
  Hash(std::move(edit), [this, name = std::move(name),
                         done = std::move(done)](Result<UserEdit> hashed) {
    if (!hashed) return done(Err(std::move(hashed.error())));
    Run(
        [this, name, edit = std::move(*hashed)](UserStore& store) {
          return store.Change(name, [&](User& user) {
            Apply(edit, clock_.WallNow(), user);
            return true;
          });
        },
        done);
  });
}

void AccountAdmin::Remove(std::string name, Done<std::string> done) {
  Run([name = std::move(name)](UserStore& store) { return store.Remove(name); },
      [done = std::move(done)](const Result<UserInfo>& removed) {
        if (!removed) return done(Err(Error(removed.error())));
        done(removed->name);
      });
}

void AccountAdmin::Run(Change change, Done<UserInfo> done) {
  auto result = std::make_shared<Result<User>>(User());
  accounts_.Administer([result, change = std::move(change)](
                           UserStore& store) { *result = change(store); },
                       [result, done = std::move(done)] {
                         if (!*result) return done(Err(ErrorFor(result->error())));
                         done(InfoOf(**result));
                       });
}

void AccountAdmin::Hash(UserEdit edit, std::function<void(Result<UserEdit>)> then) {
  if (!edit.password) return then(std::move(edit));
  std::string password = std::move(*edit.password);
  login_.Hash(std::move(password), [edit = std::move(edit), then = std::move(then)](
                                       Result<std::string, auth::LoginError> hash) mutable {
    if (hash) {
      edit.password = std::move(*hash);
      return then(std::move(edit));
    }
    if (hash.error() == auth::LoginError::kBusy) {
      return then(Err("busy", "too many passwords are being hashed, try again"));
    }
    then(Err("unavailable", "the password cannot be hashed now"));
  });
}

}  // namespace trackwire::gateway
