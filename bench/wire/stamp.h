#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trackwire::bench {

/// What a load message carries to be recognised and timed when it arrives.
struct Stamp {
  uint32_t run = 0;  ///< tells this run's messages from those of others
  uint32_t publisher = 0;
  uint64_t sequence = 0;  ///< counts up by one per publisher, from 0
  int64_t sent_ns = 0;    ///< steady clock

  bool operator==(const Stamp&) const = default;
};

/// Appends `twload.<run>.<publisher>.<sequence>.<sent_ns>`: plain ASCII that every JSON writer on
/// the way leaves as it is.
void AppendStamp(std::string& out, const Stamp& stamp);

/// The first stamp in `text`, or nothing. Does not throw; linear in `text`.
std::optional<Stamp> FindStamp(std::string_view text);

}  // namespace trackwire::bench
