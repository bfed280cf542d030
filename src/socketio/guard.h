#pragma once

#include <exception>
#include <string_view>

#include "base/log.h"

namespace trackwire::socketio {

/// Runs a handler of the program. What it throws is logged and ends here: it concerns one socket,
/// not the others of its shard. `sid` is empty before the socket has its seat. False: it threw.
template <typename Call>
bool Guarded(std::string_view handler, std::string_view sid, Call&& call) noexcept {
  const auto report = [&](std::string_view what) {
    base::LogError("socketio", "a handler threw",
                   {{"handler", handler}, {"sid", sid}, {"what", what}});
  };
  try {
    call();
    return true;
  } catch (const std::exception& error) {
    report(error.what());
  } catch (...) {
    report("unknown");
  }
  return false;
}

}  // namespace trackwire::socketio
