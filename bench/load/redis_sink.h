#pragma once

#include "load/options.h"
#include "load/sink.h"
#include "wire/fd.h"

namespace trackwire::bench {

/// A pipelined connection to the Redis that a server listens to: envelopes go to its channel or
/// its inbox, as other programs publish them. Spec: RESP2.
class RedisSink final : public Sink {
 public:
  /// Answers owed at most: beyond, the sink is not ready.
  static constexpr uint64_t kMaxOwed = 32'768;

  /// `options` must outlive the sink.
  explicit RedisSink(const Options& options) : options_(options) {}

  Result<void> Open(int epoll, uint64_t tag) override;
  bool is_ready() const override { return unsent_.empty() && owed_ < kMaxOwed; }
  Result<void> Publish(std::span<const std::string> envelopes) override;
  Result<void> OnReady() override;
  uint64_t requests() const override { return requests_; }

 private:
  void AppendCommand(std::string_view envelope);
  Result<void> Flush();
  Result<void> TakeAnswers();

  const Options& options_;
  UniqueFd fd_;
  int epoll_ = -1;
  uint64_t tag_ = 0;
  uint64_t owed_ = 0;
  uint64_t requests_ = 0;
  std::string unsent_;
  std::string answers_;
};

}  // namespace trackwire::bench
