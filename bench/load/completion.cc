#include "load/completion.h"

#include "base/check.h"

namespace trackwire::bench {

Completion::Completion(size_t window, size_t clients) : counts_(window), clients_(clients) {
  CHECK(window > 0);
}

void Completion::Count(uint64_t sequence) {
  CHECK(sequence >= complete_ && sequence - complete_ < counts_.size());
  ++At(sequence);
  if (sequence == complete_) Advance();
}

void Completion::RemoveClient(uint64_t next) {
  CHECK(clients_ > 0 && next >= complete_);
  for (uint64_t sequence = complete_; sequence < next; ++sequence) --At(sequence);
  --clients_;
  Advance();
}

void Completion::Advance() {
  while (clients_ > 0 && At(complete_) == clients_) {
    At(complete_) = 0;
    ++complete_;
  }
}

}  // namespace trackwire::bench
