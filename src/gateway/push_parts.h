#pragma once

#include <memory>

#include "api/push_endpoint.h"
#include "gateway/provider_task.h"
#include "gateway/push_gate.h"
#include "gateway/push_worker.h"
#include "ingest/push_desk.h"

namespace trackwire::gateway {

/// What trackers that push need of a gateway, in the order in which the parts need each other.
struct PushParts {
  std::unique_ptr<ingest::PushDesk> desk;
  std::unique_ptr<PushGate> gate;  ///< the control loop's
  api::PushServices services;
  std::unique_ptr<api::PushEndpoint> osmand;
  std::unique_ptr<api::PushEndpoint> owntracks;
  // With a broker that gateways share, one of which works the queue:
  std::unique_ptr<PushWorker> worker;
  std::unique_ptr<ProviderTask> task;
};

}  // namespace trackwire::gateway
