#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "socketio/recovery.h"

namespace trackwire::socketio {

/// A place in what a client was sent: after so many broadcasts, and after which event to itself.
struct LogPosition {
  uint64_t broadcast = 0;
  uint64_t event = 0;
  friend auto operator<=>(const LogPosition&, const LogPosition&) = default;

  /// `<epoch>.<broadcast>` or `<epoch>.<broadcast>.<event>`: an offset as clients keep it.
  std::string ToOffset(std::string_view epoch) const;
  /// Nothing for a foreign epoch or another text.
  static std::optional<LogPosition> Parse(std::string_view offset, std::string_view epoch);
};

/// The last deliveries of one sequence, bounded by number, bytes and age. Thread-compatible.
class DeliveryLog {
 public:
  struct Limits {
    size_t max_deliveries;
    size_t max_bytes;
    std::chrono::milliseconds max_age;
  };
  struct Entry {
    LogPosition position;
    Steady::time_point at;
    std::shared_ptr<const Delivery> delivery;
  };

  /// Positions rise.
  void Append(LogPosition position, std::shared_ptr<const Delivery> delivery,
              Steady::time_point now, const Limits& limits);
  void Trim(Steady::time_point now, const Limits& limits);
  /// Whether everything behind `position` is still here.
  bool Covers(LogPosition position) const { return position >= trimmed_to_; }
  const std::deque<Entry>& entries() const { return entries_; }
  /// The first entry behind `position`.
  std::deque<Entry>::const_iterator After(LogPosition position) const;

 private:
  std::deque<Entry> entries_;
  LogPosition trimmed_to_;
  size_t bytes_ = 0;
};

/// Whether a delivery is meant for the client of a record.
bool Addresses(const Delivery& delivery, const RecoveryRecord& record);

}  // namespace trackwire::socketio
