#pragma once

#include <cstdint>

#include "net/connections.h"

namespace trackwire::net {

/// Marks events of listening sockets; the generation is the listener's id then.
inline constexpr uint32_t kListenerSlot = 0xFFFF'FFFF;

struct Connections::Listening {
  uint32_t id = 0;
  UniqueFd socket;
  AcceptHandler* handler = nullptr;
  bool paused = false;
};

}  // namespace trackwire::net
