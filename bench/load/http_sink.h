#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "load/options.h"
#include "load/sink.h"
#include "wire/fd.h"

namespace trackwire::bench {

/// A keep-alive connection that posts envelopes to /api/notifications, one request at a time so
/// that their order is certain. Its owner polls the descriptor. Not thread-safe.
class HttpSink final : public Sink {
 public:
  /// `options` must outlive the sink.
  explicit HttpSink(const Options& options) : options_(options) {}

  Result<void> Open(int epoll, uint64_t tag) override;
  /// Once the answer to the last request has come.
  bool is_ready() const override { return !awaits_answer_; }
  Result<void> Publish(std::span<const std::string> envelopes) override;
  /// Posts a JSON array. Only when is_ready().
  Result<void> Post(std::string_view body);
  Result<void> OnReady() override;
  uint64_t requests() const override { return requests_; }

 private:
  ssize_t Receive(char* bytes, size_t size);
  ssize_t Send(const char* bytes, size_t size);
  Result<void> Flush();
  Result<void> CloseIdle();
  Result<void> TakeAnswer(bool& taken);

  const Options& options_;
  UniqueFd fd_;
  std::unique_ptr<TlsStream> tls_;
  int epoll_ = -1;
  uint64_t tag_ = 0;
  bool awaits_answer_ = false;
  uint64_t requests_ = 0;
  std::string unsent_;
  std::string answer_;
};

}  // namespace trackwire::bench
