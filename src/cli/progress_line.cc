#include "cli/progress_line.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace trackwire::cli {
namespace {

constexpr std::chrono::milliseconds kOnTerminal{200};
constexpr std::chrono::seconds kElsewhere{10};
constexpr size_t kBarCharacters = 24;

std::string Bar(double part) {
  const auto full = static_cast<size_t>(std::lround(part * kBarCharacters));
  const int percent = static_cast<int>(std::floor(part * 100));
  std::string out = "[" + std::string(full, '#') + std::string(kBarCharacters - full, '-') + "] ";
  const std::string number = std::to_string(percent);
  return out + std::string(3 - number.size(), ' ') + number + " % ";
}

}  // namespace

ProgressLine::ProgressLine()
    : terminal_(::isatty(STDERR_FILENO) == 1),
      next_(terminal_ ? Steady::time_point{} : Steady::now() + kElsewhere) {}

void ProgressLine::Show(const std::string& text, std::optional<double> part) {
  const auto now = Steady::now();
  if (now < next_) return;
  next_ = now + (terminal_ ? Steady::duration(kOnTerminal) : Steady::duration(kElsewhere));
  const std::string bar = part ? Bar(std::clamp(*part, 0.0, 1.0)) : "";
  std::fprintf(stderr, terminal_ ? "\r\x1b[K%s%s" : "%s%s\n", bar.c_str(), text.c_str());
  shown_ = terminal_;
}

void ProgressLine::End() {
  if (shown_) std::fputc('\n', stderr);
  shown_ = false;
}

std::string Grouped(uint64_t number) {
  std::string text = std::to_string(number);
  for (size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

}  // namespace trackwire::cli
