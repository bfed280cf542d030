#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trackwire::tracking {

/// Takes out of JSON objects what some people may not see. People who see the same share a view,
/// of which there are at most 64.
class ObjectFilter {
 public:
  virtual ~ObjectFilter() = default;

  /// The views that do not see all of an object, a bit each. Always the same for the same bytes.
  virtual uint64_t HiddenFrom(std::string_view object_json) const = 0;
  /// Appends the object as the people of `view` may see it.
  virtual void Append(uint8_t view, std::string_view object_json, std::string& out) const = 0;
};

}  // namespace trackwire::tracking
