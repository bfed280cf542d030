#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/push_message.h"
#include "base/clock.h"
#include "ingest/push_desk.h"
#include "ingest/tracker_admin.h"
#include "net/loop.h"
#include "net/timer.h"
#include "tracking/board.h"

namespace trackwire::gateway {

/// Finds out which tracker pushes and hands what it says to where that becomes durable. Belongs to
/// the control loop, as the board does.
class PushGate {
 public:
  using Done = std::function<void(Result<void>)>;
  struct Options {
    bool open = false;  ///< who is not known becomes a tracker
    std::chrono::milliseconds patience = std::chrono::seconds(10);
    size_t max_waiting = 20'000;
    std::chrono::milliseconds max_future_skew = std::chrono::minutes(2);
  };

  /// All outlive it.
  PushGate(net::Loop& control, const tracking::Board& board, ingest::PushDesk& desk,
           ingest::TrackerAdmin& admin, const Clock& clock, Options options);

  /// As api::PushServices::Take; `done` once, also when nobody answers within the patience.
  void Take(std::optional<tracking::Id> named, api::PushMessage message, Done done);
  /// Answers those who wait, `unavailable`, and takes nothing more.
  void Close();

 private:
  struct Waiting {
    Steady::time_point until;
    Done done;
  };
  using Found = Result<const tracking::Tracker*>;

  Found FindNamed(const tracking::Id& named, const std::vector<std::string>& names) const;
  const tracking::Tracker* FindByName(const std::vector<std::string>& names) const;
  void TakeNew(std::string name, api::PushMessage message, Done done);
  void Hand(const tracking::Id& tracker, api::PushMessage message, Done done);
  void Answer(uint64_t number, const Result<void>& result);
  void OnTick();

  net::Loop& control_;
  const tracking::Board& board_;
  ingest::PushDesk& desk_;
  ingest::TrackerAdmin& admin_;
  const Clock& clock_;
  const Options options_;
  bool closed_ = false;
  uint64_t last_number_ = 0;
  std::map<uint64_t, Waiting> waiting_;  ///< those in front have the least time left
  net::Timer tick_;
};

}  // namespace trackwire::gateway
