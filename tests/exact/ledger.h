#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "event.h"
#include "offset.h"

namespace trackwire::exact {

/// The log as all clients together have seen it: each offset with what came under it.
///
/// What any client got, every other has to get as well; what none got is for the publishers' books
/// to tell. Entries stay where they are until the end. One thread.
class Ledger {
 public:
  struct Entry {
    Offset offset;
    Mark mark;
    std::string body;
    Entry* next = nullptr;  ///< what came next to some client: usually to the others too
  };

  enum class Sight {
    kKnown,     ///< or the first of its offset
    kUnmarked,  ///< not of this test, or its numbers are out of range
    kAltered,   ///< another client got other bytes under this offset
    kForeign,   ///< of another epoch than the first offset of all
  };
  struct Noted {
    Sight sight = Sight::kKnown;
    Entry* entry = nullptr;  ///< of kKnown
  };

  Ledger(size_t contents, size_t trackers) : contents_(contents), trackers_(trackers) {}

  /// `previous` is the entry that this client got before, or nullptr.
  Noted Note(const Event& event, Entry* previous);
  /// Whether an offset is of the epoch of all others; the first one names it.
  bool IsOurs(std::string_view epoch);
  size_t size() const { return entries_.size(); }
  std::vector<const Entry*> InOrder() const;

 private:
  Entry* Find(const Event& event, Entry* previous);

  size_t contents_;
  size_t trackers_;
  std::string epoch_;
  std::deque<Entry> entries_;
  std::unordered_map<Offset, Entry*, OffsetHash> by_offset_;
};

}  // namespace trackwire::exact
