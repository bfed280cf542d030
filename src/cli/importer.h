#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/tracker_book.h"

namespace trackwire::cli {

/// What became of the entries of one file.
struct ImportTally {
  uint64_t points = 0;  ///< read, good or not
  uint64_t stored = 0;
  uint64_t duplicates = 0;                  ///< there already
  std::map<std::string, uint64_t> refused;  ///< by reason
  uint64_t refused_in_all() const;
};

/// Puts the points of files into the store, in batches. Reading a file again does no harm: a
/// tracker's fix times stand once. One thread; blocks.
class Importer {
 public:
  struct Options {
    std::optional<tracking::Id> tracker = std::nullopt;  ///< all points are its own
    bool waypoints = false;                              ///< take those of GPX files, too
    size_t batch = 2'000;
    std::function<bool()> stopped = nullptr;  ///< whether to end soon
    /// Hears of the first few entries of a file that are refused.
    std::function<void(uint64_t line, const std::string& reason)> on_refused = nullptr;
  };

  /// All outlive the importer.
  Importer(store::Store& store, TrackerBook& book, const Clock& clock, Options options)
      : store_(store), book_(book), clock_(clock), options_(std::move(options)) {}

  /// What follows is of a file whose trackers, where it has no ids, are called after `name`.
  void Begin(const std::string& name);
  /// Errors: as Store; `unavailable` after several tries.
  Result<void> Take(formats::ReadPoints read);
  /// Stores what waits. Errors as Take().
  Result<void> Flush();
  const ImportTally& tally() const { return tally_; }

 private:
  void Refuse(uint64_t line, const std::string& reason);
  Result<void> TakePoint(formats::FilePoint point);
  tracking::Id IdOf(const formats::FilePoint& point) const;

  store::Store& store_;
  TrackerBook& book_;
  const Clock& clock_;
  const Options options_;
  std::string name_;
  ImportTally tally_;
  std::vector<tracking::Position> waiting_;
};

}  // namespace trackwire::cli
