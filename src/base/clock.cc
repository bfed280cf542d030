#include "base/clock.h"

namespace trackwire {
namespace {

class SystemClock final : public Clock {
 public:
  Steady::time_point Now() const override { return Steady::now(); }
  WallTime WallNow() const override {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
  }
};

}  // namespace

const Clock& Clock::System() {
  static const SystemClock clock;
  return clock;
}

}  // namespace trackwire
