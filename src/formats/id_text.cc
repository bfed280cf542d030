#include "formats/id_text.h"

#include <algorithm>

#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::formats {
namespace {

constexpr size_t kMaxIdBytes = 128;

bool IsControl(unsigned char c) { return c < 0x20 || c == 0x7f; }

}  // namespace

std::string IdText(const tracking::Id& id) {
  std::string text = id.ToText();
  if (id.is_integer()) return text;
  const bool needs_quotes = text.empty() || text.front() == '"' || base::Trim(text) != text ||
                            std::any_of(text.begin(), text.end(), IsControl) ||
                            tracking::Id::FromJson(text);
  return needs_quotes ? id.ToJson() : text;
}

std::optional<tracking::Id> ParseIdText(std::string_view text) {
  text = base::Trim(text);
  if (text.empty() || !base::IsUtf8(text)) return std::nullopt;
  if (auto id = tracking::Id::FromJson(text)) return id;
  // Quoted, but no id.
  if (text.front() == '"' || text.size() > kMaxIdBytes) return std::nullopt;
  return tracking::Id(std::string(text));
}

}  // namespace trackwire::formats
