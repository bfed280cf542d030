#pragma once

namespace trackwire::base {

/// Logs where and which condition failed, then aborts: a mistake of ours, never bad input.
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);

}  // namespace trackwire::base

/// Stops the program when our own reasoning is wrong. Input is answered with a Result instead.
#define CHECK(condition) \
  ((condition) ? void(0) : ::trackwire::base::CheckFailed(#condition, __FILE__, __LINE__))
