#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "geocoding/geocoding_desk.h"

namespace trackwire::geocoding {

inline constexpr const char* kAsked = "geocoding:asked";  ///< queue of requests that wait
inline constexpr const char* kTold = "geocoding:told";    ///< channel: `<desk>:<batch>`

/// A request that waits for its place.
struct Asked {
  AddressRequest request;  ///< its language is in the key only
  std::string key;         ///< of the place
  std::string task;        ///< of the place, in the queue of places
};

/// Requests that one desk took at about the same time: one durable task. Alone, a request is a
/// batch of one.
struct AskedBatch {
  std::string id;      ///< random
  std::string origin;  ///< the desk
  WallTime deadline{};
  std::vector<Asked> askers;

  /// What the log knows the end of a request by: whoever tells it again tells nothing.
  std::string LogKey(size_t index) const { return "tw:g:" + id + ':' + std::to_string(index); }
};

/// Nothing when it is none.
std::string ToJson(const AskedBatch& batch);
std::optional<AskedBatch> ParseAskedBatch(std::string_view text);

}  // namespace trackwire::geocoding
