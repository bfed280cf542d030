#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trackwire::socketio {

/// One room or several, as a parameter: `To("a")`, `To({"a", "b"})`, `To(rooms)`.
class RoomNames {
 public:
  RoomNames(const char* room) : names_{room} {}                    // NOLINT
  RoomNames(std::string_view room) : names_{std::string(room)} {}  // NOLINT
  RoomNames(std::string room) : names_{std::move(room)} {}         // NOLINT
  RoomNames(std::initializer_list<std::string_view> rooms) : names_(rooms.begin(), rooms.end()) {}
  RoomNames(std::vector<std::string> rooms) : names_(std::move(rooms)) {}  // NOLINT

  const std::vector<std::string>& all() const { return names_; }

 private:
  std::vector<std::string> names_;
};

}  // namespace trackwire::socketio
