#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "formats/report.h"

namespace trackwire::fetcher {

/// What an answer of a source held.
struct Fetched {
  std::vector<formats::Report> reports;
  bool unchanged = false;  ///< the source says that nothing is new since it was last asked
  uint64_t bad = 0;        ///< entries that could not be read, skipped
};

/// Why a source gave nothing. Codes: `unreachable`, `timeout`, `rate_limited`, `unauthorized`,
/// `bad_status`, `bad_answer`, `too_large`, `forbidden_address`, `bad_url`, `not_found`, `no_fix`,
/// `unsupported`, `cancelled`.
struct FetchError {
  std::string code;
  std::string detail;  ///< for people; no secrets
  std::optional<std::chrono::milliseconds> retry_after;
};

/// How to speak with one kind of source over the network. Knows neither schedule nor retries nor
/// which trackers there are: that is its runner's.
///
/// All of it belongs to the loop of the outbound::HttpClient it was made with. A `done` is called
/// once, never inside the call that it was given to, and not after the connector is destroyed.
class Connector {
 public:
  using Done = std::function<void(Result<Fetched, FetchError>)>;
  struct Abilities {
    bool all = false;     ///< FetchAll(): one request brings all trackers
    bool one = false;     ///< FetchOne(): can be asked about a single tracker
    bool listens = false;  ///< Listen(): brings fixes as they come
    /// FetchOne() makes the device find out where it is: what it was before is not an answer.
    bool locates = false;
  };

  virtual ~Connector() = default;
  virtual Abilities abilities() const = 0;
  virtual void FetchAll(std::chrono::milliseconds timeout, Done done) = 0;
  virtual void FetchOne(const std::string& external_id, std::chrono::milliseconds timeout,
                        Done done) = 0;

  struct Listener {
    std::function<void(Fetched)> on_reports;
    /// Whether the line stands; what was missed while it did not is asked for by FetchAll().
    std::function<void(bool up, std::string reason)> on_line;
  };
  /// Opens the line; it is opened again by whoever calls this after `on_line(false)`.
  virtual void Listen(Listener listener) = 0;
};

}  // namespace trackwire::fetcher
