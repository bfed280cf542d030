#pragma once

#include <optional>
#include <string>

#include "base/clock.h"

namespace trackwire::cli {

/// Says on standard error how far long work is: rewrites one line on a terminal, prints a line
/// every ten seconds elsewhere.
class ProgressLine {
 public:
  ProgressLine();
  /// With a bar when it is known which part is done, 0 to 1.
  void Show(const std::string& text, std::optional<double> part = std::nullopt);
  /// Leaves the line. May be called more than once.
  void End();

 private:
  const bool terminal_;
  bool shown_ = false;
  Steady::time_point next_{};
};

/// 1234567 as `1,234,567`.
std::string Grouped(uint64_t number);

}  // namespace trackwire::cli
