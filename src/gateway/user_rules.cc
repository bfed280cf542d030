#include "gateway/user_rules.h"

#include <algorithm>

#include "base/text.h"

namespace trackwire::gateway {
namespace {

constexpr size_t kMaxNameBytes = 256;
constexpr size_t kMaxItems = 256;
constexpr size_t kMaxItemBytes = 256;

}  // namespace

std::optional<std::string> RefuseUserName(const std::string& name) {
  if (name.empty() || name.size() > kMaxNameBytes) return "a name has 1 to 256 bytes";
  if (!base::IsUtf8(name)) return "a name is text in UTF-8";
  const bool control = std::any_of(name.begin(), name.end(), [](unsigned char c) {
    return c < 0x20 || c == 0x7f;
  });
  if (control) return "a name has no control characters";
  if (base::Trim(name) != name) return "a name has no spaces at its ends";
  return std::nullopt;
}

std::optional<std::string> RefuseRights(const std::vector<std::string>& items) {
  if (items.size() > kMaxItems) return "a list has at most 256 items";
  for (const std::string& item : items) {
    if (item.empty() || item.size() > kMaxItemBytes || !base::IsUtf8(item)) {
      return "\"" + item + "\" is not text of 1 to 256 bytes";
    }
  }
  return std::nullopt;
}

}  // namespace trackwire::gateway
