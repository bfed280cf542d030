// GraphQL: the schema with what serves it, and its route.
#include "gateway/graphql_config_keys.h"
#include "gateway/parts.h"

namespace trackwire::gateway {

Result<void> Gateway::Parts::MakeGraphqlRoute() {
  if (!config.graphql_enabled) return Ok();
  graphql_services.emplace(api::GraphqlServices{*directory, tracker_reader.get(),
                                                tracker_admin.get(), updates.get(),
                                                account_admin.get(),
                                                geocoding ? &geocoding->services() : nullptr,
                                                limits.get()});
  auto engine = api::MakeGraphqlEngine(*graphql_services, GraphqlLimitsOf(config));
  if (!engine) return Err(engine.error());
  graphql_engine = std::move(*engine);
  api::GraphqlEndpoint::Options options;
  options.shards = shards.size();
  options.deadline = std::chrono::milliseconds(config.graphql_deadline_ms);
  graphql_route = std::make_unique<api::GraphqlEndpoint>(*access, *graphql_engine, options);
  router.Mount("/graphql", graphql_route.get());
  return Ok();
}

}  // namespace trackwire::gateway
