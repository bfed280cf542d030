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

/// Envelopes that go out together: as many as the gateway takes in one body.
class EnvelopeBatch {
 public:
  /// `max_bytes`: of the body, limits.max_payload_bytes.
  explicit EnvelopeBatch(size_t max_bytes);

  /// Whether another one of `bytes` has room. The first always has: whether it is too long by
  /// itself is for the gateway to say.
  bool HasRoomFor(size_t bytes) const;
  void Add(std::string envelope);
  /// Takes all out.
  std::vector<std::string> Take();
  bool empty() const { return envelopes_.empty(); }

 private:
  const size_t max_bytes_;
  std::vector<std::string> envelopes_;
  size_t bytes_ = 0;  ///< of the array's text
};

/// Posts envelopes as one array. Errors: `unreachable`, `refused` when the whole request was.
Result<BatchOutcome> PostBatch(HttpPoster& poster, const std::vector<std::string>& envelopes);

/// Reads JSON texts one after the other, each from the start of a line, over several lines if need
/// be. Calls `take` for each; false from it ends the reading. Errors: `bad_json` with the line.
Result<void> ReadJsonTexts(std::istream& input, const std::function<bool(std::string)>& take);

}  // namespace trackwire::cli
