#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/loop.h"
#include "net/timer.h"
#include "store/store.h"
#include "tracking/tracker.h"

namespace trackwire::gateway {

/// What a gateway beside fetchers knows of clients and trackers: it reads the store that they write,
/// on a thread of its own, when it starts and when a fetcher says that something has changed.
class BoardLoader {
 public:
  /// On the loader's thread, the first time inside Open() on the caller's.
  using OnLoaded = std::function<void(const std::vector<tracking::Client>&,
                                      const std::vector<tracking::TrackerState>&)>;

  /// Opens the store at `url` and reads it (blocking, for start-up). An empty one is no error.
  static Result<std::unique_ptr<BoardLoader>> Open(const std::string& url, OnLoaded on_loaded);
  ~BoardLoader();
  BoardLoader(const BoardLoader&) = delete;
  BoardLoader& operator=(const BoardLoader&) = delete;

  /// Any thread. Changes one tracker by hand, then reads again at once. `done` runs on the loader's
  /// thread, after `on_loaded`. Errors: those of Store::EditTracker().
  void Edit(tracking::Id id, tracking::TrackerEdit edit,
            std::function<void(Result<tracking::Tracker>)> done);
  /// Any thread. Reads again, soon; requests that come meanwhile are one.
  void Reload();

 private:
  BoardLoader(std::unique_ptr<store::Store> store, OnLoaded on_loaded);
  Result<void> Load();
  void OnTimer();

  std::unique_ptr<store::Store> store_;
  const OnLoaded on_loaded_;
  net::Loop loop_{"board"};
  net::Timer timer_;
};

}  // namespace trackwire::gateway
