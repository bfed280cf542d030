#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "formats/point_reader.h"
#include "store/store.h"

namespace trackwire::cli {

/// Which trackers the store has, and makes those that an import finds beside them. One thread.
class TrackerBook {
 public:
  struct Options {
    bool create = false;
    bool is_public = false;
    std::optional<tracking::Id> client = std::nullopt;
    std::string provider = "push";
  };

  /// Reads what there is. `store` outlives the book. Errors: as Store, `unknown_client`.
  static Result<TrackerBook> Open(store::Store& store, const Options& options);

  /// The tracker that `id` means: itself, else one that was there before as the text or number that
  /// is written the same, as `7` and `"7"`. Nothing when there is none.
  std::optional<tracking::Id> Find(const tracking::Id& id) const;
  /// As Find(), but with `create` makes it, under the name that the file has for it. Nothing when
  /// there is none and none is to be made. Errors: as Store.
  Result<std::optional<tracking::Id>> FindOrCreate(const tracking::Id& id,
                                                   const formats::FilePoint& point);
  /// Keeps what a file says of a tracker apart from its places (its name, its category).
  void Learn(const tracking::Id& id, const formats::FilePoint& point);
  /// Gives the trackers made here the names learned since. Errors: as Store.
  Result<void> Finish();
  size_t created() const { return created_.size(); }

 private:
  struct Said {
    std::string name, category;
  };

  TrackerBook(store::Store& store, const Options& options) : store_(&store), options_(options) {}
  Result<void> Load();
  tracking::Tracker MakeTracker(const tracking::Id& id) const;

  store::Store* store_;
  Options options_;
  /// By id as JSON; true for those that were there before.
  std::unordered_map<std::string, bool> known_;
  std::unordered_map<std::string, Said> said_;  ///< by id as JSON
  std::vector<tracking::Tracker> created_;
};

}  // namespace trackwire::cli
