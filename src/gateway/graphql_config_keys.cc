#include "gateway/graphql_config_keys.h"

#include "gateway/config_fields.h"

namespace trackwire::gateway {

std::vector<ConfigKey> GraphqlKeys() {
  return {
      BoolKey("graphql.enabled", &Config::graphql_enabled, "serve GraphQL at /graphql"),
      BoolKey("graphql.introspection", &Config::graphql_introspection,
              "let clients ask for the schema"),
      IntegerKey("graphql.max_bytes", &Config::graphql_max_bytes, 1'000, 10'000'000,
                 "largest request, its variables included"),
      IntegerKey("graphql.max_tokens", &Config::graphql_max_tokens, 100, 1'000'000,
                 "words and signs in a request"),
      IntegerKey("graphql.max_depth", &Config::graphql_max_depth, 3, 100,
                 "fields in one another; tools that ask for the schema need 15"),
      IntegerKey("graphql.max_aliases", &Config::graphql_max_aliases, 0, 100'000,
                 "other names for fields in a request"),
      IntegerKey("graphql.max_root_fields", &Config::graphql_max_root_fields, 1, 10'000,
                 "fields at the root of a request"),
      IntegerKey("graphql.max_cost", &Config::graphql_max_cost, 10, 100'000'000,
                 "cost of a request: a field counts 1, below a list as often as that has items"),
      IntegerKey("graphql.deadline_ms", &Config::graphql_deadline_ms, 100, 600'000,
                 "milliseconds after which a request is answered with what there is"),
  };
}

graphql::Limits GraphqlLimitsOf(const Config& config) {
  graphql::Limits limits;
  limits.parse.max_bytes = static_cast<size_t>(config.graphql_max_bytes);
  limits.parse.max_tokens = static_cast<size_t>(config.graphql_max_tokens);
  limits.max_depth = static_cast<uint32_t>(config.graphql_max_depth);
  limits.max_aliases = static_cast<uint64_t>(config.graphql_max_aliases);
  limits.max_root_fields = static_cast<uint64_t>(config.graphql_max_root_fields);
  limits.max_cost = static_cast<uint64_t>(config.graphql_max_cost);
  limits.introspection = config.graphql_introspection;
  return limits;
}

}  // namespace trackwire::gateway
