#include "net/input_charge.h"

#include "net/shard.h"

namespace trackwire::net {

bool InputCharge::Resize(Shard& shard, size_t bytes) {
  const size_t wanted = bytes > kFree ? bytes - kFree : 0;
  if (wanted == counted_) return true;
  uint64_t& total = shard.counters().input_bytes;
  if (wanted > counted_ && total - counted_ + wanted > shard.options().max_input_bytes) {
    ++shard.counters().input_refused;
    return false;
  }
  total = total - counted_ + wanted;
  counted_ = wanted;
  shard_ = &shard;
  return true;
}

void InputCharge::Release() {
  if (shard_ != nullptr) shard_->counters().input_bytes -= counted_;
  shard_ = nullptr;
  counted_ = 0;
}

}  // namespace trackwire::net
