#pragma once

#include <string>

#include "base/result.h"
#include "graphql/engine.h"
#include "net/http/message.h"

namespace trackwire::api {

/// What a response may be written as. Spec: GraphQL over HTTP, "Media Types".
enum class GraphqlMedia : uint8_t {
  kResponse,  ///< application/graphql-response+json: the status says whether it was executed
  kJson,      ///< application/json: 200 for all that could be read as a request
  kNone,      ///< the client takes neither
};

/// The one that the client likes best; application/json where it does not care.
GraphqlMedia ChooseGraphqlMedia(const net::http::Headers& headers);

/// Whether a POST request's body is JSON in UTF-8 by its headers.
bool SaysGraphqlJson(const net::http::Headers& headers);

/// Reads the body of a POST request, or the query of a GET request, which may not change anything.
/// Errors: `bad_request`. Spec: GraphQL over HTTP, "Request Parameters".
Result<graphql::Request> ReadGraphqlBody(const std::string& body);
Result<graphql::Request> ReadGraphqlQuery(const net::http::Query& query);

}  // namespace trackwire::api
