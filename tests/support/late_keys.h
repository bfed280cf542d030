#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "auth/key_set.h"
#include "auth/token.h"

namespace trackwire::test {

/// A key set whose one key comes when a test says so, and a signer for it. Any thread.
class LateKeys final : public auth::KeySet {
 public:
  /// A token that is worth waiting for.
  std::string Token(const std::string& user) const {
    auth::TokenRequest request;
    request.subject = user;
    request.expires_at = Clock::System().WallNow() + std::chrono::hours(1);
    return auth::MakeToken(request, *key_);
  }
  size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }
  /// Ends the look-ups, with the key or without.
  void End(bool with_key) {
    std::vector<UniqueFunction<void()>> waiting;
    {
      const std::lock_guard lock(mutex_);
      arrived_ = arrived_ || with_key;
      waiting.swap(waiting_);
    }
    for (auto& done : waiting) done();
  }

  void Find(auth::Algorithm algorithm, std::string_view, auth::Candidates& out) const override {
    const std::lock_guard lock(mutex_);
    if (arrived_ && key_->Allows(algorithm)) out.Add(key_);
  }
  bool Learns(auth::Algorithm) const override { return true; }
  bool Refresh(std::string_view, UniqueFunction<void()> done) override {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(done));
    return true;
  }

 private:
  const std::shared_ptr<const auth::SecretKey> key_ = std::make_shared<auth::SecretKey>(
      "the key that comes late", std::vector<auth::Algorithm>{auth::Algorithm::kHs256});
  mutable std::mutex mutex_;
  bool arrived_ = false;
  std::vector<UniqueFunction<void()>> waiting_;
};

}  // namespace trackwire::test
