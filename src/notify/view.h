#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "auth/identity.h"

namespace trackwire::notify {

/// Names one way of looking at notifications: people of one view see the same fields.
using View = uint8_t;

/// Which fields who sees. Immutable; any thread.
class Views {
 public:
  /// What the people of `views` get of one object: `json`, or the object as it is when that is
  /// empty.
  struct Variant {
    std::vector<View> views;
    std::string json;
  };

  size_t size() const { return 1; }
  View Of(const auth::Identity& identity) const;
  /// Each view in exactly one variant; views that see the same bytes share one.
  std::vector<Variant> Split(std::string_view object_json) const;
};

}  // namespace trackwire::notify
