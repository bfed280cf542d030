#pragma once

#include <string>

#include "gateway/provider_task.h"
#include "gateway/remote_providers.h"

namespace trackwire::gateway {

/// Asks a source in the network, and takes the update requests for its trackers, while its task is
/// held. What the context names and `providers` outlive the task.
ProviderTask::Duty RemoteDuty(const ProviderTask::Context& context, RemoteProviders& providers,
                              const RemoteProviders::Source& source);

/// Answers the update requests for the trackers of a recording.
ProviderTask::Duty ReplayDuty(const ProviderTask::Context& context, const std::string& provider);

}  // namespace trackwire::gateway
