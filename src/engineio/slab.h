#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "base/check.h"

namespace trackwire::engineio {

/// Objects of one kind at addresses that never move, found by slot and generation: a slot that
/// was used again does not answer to its old generation.
///
/// Belongs to one thread. Everything but ForEach() is constant time.
template <typename T>
class Slab {
 public:
  explicit Slab(uint32_t first_generation = 1) : first_generation_(first_generation) {}
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  ~Slab() {
    for (uint32_t slot = 0; slot < used_; ++slot) {
      if (At(slot).live) At(slot).object()->~T();
    }
  }

  /// Makes an object from its slot, its generation and `args`.
  template <typename... Args>
  T& Emplace(Args&&... args) {
    const uint32_t slot = TakeSlot();
    Cell& cell = At(slot);
    new (cell.storage) T(slot, cell.generation, std::forward<Args>(args)...);
    cell.live = true;
    ++size_;
    return *cell.object();
  }

  T* Find(uint32_t slot, uint32_t generation) {
    if (slot >= used_) return nullptr;
    Cell& cell = At(slot);
    return cell.live && cell.generation == generation ? cell.object() : nullptr;
  }

  void Erase(uint32_t slot, uint32_t generation) {
    CHECK(Find(slot, generation) != nullptr);
    Cell& cell = At(slot);
    // Unreachable before its destructor runs, which may look around here.
    cell.live = false;
    ++cell.generation;
    cell.object()->~T();
    --size_;
    cell.next_free = free_;
    free_ = slot;
  }

  size_t size() const { return size_; }

  /// Calls `visit(T&)` for each; it may erase the one it was given.
  template <typename Visit>
  void ForEach(Visit visit) {
    for (uint32_t slot = 0; slot < used_; ++slot) {
      if (At(slot).live) visit(*At(slot).object());
    }
  }

 private:
  static constexpr uint32_t kChunk = 64;
  static constexpr uint32_t kNone = UINT32_MAX >> 1;  // fits the bit field

  struct Cell {
    T* object() { return std::launder(reinterpret_cast<T*>(storage)); }

    alignas(T) unsigned char storage[sizeof(T)];
    uint32_t generation = 0;
    uint32_t next_free : 31 = 0;
    uint32_t live : 1 = 0;
  };

  Cell& At(uint32_t slot) { return chunks_[slot / kChunk][slot % kChunk]; }

  uint32_t TakeSlot() {
    if (free_ != kNone) {
      const uint32_t slot = free_;
      free_ = At(slot).next_free;
      return slot;
    }
    if (used_ == chunks_.size() * kChunk) chunks_.push_back(std::make_unique<Cell[]>(kChunk));
    At(used_).generation = first_generation_;
    return used_++;
  }

  std::vector<std::unique_ptr<Cell[]>> chunks_;
  const uint32_t first_generation_;
  uint32_t used_ = 0;
  uint32_t free_ = kNone;
  size_t size_ = 0;
};

}  // namespace trackwire::engineio
