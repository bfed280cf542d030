#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace trackwire::socketio {

/// How much may be under way at once on behalf of other servers, who may ask without end.
class Places {
 public:
  explicit Places(size_t count) : free_(std::make_shared<std::atomic<size_t>>(count)) {}

  /// A place until the last copy is gone, on whatever thread; nothing when all are taken. Of one
  /// thread.
  std::shared_ptr<const void> Take() {
    if (free_->load(std::memory_order_relaxed) == 0) return nullptr;
    free_->fetch_sub(1, std::memory_order_relaxed);
    return std::make_shared<const Place>(free_);
  }

 private:
  // Atomic, for a place is given back where the last who waited for a client goes: on its shard.
  using Count = std::shared_ptr<std::atomic<size_t>>;

  struct Place {
    explicit Place(Count count) : free(std::move(count)) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { free->fetch_add(1, std::memory_order_relaxed); }
    Count free;
  };

  Count free_;
};

}  // namespace trackwire::socketio
