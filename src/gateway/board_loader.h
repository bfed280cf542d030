#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "ingest/store_desk.h"
#include "net/loop.h"
#include "net/timer.h"
#include "store/store.h"
#include "tracking/tracker.h"

namespace trackwire::gateway {

/// What a gateway beside fetchers knows of clients and trackers: it reads the store that they
/// write, on a thread of its own, when it starts and when a fetcher says that something has
/// changed.
class BoardLoader {
 public:
  /// All there is; `whole`: more than the trackers themselves may be news, as announcements and log
  /// may have been missed. On the loader's thread, the first time inside Open() on the caller's.
  using OnLoaded = std::function<void(const std::vector<tracking::Client>&,
                                      const std::vector<tracking::TrackerState>&, bool whole)>;

  /// Hears of what Change() has done; on the loader's thread.
  using OnChanged = std::function<void(const ingest::StoreChange&)>;

  /// Opens the store at `url` and reads it (blocking, for start-up). An empty one is no error.
  static Result<std::unique_ptr<BoardLoader>> Open(const std::string& url, OnLoaded on_loaded,
                                                   OnChanged on_changed);
  ~BoardLoader();
  BoardLoader(const BoardLoader&) = delete;
  BoardLoader& operator=(const BoardLoader&) = delete;

  /// Any thread. Changes the store. `then` runs on the loader's thread, after `on_changed`; of what
  /// the end of the loader leaves undone on whichever ends it, with `unavailable`.
  void Change(ingest::StoreJob job, ingest::StoreThen then);
  /// Any thread. Reads again, soon; requests that come meanwhile are one.
  void Reload(bool whole = false);

 private:
  BoardLoader(std::unique_ptr<store::Store> store, OnLoaded on_loaded, OnChanged on_changed);
  Result<void> Load();
  void OnTimer();

  std::unique_ptr<store::Store> store_;
  const OnLoaded on_loaded_;
  const OnChanged on_changed_;
  net::Loop loop_{"board"};
  net::Timer timer_;
  bool whole_ = true;
  std::chrono::milliseconds load_took_{0};  ///< the last time
};

}  // namespace trackwire::gateway
