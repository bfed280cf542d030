#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

#include "broker/notification_log.h"
#include "notify/audience.h"
#include "notify/encode.h"

namespace trackwire::notify {

class Dispatch;

/// An entry of the log made ready for clients that missed it.
struct Replayable {
  std::shared_ptr<const Audience> audience;
  std::vector<std::shared_ptr<const socketio::Delivery>> by_view;  ///< none: it is unreadable
  size_t bytes = 0;  ///< what it takes in memory, roughly
};

/// Keeps log entries parsed and encoded while many clients come back at once, after a restart say,
/// so that each is worked on once and not once a client. Bounded; the oldest fall out.
class ReplayCache {
 public:
  explicit ReplayCache(size_t max_bytes = 64u << 20) : max_bytes_(max_bytes) {}

  std::shared_ptr<const Replayable> Get(const broker::LogEntry& entry, const Dispatch& dispatch,
                                        const std::string& nsp);
  void Clear();

 private:
  struct Key {
    uint64_t ms;
    uint64_t seq;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    size_t operator()(const Key& key) const {
      return static_cast<size_t>(key.ms * 1'000'003 + key.seq);
    }
  };
  struct Aged {
    Key key;
    size_t bytes;
  };

  size_t max_bytes_;
  size_t bytes_ = 0;
  std::unordered_map<Key, std::shared_ptr<const Replayable>, Hash> items_;
  std::deque<Aged> by_age_;
};

}  // namespace trackwire::notify
