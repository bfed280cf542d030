#pragma once

#include <memory>
#include <string>

#include "auth/identity.h"
#include "base/result.h"
#include "graphql/engine.h"
#include "net/loop.h"
#include "notify/session_admin.h"

namespace trackwire::api {

/// What the fields of the schema are served from. Constant while the server runs.
struct GraphqlServices {
  notify::SessionAdmin& sessions;
};

/// One request: who asks, and the loop on which it runs.
class GraphqlContext final : public graphql::Context {
 public:
  GraphqlContext(auth::Identity identity, std::string from, net::Loop& on)
      : caller(std::move(identity)), address(std::move(from)), loop(on) {}

  const auth::Identity caller;
  const std::string address;
  net::Loop& loop;
};

/// The schema of src/api/schema.graphql with its resolvers. Fails, saying what is wrong, when these
/// do not fit each other. `services` outlive it.
Result<std::unique_ptr<graphql::Engine>> MakeGraphqlEngine(const GraphqlServices& services,
                                                           const graphql::Limits& limits);

/// The parts that MakeGraphqlEngine() is made of, one a subject.
void BindViewer(graphql::Bindings& bindings);
void BindSessions(const GraphqlServices& services, graphql::Bindings& bindings);

/// An id of a client as text, of its JSON.
std::string ClientIdText(const std::string& json);

/// A reply that may be given on any thread, once: it goes on where the request runs.
std::function<void(graphql::Resolved)> ReplyFromAnywhere(const graphql::Call& call,
                                                         graphql::Reply reply);

}  // namespace trackwire::api
