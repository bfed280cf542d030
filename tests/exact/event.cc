#include "event.h"

#include <string.h>

#include <charconv>

namespace trackwire::exact {
namespace {

constexpr std::string_view kEventStart = "42[\"";
constexpr std::string_view kEventEnd = "\"]";
constexpr std::string_view kMark = "\"exact\":[";

// Reads digits and the byte that must follow them.
template <typename T>
bool ReadNumber(std::string_view& text, T& value, char after) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr == text.data() + text.size() || *read.ptr != after) {
    return false;
  }
  text.remove_prefix(static_cast<size_t>(read.ptr - text.data()) + 1);
  return true;
}

}  // namespace

std::string Offset::ToString() const { return std::to_string(ms) + "-" + std::to_string(seq); }

std::optional<FullOffset> ParseOffset(std::string_view text) {
  const size_t dot = text.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return std::nullopt;
  FullOffset offset{.epoch = text.substr(0, dot), .place = {}};
  text.remove_prefix(dot + 1);
  if (!ReadNumber(text, offset.place.ms, '-')) return std::nullopt;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, offset.place.seq);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return offset;
}

std::optional<Event> ParseEvent(std::string_view packet) {
  if (packet.substr(0, kEventStart.size()) != kEventStart) return std::nullopt;
  if (packet.size() < kEventStart.size() + kEventEnd.size()) return std::nullopt;
  if (packet.substr(packet.size() - kEventEnd.size()) != kEventEnd) return std::nullopt;
  const std::string_view inner = packet.substr(0, packet.size() - kEventEnd.size());
  const size_t quote = inner.rfind('"');
  const size_t name_end = inner.find('"', kEventStart.size());
  if (name_end == std::string_view::npos || quote <= name_end) return std::nullopt;
  Event event;
  event.name = inner.substr(kEventStart.size(), name_end - kEventStart.size());
  event.body = inner.substr(0, quote);
  event.offset_text = inner.substr(quote + 1);
  const auto offset = ParseOffset(event.offset_text);
  if (!offset) return std::nullopt;
  event.offset = *offset;
  return event;
}

std::optional<Mark> FindMark(std::string_view body) {
  const void* found = memmem(body.data(), body.size(), kMark.data(), kMark.size());
  if (found == nullptr) return std::nullopt;
  body.remove_prefix(static_cast<size_t>(static_cast<const char*>(found) - body.data()) +
                     kMark.size());
  Mark mark;
  if (!ReadNumber(body, mark.content, ',') || !ReadNumber(body, mark.tracker, ',') ||
      !ReadNumber(body, mark.sequence, ']')) {
    return std::nullopt;
  }
  return mark;
}

}  // namespace trackwire::exact
