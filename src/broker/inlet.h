#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/loop.h"

namespace trackwire::broker {

/// Where an envelope came from, so that storing it can be counted once and acknowledged in the same
/// step. Opaque to all but the broker that made it.
struct InletTicket {
  enum class From : uint8_t {
    kDirect,   ///< handed over by a caller of Append()
    kChannel,  ///< heard; other processes hear it too
    kInbox,    ///< taken from the durable inbox
  };
  From from = From::kDirect;
  uint64_t hearing = 0;    ///< numbers what this process heard, from 1
  std::string entry_id;    ///< of the inbox
};

/// An envelope from outside, not looked at yet.
struct Incoming {
  std::string envelope;
  InletTicket ticket;
  Steady::time_point heard_at;
};

/// Brings in what publishers put on the notification channel and into the inbox.
///
/// Each Incoming ends in one AppendRequest with its ticket or in one Refuse(), in the order in which
/// they came: order in the log rests on it. The broker holds back further ones of the inbox
/// while too many are on the way.
class Inlet {
 public:
  using Handler = std::function<void(std::vector<Incoming>)>;

  virtual ~Inlet() = default;
  /// Any thread, once. From now on `handler` gets what comes, in batches, on the thread of `loop`.
  virtual void Open(net::Loop& loop, Handler handler) = 0;
  /// Any thread. The envelope is not valid: kept with the rejected ones and acknowledged.
  virtual void Refuse(Incoming incoming, std::string reason) = 0;
  /// Any thread. Takes nothing new from outside; `done` on the broker's loop when the handler has
  /// been called for the last time. Another process goes on at once.
  virtual void Close(std::function<void()> done) = 0;
};

}  // namespace trackwire::broker
