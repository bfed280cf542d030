#pragma once

#include <atomic>
#include <cstddef>

namespace trackwire::net::testing {

/// Makes calls of the kernel fail that this program's server makes; the program's own definitions
/// of them stand before those of the C library.
struct Faults {
  /// accept4() fails with this error.
  std::atomic<int> accept_error{0};
  /// sendmsg() takes no more bytes than this at a time.
  std::atomic<size_t> bytes_per_send{0};
  /// sendmsg() says that all went, and sends nothing: a reader faster than any.
  std::atomic<bool> swallow_sends{false};
  /// sendmsg() takes nothing: a reader that reads nothing.
  std::atomic<bool> refuse_sends{false};
  /// So many calls of sendmsg() go well, then one fails with `send_error`.
  std::atomic<int> sends_before_error{-1};
  std::atomic<int> send_error{0};
};

Faults& TheFaults();

/// Ends all faults with the test.
class FaultGuard {
 public:
  FaultGuard() = default;
  FaultGuard(const FaultGuard&) = delete;
  FaultGuard& operator=(const FaultGuard&) = delete;
  ~FaultGuard();
};

}  // namespace trackwire::net::testing
