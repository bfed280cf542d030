#pragma once

#include <functional>
#include <istream>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/http_poster.h"

namespace trackwire::cli {

/// What became of envelopes that were posted together.
struct BatchOutcome {
  std::vector<std::string> offsets;  ///< of each envelope; empty where it was refused
  std::vector<std::string> errors;   ///< `code: message` of each; empty where it was accepted
};

/// Posts envelopes as one array. Errors: `unreachable`, `refused` when the whole request was.
Result<BatchOutcome> PostBatch(HttpPoster& poster, const std::vector<std::string>& envelopes);

/// Reads JSON texts one after the other, each from the start of a line, over several lines if need
/// be. Calls `take` for each; false from it ends the reading. Errors: `bad_json` with the line.
Result<void> ReadJsonTexts(std::istream& input, const std::function<bool(std::string)>& take);

}  // namespace trackwire::cli
