#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "auth/key_fetcher.h"

namespace trackwire::auth::testing {

/// What a test makes a key set come from: it says what the next answers are and may hold them
/// back. Any thread.
class Script {
 public:
  void Answer(Result<std::string> answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }
  /// Fetches wait until Release().
  void Hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void Release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  /// How many fetches began.
  int begun() const {
    const std::lock_guard lock(mutex_);
    return begun_;
  }
  std::unique_ptr<KeyFetcher> Fetcher() { return std::make_unique<Scripted>(*this); }

 private:
  class Scripted final : public KeyFetcher {
   public:
    explicit Scripted(Script& script) : script_(script) {}
    Result<std::string> Fetch() override {
      std::unique_lock lock(script_.mutex_);
      ++script_.begun_;
      script_.changed_.wait(lock, [this] { return !script_.held_ || script_.cancelled_; });
      if (script_.cancelled_) return Err("cancelled", "");
      return script_.answer_;
    }
    void Cancel() override {
      const std::lock_guard lock(script_.mutex_);
      script_.cancelled_ = true;
      script_.changed_.notify_all();
    }

   private:
    Script& script_;
  };

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Result<std::string> answer_ = Err("unreachable", "nothing is said yet");
  bool held_ = false;
  bool cancelled_ = false;
  int begun_ = 0;
};

}  // namespace trackwire::auth::testing
