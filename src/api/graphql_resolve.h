#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/graphql_schema.h"

namespace trackwire::api {

/// Finds out what the text of an ID means: the first of the ids it may mean that there is, or the
/// first of all where there is none; whoever is asked to do something with that says so. `done` runs
/// on any thread. Errors: `unknown_tracker` or `unknown_client` for a text that is no id,
/// `unavailable`.
using ResolvedId = std::function<void(Result<tracking::Id>)>;
void ResolveTracker(TrackerReader& reader, const auth::Identity& caller, const std::string& text,
                    ResolvedId done);
void ResolveClient(TrackerReader& reader, const auth::Identity& caller, const std::string& text,
                   ResolvedId done);
/// The same for several, as JSON text, in their order.
void ResolveClients(TrackerReader& reader, const auth::Identity& caller,
                    std::vector<std::string> texts,
                    std::function<void(Result<std::vector<std::string>>)> done);

}  // namespace trackwire::api
