#include "wire/stamp.h"

#include <string.h>

#include <array>
#include <charconv>

namespace trackwire::bench {
namespace {

constexpr std::string_view kMarker = "twload.";

template <typename T>
void AppendNumber(std::string& out, T value) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

// Reads a number and, when one is wanted, the dot after it.
template <typename T>
bool ReadNumber(const char*& at, const char* end, bool dot, T& value) {
  const auto read = std::from_chars(at, end, value);
  if (read.ec != std::errc{}) return false;
  at = read.ptr;
  if (!dot) return true;
  return at != end && *at++ == '.';
}

}  // namespace

void AppendStamp(std::string& out, const Stamp& stamp) {
  out += kMarker;
  AppendNumber(out, stamp.run);
  out += '.';
  AppendNumber(out, stamp.publisher);
  out += '.';
  AppendNumber(out, stamp.sequence);
  out += '.';
  AppendNumber(out, stamp.sent_ns);
}

std::optional<Stamp> FindStamp(std::string_view text) {
  // memmem is several times faster than string_view::find, and this runs once per message.
  const void* found = memmem(text.data(), text.size(), kMarker.data(), kMarker.size());
  if (found == nullptr) return std::nullopt;
  const char* at = static_cast<const char*>(found) + kMarker.size();
  const char* const end = text.data() + text.size();
  Stamp stamp;
  if (!ReadNumber(at, end, true, stamp.run) || !ReadNumber(at, end, true, stamp.publisher) ||
      !ReadNumber(at, end, true, stamp.sequence) || !ReadNumber(at, end, false, stamp.sent_ns)) {
    return std::nullopt;
  }
  return stamp;
}

}  // namespace trackwire::bench
