#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/loop.h"
#include "net/timer.h"
#include "store/revisions.h"

namespace trackwire::gateway {

/// Notices what other processes (the command line, another gateway) changed in the store, and what
/// this one did: looks at its revisions twice a second, on a thread of its own.
class StoreWatch {
 public:
  enum class Kind { kUsers, kTrackers };

  /// Opens the store at `url` (blocking, for start-up).
  static Result<std::unique_ptr<StoreWatch>> Open(const std::string& url);
  ~StoreWatch();
  StoreWatch(const StoreWatch&) = delete;
  StoreWatch& operator=(const StoreWatch&) = delete;

  /// Before Start(). `handler` runs on the watch's thread, once for all changes since it ran last,
  /// and must not block for long: it tells those who read the store.
  void OnChanged(Kind kind, std::function<void()> handler);
  /// What changed since Open() is told soon after.
  void Start();
  /// Any thread. Looks at once: somebody knows already that there is something.
  void LookNow();
  /// Ends the thread; no handler runs afterwards. Not from a handler.
  void Stop();

 private:
  explicit StoreWatch(std::unique_ptr<store::RevisionReader> reader, store::Revisions seen);
  void Look();

  std::unique_ptr<store::RevisionReader> reader_;
  store::Revisions seen_;
  std::vector<std::function<void()>> on_users_;
  std::vector<std::function<void()>> on_trackers_;
  bool failing_ = false;
  net::Loop loop_{"store-watch"};
  net::Timer timer_;
};

}  // namespace trackwire::gateway
