#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "gateway/config.h"
#include "ingest/position_intake.h"

namespace trackwire::gateway {

/// Fetchers say on this channel that the store has other trackers or clients than before; the
/// message names the provider.
inline constexpr const char* kTrackersChanged = "tracker:changed";

/// What the configuration says about positions that come in.
ingest::IntakeLimits PositionLimits(const Config& config);

/// One fetcher beside others on one Redis: runs the providers of the configuration that it gets
/// hold of, each of which is one task for all fetchers together. Used from one thread.
class FetchService {
 public:
  /// Errors: `bad_config` when there is no redis.url or nothing to fetch; those of OpenBroker().
  static Result<std::unique_ptr<FetchService>> Start(const Config& config, const Clock& clock);
  /// Stops.
  ~FetchService();
  FetchService(const FetchService&) = delete;
  FetchService& operator=(const FetchService&) = delete;

  /// A few lines on what it may run and where that goes.
  std::vector<std::string> Banner() const;
  /// Ends what runs, stores what was taken, gives the tasks back; within drain.limit_s, also when
  /// Redis is away. May be called twice.
  void Stop();

 private:
  struct Parts;
  explicit FetchService(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace trackwire::gateway
