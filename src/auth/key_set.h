#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/algorithm.h"
#include "base/unique_function.h"

namespace trackwire::auth {

/// One key, bound to the algorithms it may be used with. Immutable; any thread.
class VerificationKey {
 public:
  virtual ~VerificationKey() = default;
  virtual bool Allows(Algorithm algorithm) const = 0;
  /// Whether `signature` (raw bytes) is that of `input`. False for an algorithm it does not allow.
  /// A shared secret takes the same time for every wrong one.
  virtual bool Verify(Algorithm algorithm, std::string_view input,
                      std::string_view signature) const = 0;
};

/// The keys that may have signed one token: a few, so that a token costs a few checks at most.
class Candidates {
 public:
  static constexpr size_t kMax = 8;

  /// False when there are enough.
  bool Add(std::shared_ptr<const VerificationKey> key) {
    if (count_ == kMax) return false;
    keys_[count_++] = std::move(key);
    return true;
  }
  size_t size() const { return count_; }
  const VerificationKey& operator[](size_t index) const { return *keys_[index]; }

 private:
  std::array<std::shared_ptr<const VerificationKey>, kMax> keys_;
  size_t count_ = 0;
};

/// Where the keys of a token are looked up. Any thread; looking up never blocks.
class KeySet {
 public:
  virtual ~KeySet() = default;
  /// Adds the keys for a token's `kid` (empty when it names none) that allow its algorithm.
  virtual void Find(Algorithm algorithm, std::string_view key_id, Candidates& out) const = 0;
  /// Whether keys of that algorithm may come later, so that Refresh() is worth a call.
  virtual bool Learns(Algorithm) const { return false; }
  /// Looks for a key that Find() did not know. `done` runs once, on any thread, when the answer is
  /// in, good or bad. False, with `done` dropped, when asking is of no use right now.
  virtual bool Refresh(std::string_view key_id, UniqueFunction<void()> done);
};

/// A shared secret: verifies and signs with HMAC. Spec: RFC 7518 section 3.2.
class SecretKey final : public VerificationKey {
 public:
  /// `algorithms` are of the HMAC kind, one at least.
  SecretKey(std::string secret, std::vector<Algorithm> algorithms);

  bool Allows(Algorithm algorithm) const override;
  bool Verify(Algorithm algorithm, std::string_view input,
              std::string_view signature) const override;
  std::string Sign(Algorithm algorithm, std::string_view input) const;
  /// The algorithm used for tokens of our own.
  Algorithm preferred() const { return algorithms_.front(); }

 private:
  std::string secret_;
  std::vector<Algorithm> algorithms_;
};

/// A key without a name of its own: it serves whatever `kid` a token names.
class SingleKeySet final : public KeySet {
 public:
  explicit SingleKeySet(std::shared_ptr<const VerificationKey> key) : key_(std::move(key)) {}
  void Find(Algorithm algorithm, std::string_view key_id, Candidates& out) const override;

 private:
  std::shared_ptr<const VerificationKey> key_;
};

/// The keys of a deployment with one secret.
using SecretKeySet = SingleKeySet;

}  // namespace trackwire::auth
