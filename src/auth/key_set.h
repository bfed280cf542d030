#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trackwire::auth {

/// Signature algorithms of JSON Web Tokens. Spec: RFC 7518 section 3.
enum class Algorithm : uint8_t { kHs256, kHs384, kHs512 };
const char* ToString(Algorithm algorithm);
/// Exact, as the header spells it; nothing for `none` and for what is not supported.
std::optional<Algorithm> ParseAlgorithm(std::string_view name);

/// One key, bound to the algorithms it may be used with. Immutable; any thread.
class VerificationKey {
 public:
  virtual ~VerificationKey() = default;
  virtual bool Allows(Algorithm algorithm) const = 0;
  /// Whether `signature` (raw bytes) is that of `input`. Takes the same time for every wrong one.
  virtual bool Verify(Algorithm algorithm, std::string_view input,
                      std::string_view signature) const = 0;
};

/// Where the key of a token is looked up. Any thread.
class KeySet {
 public:
  virtual ~KeySet() = default;
  /// The key for a token's `kid` (empty when it names none) and algorithm, or nullptr.
  virtual std::shared_ptr<const VerificationKey> Find(Algorithm algorithm,
                                                      std::string_view key_id) const = 0;
};

/// A shared secret: verifies and signs with HMAC. Spec: RFC 7518 section 3.2.
class SecretKey final : public VerificationKey {
 public:
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

/// The key set of a deployment with one secret: it serves whatever `kid` a token names.
class SecretKeySet final : public KeySet {
 public:
  explicit SecretKeySet(std::shared_ptr<const SecretKey> key) : key_(std::move(key)) {}
  std::shared_ptr<const VerificationKey> Find(Algorithm algorithm,
                                              std::string_view key_id) const override;

 private:
  std::shared_ptr<const SecretKey> key_;
};

}  // namespace trackwire::auth
