#pragma once

#include <cstdint>

#include "base/clock.h"
#include "tracking/tracker.h"

namespace trackwire::store {

/// How values stand in the columns of every kind of database.

inline int64_t ToMillis(WallTime time) { return time.time_since_epoch().count(); }
inline WallTime FromMillis(int64_t ms) { return WallTime(std::chrono::milliseconds(ms)); }

/// The bits of the column `edited`.
inline constexpr int64_t kNameEdited = 1;
inline constexpr int64_t kClientEdited = 2;
inline constexpr int64_t kPublicEdited = 4;
inline constexpr int64_t kCategoryEdited = 8;
inline constexpr int64_t kOfflineAfterEdited = 16;
inline constexpr int64_t kExpectedIntervalEdited = 32;
inline constexpr int64_t kSourceEdited = 64;

inline tracking::EditedFields EditedFrom(int64_t bits) {
  tracking::EditedFields edited;
  edited.name = (bits & kNameEdited) != 0;
  edited.client = (bits & kClientEdited) != 0;
  edited.is_public = (bits & kPublicEdited) != 0;
  edited.category = (bits & kCategoryEdited) != 0;
  edited.offline_after = (bits & kOfflineAfterEdited) != 0;
  edited.expected_interval = (bits & kExpectedIntervalEdited) != 0;
  edited.source = (bits & kSourceEdited) != 0;
  return edited;
}

inline int64_t EditedBits(const tracking::EditedFields& edited) {
  return (edited.name ? kNameEdited : 0) | (edited.client ? kClientEdited : 0) |
         (edited.is_public ? kPublicEdited : 0) | (edited.category ? kCategoryEdited : 0) |
         (edited.offline_after ? kOfflineAfterEdited : 0) |
         (edited.expected_interval ? kExpectedIntervalEdited : 0) |
         (edited.source ? kSourceEdited : 0);
}

/// The columns of a position in the order in which they are read and written.
inline constexpr const char* kPositionColumns =
    "fix_time, received_at, latitude, longitude, altitude, accuracy, speed, course, heading, "
    "battery, valid, motion, source, attributes";
inline constexpr int kPositionColumnCount = 14;

/// The columns of a tracker, likewise.
inline constexpr const char* kTrackerColumns =
    "id, name, category, client_id, is_public, provider, external_id, offline_after_s, "
    "expected_interval_s, attributes, edited";
inline constexpr int kTrackerColumnCount = 11;

/// What a provider says of a tracker, and the bit of `edited` that keeps it from doing so; 0: none.
struct DescribedColumn {
  const char* name;
  int64_t edited_bit;
};
inline constexpr DescribedColumn kDescribedColumns[] = {
    {"name", kNameEdited},
    {"client_id", kClientEdited},
    {"is_public", kPublicEdited},
    {"category", kCategoryEdited},
    {"offline_after_s", kOfflineAfterEdited},
    {"expected_interval_s", kExpectedIntervalEdited},
    {"external_id", kSourceEdited},
    {"provider", 0},
    {"attributes", 0},
};

}  // namespace trackwire::store
