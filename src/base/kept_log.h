#pragma once

#include <initializer_list>
#include <string_view>

#include "base/log.h"

namespace trackwire::base {

/// A line that an operator must be able to rely on: written whatever level is set, and from a queue
/// of its own, so that no flood of other lines pushes it out. Else as Log(), at level info.
void LogKept(std::string_view component, std::string_view message,
             std::initializer_list<LogField> fields = {});

}  // namespace trackwire::base
