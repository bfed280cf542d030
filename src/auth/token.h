#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/claims.h"
#include "auth/identity.h"
#include "auth/key_set.h"
#include "auth/token_error.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/unique_function.h"

namespace trackwire::net {
class Loop;
}

namespace trackwire::auth {

inline constexpr size_t kMaxTokenBytes = 8'192;

/// Keys and what tokens signed with them must claim: a key counts for its own issuer only.
struct TokenSource {
  std::shared_ptr<KeySet> keys;
  ClaimRules rules;
};

/// What a token whose signature and claims hold is asked besides: whether it was revoked, say. May
/// change who its bearer is. Any thread; must not block.
using IdentityCheck = std::function<std::optional<TokenError>(Identity&)>;

/// Checks JSON Web Tokens. Immutable once in use; any thread.
/// Spec: RFC 7519, RFC 7515 compact form.
class TokenVerifier {
 public:
  using Done = UniqueFunction<void(Result<Identity, TokenError>)>;

  /// At most 16 sources; `clock` outlives the verifier.
  TokenVerifier(std::vector<TokenSource> sources, const Clock& clock);
  /// One source without an issuer.
  TokenVerifier(std::shared_ptr<KeySet> keys, const Clock& clock);

  /// Before the first token: every token is asked this too, in the order of the calls.
  void AddCheck(IdentityCheck check);

  /// Who `token` says its bearer is. The algorithm must be one its key is bound to, whatever the
  /// header asks for; nothing else in the header is obeyed. Linear in `token`, which is refused
  /// unread above kMaxTokenBytes; does not block. kUnknownKey when a set of keys that grows may
  /// hold the key by now.
  Result<Identity, TokenError> Verify(std::string_view token) const;

  /// The same, but keys that are not known yet are looked for first, at a bounded rate.
  ///
  /// On `loop`'s thread, where `done` runs once: before this returns when the keys at hand suffice,
  /// else when the look-up has ended, be it in vain, which takes as long as its time-out at most.
  /// Never gives kUnknownKey. `loop` and the verifier outlive the key sets' threads; `done` is
  /// destroyed unrun when `loop` stops before.
  void VerifySoon(std::string token, net::Loop& loop, Done done) const;

  /// Asks the checks once more about somebody whose token was accepted: brings `identity` up to date
  /// or says why the token counts no more. Any thread.
  std::optional<TokenError> Recheck(Identity& identity) const;

  const Clock& clock() const { return clock_; }

 private:
  struct Parsed;
  static Result<Parsed, TokenError> Parse(std::string_view token);
  Result<Identity, TokenError> Check(const Parsed& token) const;
  Result<Identity, TokenError> Judge(Result<Identity, TokenError> identity,
                                     const Parsed& token) const;

  std::vector<TokenSource> sources_;
  std::vector<IdentityCheck> checks_;
  const Clock& clock_;
};

/// What a token of our own says.
struct TokenRequest {
  std::string subject;
  std::vector<std::string> roles;
  std::vector<std::string> clients;  ///< as JSON text: `"acme"` or `7`
  std::vector<std::string> permissions;
  WallTime issued_at{};
  WallTime expires_at{};
  bool login = false;  ///< given out by our own login
};

/// A compact token signed by `key` that `rules` find everything in.
std::string MakeToken(const TokenRequest& request, const SecretKey& key,
                      const ClaimRules& rules = {});

}  // namespace trackwire::auth
