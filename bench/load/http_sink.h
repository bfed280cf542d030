#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "load/options.h"
#include "wire/fd.h"

namespace trackwire::bench {

/// A keep-alive connection that posts envelopes to /api/notifications, one request at a time so
/// that their order is certain. Its owner polls the descriptor. Not thread-safe.
class HttpSink {
 public:
  /// `options` must outlive the sink.
  explicit HttpSink(const Options& options) : options_(options) {}

  /// Connects (waiting for it: loopback answers at once) and registers with the epoll set.
  Result<void> Open(int epoll, uint64_t tag);

  /// Whether the answer to the last request has come.
  bool is_ready() const { return !awaits_answer_; }

  /// Posts a JSON array. Only when is_ready().
  Result<void> Post(std::string_view body);

  /// Acts on readiness. Fails when the server refuses the request or any envelope in it, or the
  /// connection ends; the detail quotes the server.
  Result<void> OnReady();

  uint64_t requests() const { return requests_; }

 private:
  Result<void> Flush();
  Result<void> TakeAnswer(bool& taken);

  const Options& options_;
  UniqueFd fd_;
  int epoll_ = -1;
  uint64_t tag_ = 0;
  bool awaits_answer_ = false;
  uint64_t requests_ = 0;
  std::string unsent_;
  std::string answer_;
};

}  // namespace trackwire::bench
