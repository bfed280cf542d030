#pragma once

#include <cstddef>

namespace trackwire::net {

class Shard;

/// What one connection holds of input that is not complete yet, counted into its shard's total:
/// heads, bodies, fragments, attachments. Many that each stay within their own limit must not fill
/// the memory together.
///
/// The first kFree bytes are not counted, so that who sends little is served however full the
/// others have made the total. Belongs to the shard's thread.
class InputCharge {
 public:
  static constexpr size_t kFree = 4096;

  InputCharge() = default;
  ~InputCharge() { Release(); }
  InputCharge(const InputCharge&) = delete;
  InputCharge& operator=(const InputCharge&) = delete;

  /// Now holds `bytes`. False when that makes the shard's total too much: nothing more is counted
  /// then, and the owner is to let go of what it holds.
  bool Resize(Shard& shard, size_t bytes);
  void Release();

 private:
  Shard* shard_ = nullptr;
  size_t counted_ = 0;
};

}  // namespace trackwire::net
