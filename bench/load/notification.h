#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "wire/stamp.h"

namespace trackwire::bench {

/// Writes the positions that a load run publishes: JSON objects of one fixed size whose tracker
/// ids go round, with a stamp in front. Thread-compatible.
class NotificationWriter {
 public:
  /// The smallest object that holds all fields whatever the numbers in them.
  static constexpr size_t kMinBytes = 240;

  /// `payload_bytes` at least kMinBytes; `trackers` at least 1.
  /// `spread`: each tracker stands at PlaceOfTracker(); else all move about in one bay.
  NotificationWriter(std::string_view event, size_t payload_bytes, size_t trackers,
                     bool spread = false);

  /// Appends the object: exactly `payload_bytes`.
  void Append(std::string& out, const Stamp& stamp) const;
  /// Appends `42["broadcast","<event>",<object>]`, which asks a server to emit the rest to all.
  void AppendBroadcast(std::string& out, const Stamp& stamp) const;
  /// Appends an envelope for POST /api/notifications.
  void AppendEnvelope(std::string& out, const Stamp& stamp) const;

 private:
  void AppendPlace(std::string& out, uint64_t sequence) const;

  std::string event_;
  size_t payload_bytes_;
  size_t trackers_;
  bool spread_;
};

}  // namespace trackwire::bench
