#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace trackwire::fuzz {

/// Cuts bytes into pieces as `how` says: 0 gives single bytes, others pieces of changing sizes.
/// The same `how` cuts the same bytes the same way.
class Pieces {
 public:
  Pieces(uint8_t how, std::string_view bytes) : rest_(bytes), how_(how), state_(how) {}

  /// All bytes as one piece.
  static Pieces Whole(std::string_view bytes) {
    Pieces pieces(0, bytes);
    pieces.whole_ = true;
    return pieces;
  }

  bool empty() const { return rest_.empty(); }
  /// The next piece, never an empty one while bytes are left.
  std::string_view Next() {
    const size_t size = how_ == 0 ? 1 : 1 + Random() % (how_ < 128 ? 16 : 4096);
    const std::string_view piece = whole_ ? rest_ : rest_.substr(0, size);
    rest_.remove_prefix(piece.size());
    return piece;
  }

 private:
  // A step of a linear congruential generator: all that is asked of it is variety.
  uint32_t Random() {
    state_ = state_ * 1'664'525 + 1'013'904'223;
    return state_ >> 16;
  }

  std::string_view rest_;
  uint8_t how_;
  uint32_t state_;
  bool whole_ = false;
};

/// A copy in a block of just its size, so that a sanitizer sees an access beyond it.
class ExactCopy {
 public:
  explicit ExactCopy(std::string_view bytes)
      : block_(new char[bytes.size()]), size_(bytes.size()) {
    bytes.copy(block_.get(), size_);
  }
  char* data() { return block_.get(); }
  size_t size() const { return size_; }
  std::string_view view() const { return {block_.get(), size_}; }

 private:
  std::unique_ptr<char[]> block_;
  size_t size_;
};

}  // namespace trackwire::fuzz
