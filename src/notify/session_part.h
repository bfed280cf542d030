#pragma once

#include "net/shard.h"
#include "net/timer.h"
#include "notify/session_index.h"
#include "notify/session_keeper.h"

namespace trackwire::notify {

/// What a SessionKeeper has on one shard. Its thread only.
struct SessionKeeper::Part {
  Part(SessionKeeper& k, net::Shard& s)
      : keeper(k),
        shard(s),
        index(s.index()),
        tick([](void* self) { Tick(*static_cast<Part*>(self)); }, this) {}

  static void Tick(Part& part) { part.keeper.OnTick(part); }

  SessionKeeper& keeper;
  net::Shard& shard;
  SessionIndex index;
  net::Timer tick;
};

}  // namespace trackwire::notify
