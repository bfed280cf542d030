#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "offset.h"

namespace trackwire::exact {

/// An EVENT packet that ends in an offset. All views borrow from the packet.
struct Event {
  std::string_view name;
  std::string_view body;  ///< the packet without the offset: the same for all who get the event
  std::string_view offset_text;
  FullOffset offset;
};

/// Takes `42["name",…,"<offset>"]` apart by its ends; what is between is not read. Nothing when
/// there is no offset. Linear in the length of name and offset.
std::optional<Event> ParseEvent(std::string_view packet);

/// What a test's notification says about itself: `"exact":[content,tracker,sequence]`.
struct Mark {
  uint32_t content = 0;  ///< numbered in the run; equal contents have one number
  uint32_t tracker = 0;
  uint32_t sequence = 0;  ///< rises for each tracker in the order of publishing; 0: in no order

  friend bool operator==(const Mark&, const Mark&) = default;
};
std::optional<Mark> FindMark(std::string_view body);

}  // namespace trackwire::exact
