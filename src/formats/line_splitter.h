#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trackwire::formats {

/// Puts lines together from pieces, in bounded memory. LF or CRLF end a line.
class LineSplitter {
 public:
  explicit LineSplitter(size_t max_bytes) : max_bytes_(max_bytes) {}

  /// Calls `on_line(line, whole)` for each that ends in `bytes`; of one that is too long comes the
  /// beginning, and `whole` is false.
  template <typename OnLine>
  void Feed(std::string_view bytes, OnLine on_line) {
    while (!bytes.empty()) {
      const size_t end = bytes.find('\n');
      const std::string_view part = bytes.substr(0, end);
      const size_t room = max_bytes_ - line_.size();
      line_ += part.substr(0, room);
      too_long_ = too_long_ || part.size() > room;
      if (end == bytes.npos) return;
      bytes.remove_prefix(end + 1);
      End(on_line);
    }
  }
  /// The last line, when it has no line break.
  template <typename OnLine>
  void Finish(OnLine on_line) {
    if (!line_.empty()) End(on_line);
  }
  /// Of the line handed over last, from 1.
  uint64_t line() const { return line_number_; }

 private:
  template <typename OnLine>
  void End(OnLine on_line) {
    ++line_number_;
    std::string_view line = line_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    on_line(line, !too_long_);
    line_.clear();
    too_long_ = false;
  }

  const size_t max_bytes_;
  std::string line_;
  bool too_long_ = false;
  uint64_t line_number_ = 0;
};

}  // namespace trackwire::formats
