#include <algorithm>
#include <charconv>

#include "broker/notification_log.h"

namespace trackwire::broker {
namespace {

constexpr size_t kMaxEpochBytes = 64;

/// All of `text` as a decimal number without sign or leading zeros.
std::optional<uint64_t> ParseNumber(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool IsEpochCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         c == '-';
}

}  // namespace

std::string LogOffset::ToString() const {
  return epoch + "." + std::to_string(ms) + "-" + std::to_string(seq);
}

std::optional<LogOffset> LogOffset::Parse(std::string_view text) {
  const size_t dot = text.find('.');
  if (dot == std::string_view::npos || dot == 0 || dot > kMaxEpochBytes) return std::nullopt;
  const std::string_view epoch = text.substr(0, dot);
  if (!std::all_of(epoch.begin(), epoch.end(), IsEpochCharacter)) return std::nullopt;
  const std::string_view rest = text.substr(dot + 1);
  const size_t dash = rest.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto ms = ParseNumber(rest.substr(0, dash));
  const auto seq = ParseNumber(rest.substr(dash + 1));
  if (!ms || !seq) return std::nullopt;
  return LogOffset{std::string(epoch), *ms, *seq};
}

}  // namespace trackwire::broker
