#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "broker/broker.h"
#include "ingest/update_desk.h"
#include "ingest/update_text.h"
#include "net/loop.h"
#include "net/timer.h"

namespace trackwire::ingest {

/// What became of update requests that this process watched.
struct UpdateCounters {
  std::array<uint64_t, 5> by_status{};     ///< by UpdateStatus; each request counts in each it had
  std::map<std::string, uint64_t> failed;  ///< by reason; the reasons of UpdateState alone
  uint64_t refused = 0;                    ///< announcements by others that were not valid
  uint64_t open = 0;                       ///< watched now
  /// From the request to its end, without what the provider took. Of those that were fetched or
  /// unchanged.
  base::LatencyHistogram latency;
};

/// Update requests over the broker: docs/design/updates.md.
///
/// Each request is a durable task of its own, which one desk of the deployment has and watches: it
/// queues the task for whoever runs the tracker's provider, tells the requester how that goes, and
/// ends the request at its deadline whatever happened. When its process dies, another desk has the
/// task soon.
class BrokerUpdateDesk final : public UpdateDesk {
 public:
  /// Whose tracker it is, as far as this process knows.
  struct Target {
    std::string provider;
  };
  struct Options {
    std::chrono::milliseconds deadline = std::chrono::seconds(30);
    size_t max_waiting = 1'000;  ///< requests, and tasks of one provider, that wait
    /// Somebody else asks providers: nothing is queued, the next position in the log is the answer.
    bool external = false;
    /// A gateway: watches the requests of gateways too, and hears the log. Else only those that
    /// others announced.
    bool gateway = true;
    std::chrono::milliseconds lease = std::chrono::seconds(3);
    /// The broker's loop. Nothing when the tracker is not known.
    std::function<std::optional<Target>(const tracking::Id&)> find;
    /// The broker's loop. Whether anybody runs that provider, where this process can know it.
    std::function<bool(const std::string& provider)> runs;
  };

  /// `broker` is `control`'s; both, `clock` and what `sink` leads to outlive it. `sink` takes what
  /// requesters are told.
  BrokerUpdateDesk(net::Loop& control, broker::Broker& broker, broker::NotificationSink& sink,
                   const Clock& clock, Options options);
  /// On the broker's loop, or when that has ended.
  ~BrokerUpdateDesk() override;

  /// The broker's loop. From here on it watches, and hears what others announce.
  void Start();
  /// The broker's loop. What it watches goes to another desk; new requests are `unavailable`.
  void Stop();

  void Request(tracking::Id tracker, std::optional<std::string> socket_id,
               std::string requested_by, Done<UpdateState> done) override;
  void Find(std::string request_id, Done<std::optional<UpdateState>> done) override;

  /// The broker's loop.
  UpdateCounters counters() const;

 private:
  struct Desk;

  std::shared_ptr<Desk> desk_;
};

}  // namespace trackwire::ingest
