#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace trackwire::notify {

/// Names one way of looking at notifications: people of one view see the same fields.
using View = uint8_t;
/// Some views, a bit each.
using ViewSet = uint64_t;
inline constexpr size_t kMaxViews = 64;

/// A field's name without what does not count: `Api-Key`, `apiKey` and `api_key` are one. ASCII
/// letters lose their case; `_`, `-`, `.` and spaces go. Other characters count as they are.
std::string NormalFieldName(std::string_view name);
/// Longest normal form of a name that can be hidden.
inline constexpr size_t kMaxFieldNameBytes = 64;

/// Takes members out of JSON by their names, at any depth, whether or not the names are written
/// with escapes, and each time they stand there. All other members keep their bytes and order.
///
/// What it reads must have been accepted by base::ScanJson(). Linear, no recursion, no allocation
/// but for the output and for names with escapes. Immutable; any thread.
class FieldFilter {
 public:
  struct Rule {
    std::string name;   ///< in normal form
    ViewSet views = 0;  ///< who must not see it; rules of one name add up
  };

  /// Hides nothing.
  FieldFilter() = default;
  explicit FieldFilter(const std::vector<Rule>& rules);

  /// The views that lose something of `json`. Adds to `found`, unless nullptr, each different set
  /// of views that loses a member, once.
  ViewSet Find(std::string_view json, std::vector<ViewSet>* found = nullptr) const;
  /// Appends what `view` may see of `json`.
  void Append(View view, std::string_view json, std::string& out) const;

 private:
  struct Name;
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  static bool NextName(const char*& at, const char* end, Name& name);
  /// Who must not see a member of this name.
  ViewSet HiddenFrom(const Name& name) const;

  std::unordered_map<std::string, ViewSet, Hash, std::equal_to<>> views_;
  /// For the kind of a name's first byte, the kinds of last bytes that a hidden name can have with
  /// it, a bit each. Sorts most names out at a glance.
  std::array<uint32_t, 32> ends_{};
};

}  // namespace trackwire::notify
