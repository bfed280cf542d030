#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "auth/identity.h"
#include "auth/token_error.h"
#include "base/clock.h"
#include "base/result.h"
#include "broker/revocation_list.h"
#include "net/loop.h"
#include "net/timer.h"

namespace trackwire::auth {

/// Tokens that count no more although they have not expired: single ones, by their id, and all of a
/// user that were issued before some time.
///
/// A copy in memory of what the broker keeps for the deployment. Loaded before anybody is let in and
/// kept current; while the broker is away the copy stays in force. Any thread, unless it says
/// otherwise.
class Revocations {
 public:
  enum class Kind : char {
    kLogout = 'l',  ///< a token that its own bearer gave up
    kToken = 't',
    kUser = 'u',
  };
  /// Whom or what one revocation is about.
  struct Subject {
    Kind kind = Kind::kToken;
    std::string name;     ///< a token's id or a user
    bool digest = false;  ///< the name was too long: this stands for it
  };
  struct Entry {
    std::string cursor;  ///< List() goes on after it
    Subject subject;
    WallTime before{};   ///< of a user: tokens issued before
    WallTime until{};    ///< when it is forgotten
  };
  struct Page {
    std::vector<Entry> entries;
    std::string next;  ///< empty: that was all
  };
  struct Options {
    /// How long a revocation is kept of whose tokens the end is not known.
    std::chrono::seconds keep = std::chrono::hours(24) * 30;
    /// By how much clocks may differ.
    std::chrono::seconds leeway = std::chrono::seconds(30);
    std::chrono::milliseconds retry = std::chrono::seconds(1);
    /// The name that tokens of `user` may carry besides, as where capitals make no difference;
    /// empty: there is none. Any thread; may be empty.
    std::function<std::string(const std::string& user)> other_name{};
  };
  using Done = std::function<void(Result<void>)>;
  /// What is in force from now on; nothing: it may be anything. On the broker's loop.
  using Handler = std::function<void(const std::optional<Subject>& subject)>;

  /// `loop` is that of the list's broker. All outlive it; destroy it on the loop or when that has
  /// stopped, after the broker has ended.
  Revocations(net::Loop& loop, broker::RevocationList& list, const Clock& clock, Options options);

  /// Before Start().
  void OnChange(Handler handler) { on_change_ = std::move(handler); }
  /// The broker's loop: begins to follow the list. `loaded` on the same loop, once, with the first
  /// attempt's outcome; it goes on trying after an error.
  void Start(Done loaded);
  /// The broker's loop, before the broker ends: asks for nothing more by itself.
  void Stop() { again_.Cancel(); }

  /// For TokenVerifier::AddCheck(). A token without an issue time counts as issued before everything.
  std::optional<TokenError> Check(const Identity& identity) const;

  /// Revokes one token. `expires_at`: its own, when known. Errors are those of the list; `done` on the
  /// broker's loop, when it is in force in this process and durable.
  void RevokeToken(const std::string& token_id, std::optional<WallTime> expires_at, Done done);
  /// Revokes the token somebody came with. `bad_token` for who came without one.
  void RevokeTokenOf(const Identity& identity, Done done);
  /// Its own bearer gives a token up that cannot count after `until` anyway.
  void LogOut(const std::string& token_id, WallTime until, Done done);
  /// Revokes all tokens of a user issued until now, by both names if there are two.
  void RevokeUser(const std::string& user, Done done);

  /// At most `max` in the order of their cursors, after that one.
  Page List(const std::string& after, size_t max) const;
  size_t size() const;

 private:
  void Revoke(Subject subject, WallTime before, WallTime until, Done done);
  void Load(Done loaded);
  void Learn(const broker::Revocation& revocation);
  void Forget();
  const broker::Revocation* Find(Kind kind, std::string_view name) const;
  /// In force at least until tokens that expire then cannot count any more.
  WallTime UntilAfter(const std::optional<WallTime>& expires_at) const;

  net::Loop& loop_;
  broker::RevocationList& list_;
  const Clock& clock_;
  const Options options_;
  Handler on_change_;
  net::Timer again_;

  // Guards the map; readers hold it for three look-ups a token, and only when there is any revocation
  // at all, which `count_` says without it.
  mutable std::shared_mutex mutex_;
  std::map<std::string, broker::Revocation, std::less<>> held_;
  std::atomic<size_t> count_{0};
  size_t forget_above_ = 1'024;
};

}  // namespace trackwire::auth
