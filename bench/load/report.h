#pragma once

#include <string>

#include "load/options.h"
#include "load/run.h"

namespace trackwire::bench {

/// The result as one JSON object on one line: what was run, what was measured. Units are in the
/// names; a figure that could not be measured is null.
std::string ToJson(const Options& options, const RunResult& result);

/// The result for people, several lines.
std::string ToText(const Options& options, const RunResult& result);

}  // namespace trackwire::bench
