#pragma once

#include <cstdint>

#include "broker/notification_log.h"

namespace trackwire::broker {

/// An offset inside one epoch as the row number of its entry: milliseconds above 20 bits of
/// sequence, so that the order of rows is the order of the log.
using LogId = int64_t;

inline constexpr int kSeqBits = 20;

inline LogId ToId(const LogOffset& offset) {
  return static_cast<LogId>(offset.ms << kSeqBits | offset.seq);
}
inline LogOffset ToOffset(const std::string& epoch, LogId id) {
  const auto bits = static_cast<uint64_t>(id);
  return {epoch, bits >> kSeqBits, bits & ((uint64_t{1} << kSeqBits) - 1)};
}
/// Whether an offset from outside can be an id at all.
inline bool FitsId(const LogOffset& offset) {
  return offset.ms < uint64_t{1} << (62 - kSeqBits) && offset.seq < uint64_t{1} << kSeqBits;
}
/// The id after `last` for an entry made at `now_ms`: never smaller, whatever the clock does.
inline LogId NextId(LogId last, int64_t now_ms) {
  const LogId by_clock = now_ms > 0 ? now_ms << kSeqBits : 0;
  return by_clock > last ? by_clock : last + 1;
}

}  // namespace trackwire::broker
