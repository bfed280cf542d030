#include "auth/user_directory.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "auth/audit.h"
#include "base/fold_case.h"
#include "base/text.h"

namespace trackwire::auth {
namespace {

constexpr size_t kDecoyKeyBytes = 32;

/// A word for what became of an account, or nothing when its bearer need not care.
const char* ChangeOf(const Account* before, const Account* after) {
  if (before == nullptr) return "added";
  if (after == nullptr) return "removed";
  if (before->disabled != after->disabled) return after->disabled ? "disabled" : "enabled";
  if (before->tokens_valid_from != after->tokens_valid_from) return "new_password";
  const bool same = before->roles == after->roles && before->clients == after->clients &&
                    before->permissions == after->permissions;
  return same ? nullptr : "new_rights";
}

void SortOnce(std::vector<std::string>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

/// A number that nobody can foresee who does not know `key`.
uint64_t KeyedNumber(const std::string& key, std::string_view text) {
  const std::string input = key + std::string(text);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(input.data()), input.size(), digest.data());
  uint64_t number = 0;
  for (size_t i = 0; i < sizeof number; ++i) number = number << 8 | digest[i];
  return number;
}

}  // namespace

UserDirectory::UserDirectory()
    : accounts_(std::make_shared<const Accounts>()),
      decoy_key_(base::RandomBytes(kDecoyKeyBytes)) {}

std::shared_ptr<const UserDirectory::Accounts> UserDirectory::Current() const {
  const std::lock_guard lock(mutex_);
  return accounts_;
}

void UserDirectory::Replace(std::vector<Account> accounts) {
  auto next = std::make_shared<Accounts>();
  for (Account& account : accounts) {
    SortOnce(account.clients);
    std::string key = base::FoldCase(account.name);
    next->emplace(std::move(key), std::make_shared<const Account>(std::move(account)));
  }
  const auto before = Current();
  {
    const std::lock_guard lock(mutex_);
    accounts_ = next;
  }
  if (!std::exchange(loaded_, true)) return;
  std::vector<std::string> changed;
  const auto compare = [&changed](const Account* old, const Account* now) {
    const char* change = ChangeOf(old, now);
    if (change == nullptr) return;
    changed.push_back((now != nullptr ? now : old)->name);
    Audit({}, {"user.change", changed.back(), change});
  };
  for (const auto& [key, account] : *before) {
    const auto found = next->find(key);
    compare(account.get(), found == next->end() ? nullptr : found->second.get());
  }
  for (const auto& [key, account] : *next) {
    if (before->count(key) == 0) compare(nullptr, account.get());
  }
  if (changed.empty()) return;
  for (const Handler& handler : handlers_) handler(changed);
}

void UserDirectory::OnChanged(Handler handler) { handlers_.push_back(std::move(handler)); }

std::shared_ptr<const Account> UserDirectory::Find(std::string_view name) const {
  const auto accounts = Current();
  const auto found = accounts->find(base::FoldCase(name));
  return found == accounts->end() ? nullptr : found->second;
}

size_t UserDirectory::size() const { return Current()->size(); }

std::optional<TokenError> UserDirectory::Check(Identity& identity) const {
  if (!identity.from_login) return std::nullopt;
  const auto account = Find(identity.user);
  if (account == nullptr) return TokenError::kUnknownAccount;
  if (account->disabled) return TokenError::kAccountDisabled;
  // Without its time a token cannot be older or younger than a password.
  if (!identity.issued_at || *identity.issued_at < account->tokens_valid_from) {
    return TokenError::kRevoked;
  }
  identity.user = account->name;
  identity.roles = account->roles;
  identity.clients = account->clients;
  identity.permissions = account->permissions;
  return std::nullopt;
}

std::string UserDirectory::DecoyFor(std::string_view name, const PasswordCost& cost) const {
  const auto accounts = Current();
  PasswordCost chosen_cost = cost;
  if (!accounts->empty()) {
    const uint64_t number = KeyedNumber(decoy_key_, base::FoldCase(name));
    const auto chosen =
        std::next(accounts->begin(), static_cast<std::ptrdiff_t>(number % accounts->size()));
    chosen_cost = CostOf(chosen->second->password_hash).value_or(cost);
  }
  return DecoyHash(chosen_cost);
}

Identity IdentityOf(const Account& account) {
  Identity identity;
  identity.authenticated = true;
  identity.user = account.name;
  identity.roles = account.roles;
  identity.clients = account.clients;
  SortOnce(identity.clients);
  identity.permissions = account.permissions;
  identity.from_login = true;
  return identity;
}

}  // namespace trackwire::auth
