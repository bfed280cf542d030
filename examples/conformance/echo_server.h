#pragma once

#include <memory>
#include <trackwire/engineio/server.h>
#include <vector>

namespace trackwire::conformance {

/// A bare Engine.IO server that sends every message back.
std::unique_ptr<engineio::Server> MakeEchoServer(const std::vector<net::Shard*>& shards,
                                                 const engineio::Options& options);

}  // namespace trackwire::conformance
