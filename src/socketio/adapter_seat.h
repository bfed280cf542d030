#pragma once

#include <memory>

#include "net/loop.h"
#include "socketio/adapter.h"

namespace trackwire::socketio {

/// Where a namespace's adapter sits: the seat outlives the adapter, so that who posts to its loop
/// need not know whether it is still there.
struct AdapterSeat {
  net::Loop& loop;
  std::unique_ptr<Adapter> adapter;  ///< the loop's thread; null once stopped
  const bool broadcasts_locally;
  const bool shares_credentials;
};

}  // namespace trackwire::socketio
