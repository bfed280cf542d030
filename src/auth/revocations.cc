#include "auth/revocations.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "net/timer_wheel.h"

namespace trackwire::auth {
namespace {

// A subject is a letter for its kind, then `:` and the name, or `#` and a digest of a long one.
constexpr char kPlain = ':';
constexpr char kDigest = '#';
constexpr size_t kMaxPlainBytes = 512;

/// Later than any token is valid; see CheckRevocation().
constexpr WallTime kForever{std::chrono::milliseconds(253'402'300'799'999)};

std::string DigestOf(std::string_view name) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(name.data()), name.size(), digest.data());
  return base::Base64UrlEncode(
      std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

std::string SubjectText(Revocations::Kind kind, std::string_view name) {
  std::string text(1, static_cast<char>(kind));
  if (name.size() > kMaxPlainBytes) return text + kDigest + DigestOf(name);
  text += kPlain;
  return text.append(name);
}

std::optional<Revocations::Subject> ParseSubject(std::string_view text) {
  if (text.size() < 3 || (text[1] != kPlain && text[1] != kDigest)) return std::nullopt;
  const auto kind = static_cast<Revocations::Kind>(text[0]);
  using Kind = Revocations::Kind;
  if (kind != Kind::kLogout && kind != Kind::kToken && kind != Kind::kUser) return std::nullopt;
  return Revocations::Subject{kind, std::string(text.substr(2)), text[1] == kDigest};
}

}  // namespace

Revocations::Revocations(net::Loop& loop, broker::RevocationList& list, const Clock& clock,
                         Options options)
    : loop_(loop),
      list_(list),
      clock_(clock),
      options_(options),
      again_([](void* self) { static_cast<Revocations*>(self)->Load({}); }, this) {}

void Revocations::Start(Done loaded) {
  list_.OnChange([this](const std::optional<broker::Revocation>& change) {
    if (!change) return Load({});
    Learn(*change);
    if (on_change_) on_change_(ParseSubject(change->subject));
  });
  Load(std::move(loaded));
}

void Revocations::Load(Done loaded) {
  again_.Cancel();
  list_.List([this, loaded = std::move(loaded)](Result<std::vector<broker::Revocation>> all) {
    if (!all) {
      base::LogWarn("auth", "the revocations could not be read", {{"reason", all.error().code}});
      again_.Start(loop_.timers(), options_.retry);
      if (loaded) loaded(Err(std::move(all.error())));
      return;
    }
    // What is known stays, also when storage has lost it.
    for (const broker::Revocation& revocation : *all) Learn(revocation);
    if (on_change_) on_change_(std::nullopt);
    if (loaded) loaded(Ok());
  });
}

void Revocations::Learn(const broker::Revocation& revocation) {
  const std::unique_lock lock(mutex_);
  const auto [place, added] = held_.try_emplace(revocation.subject, revocation);
  if (!added) broker::Merge(place->second, revocation);
  if (held_.size() > forget_above_) Forget();
  count_ = held_.size();
}

void Revocations::Forget() {
  const WallTime now = clock_.WallNow();
  std::erase_if(held_, [&](const auto& item) { return item.second.until <= now; });
  forget_above_ = std::max<size_t>(1'024, held_.size() * 2);
}

const broker::Revocation* Revocations::Find(Kind kind, std::string_view name) const {
  if (name.empty()) return nullptr;
  const auto found = held_.find(SubjectText(kind, name));
  if (found == held_.end() || found->second.until <= clock_.WallNow()) return nullptr;
  return &found->second;
}

std::optional<TokenError> Revocations::Check(const Identity& identity) const {
  if (!identity.authenticated || count_.load(std::memory_order_acquire) == 0) return std::nullopt;
  const std::shared_lock lock(mutex_);
  if (Find(Kind::kToken, identity.token_id) != nullptr) return TokenError::kRevoked;
  if (Find(Kind::kLogout, identity.token_id) != nullptr) return TokenError::kLoggedOut;
  const broker::Revocation* of_user = Find(Kind::kUser, identity.user);
  if (of_user == nullptr) return std::nullopt;
  if (identity.issued_at && *identity.issued_at >= of_user->before) return std::nullopt;
  return TokenError::kRevoked;
}

WallTime Revocations::UntilAfter(const std::optional<WallTime>& expires_at) const {
  // Somewhat longer: other processes may let clocks differ by more.
  return expires_at ? *expires_at + 2 * options_.leeway : clock_.WallNow() + options_.keep;
}

void Revocations::RevokeToken(const std::string& token_id, std::optional<WallTime> expires_at,
                              Done done) {
  Revoke({Kind::kToken, token_id}, clock_.WallNow(), UntilAfter(expires_at), std::move(done));
}

void Revocations::RevokeTokenOf(const Identity& identity, Done done) {
  if (!identity.authenticated) {
    loop_.Post([answer = std::move(done)] { answer(Err("bad_token", "there is no token")); });
    return;
  }
  // One without an end is never forgotten.
  const WallTime until = identity.expires_at ? UntilAfter(identity.expires_at) : kForever;
  Revoke({Kind::kToken, identity.token_id}, clock_.WallNow(), until, std::move(done));
}

void Revocations::LogOut(const std::string& token_id, WallTime until, Done done) {
  Revoke({Kind::kLogout, token_id}, clock_.WallNow(), until + options_.leeway, std::move(done));
}

void Revocations::RevokeUser(const std::string& user, Done done) {
  const WallTime now = clock_.WallNow();
  const WallTime until = now + options_.keep;
  const std::string other = options_.other_name ? options_.other_name(user) : std::string();
  if (other.empty() || other == user) {
    return Revoke({Kind::kUser, user}, now, until, std::move(done));
  }
  Revoke({Kind::kUser, other}, now, until,
         [this, user, now, until, answer = std::move(done)](Result<void> kept) {
           if (!kept) return answer(std::move(kept));
           Revoke({Kind::kUser, user}, now, until, answer);
         });
}

void Revocations::Revoke(Subject subject, WallTime before, WallTime until, Done done) {
  if (subject.name.empty()) {
    loop_.Post([answer = std::move(done)] { answer(Err("bad_subject", "it has no name")); });
    return;
  }
  broker::Revocation revocation{SubjectText(subject.kind, subject.name), before, until};
  list_.Revoke(revocation, [this, revocation, subject, answer = std::move(done)](Result<void> kept) {
    if (kept) {
      Learn(revocation);
      if (on_change_) on_change_(subject);
    }
    answer(std::move(kept));
  });
}

Revocations::Page Revocations::List(const std::string& after, size_t max) const {
  const WallTime now = clock_.WallNow();
  Page page;
  const std::shared_lock lock(mutex_);
  for (auto at = held_.upper_bound(after); at != held_.end(); ++at) {
    const broker::Revocation& held = at->second;
    auto subject = ParseSubject(held.subject);
    if (!subject || held.until <= now) continue;
    if (page.entries.size() == max) {
      page.next = page.entries.back().cursor;
      break;
    }
    page.entries.push_back({held.subject, std::move(*subject), held.before, held.until});
  }
  return page;
}

size_t Revocations::size() const { return count_.load(std::memory_order_relaxed); }

}  // namespace trackwire::auth
