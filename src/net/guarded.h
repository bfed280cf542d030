#pragma once

#include <exception>
#include <string_view>

#include "base/log.h"

namespace trackwire::net {

/// Runs what other parts handed in; what they throw ends here, in the log. Whether it ran through.
template <typename Work>
bool Guarded(std::string_view where, Work&& work) noexcept {
  try {
    work();
    return true;
  } catch (const std::exception& error) {
    base::LogError("net", "work on a loop threw", {{"where", where}, {"what", error.what()}});
  } catch (...) {
    base::LogError("net", "work on a loop threw", {{"where", where}, {"what", "unknown"}});
  }
  return false;
}

}  // namespace trackwire::net
