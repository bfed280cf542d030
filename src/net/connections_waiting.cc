// Connections without a whole request: a list by age, from which room is made.
#include "base/check.h"
#include "net/connections.h"
#include "net/shard.h"

namespace trackwire::net {

void Connections::SetWaiting(Connection& connection, bool waiting) {
  if (connection.waiting_ == waiting || (waiting && connection.doomed())) return;
  connection.waiting_ = waiting;
  ShardCounters& counters = shard_.counters();
  if (waiting) {
    connection.waiting_before_ = latest_waiting_;
    connection.waiting_after_ = Connection::kNone;
    (latest_waiting_ == Connection::kNone ? longest_waiting_ : At(latest_waiting_).waiting_after_) =
        connection.slot_;
    latest_waiting_ = connection.slot_;
    if (++counters.connections_waiting > shard_.options().max_waiting) EvictWaiting();
    return;
  }
  --counters.connections_waiting;
  const uint32_t before = connection.waiting_before_;
  const uint32_t after = connection.waiting_after_;
  (before == Connection::kNone ? longest_waiting_ : At(before).waiting_after_) = after;
  (after == Connection::kNone ? latest_waiting_ : At(after).waiting_before_) = before;
}

/// It is gone with the end of this turn; until then there is one too many. False: nobody waits.
bool Connections::EvictWaiting() {
  if (longest_waiting_ == Connection::kNone) return false;
  ++shard_.counters().waiting_evicted;
  Doom(At(longest_waiting_), Connection::Doom::kBroken);
  return true;
}

}  // namespace trackwire::net
