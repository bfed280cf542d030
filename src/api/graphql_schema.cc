#include "api/graphql_schema.h"

#include "api/graphql_page.h"
#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::api {

extern const char kSchemaText[];

namespace {

using graphql::Failure;
using graphql::Resolved;
namespace json = boost::json;

graphql::Scalar DateTime() {
  graphql::Scalar scalar;
  scalar.parse = [](const json::value& value) -> Result<json::value, std::string> {
    const auto time = value.is_string() ? base::ParseTime(value.get_string()) : std::nullopt;
    if (!time) return Err(std::string("is no time as RFC 3339 writes it"));
    return json::value(json::string(base::FormatTime(*time)));
  };
  scalar.serialize = [](const json::value& value) -> Result<json::value, std::string> {
    if (!value.is_string()) return Err(std::string("is no text"));
    return value;
  };
  return scalar;
}

/// Objects go out as they were published; none comes in.
graphql::Scalar JsonObject() {
  graphql::Scalar scalar;
  scalar.parse = scalar.serialize =
      [](const json::value& value) -> Result<json::value, std::string> {
    if (!value.is_object()) return Err(std::string("is no object"));
    return value;
  };
  return scalar;
}

/// `ADMIN` of the schema is the role `admin`.
bool HasRole(const auth::Identity& identity, std::string_view role) {
  return role == "ADMIN" && identity.is_admin();
}

/// What `@requires` says of a field.
std::optional<Failure> Authorise(const graphql::Field& field, graphql::Context& context) {
  const auto* requires_role = graphql::ast::Find(*field.directives, "requires");
  if (requires_role == nullptr) return std::nullopt;
  const auth::Identity& caller = static_cast<GraphqlContext&>(context).caller;
  const std::string_view role = requires_role->Find("role")->text;
  if (HasRole(caller, role)) return std::nullopt;
  if (field.parent->name == "Mutation") {
    auth::Audit(static_cast<GraphqlContext&>(context).actor(),
                {"graphql." + std::string(field.name), {},
                 caller.authenticated ? "forbidden" : "unauthorized"});
  }
  if (!caller.authenticated) return Failure{"unauthorized", "a valid token is needed"};
  return Failure{"forbidden", "the role " + std::string(role) + " is needed"};
}

Error Join(const std::vector<graphql::Problem>& problems) {
  Error error{"bad_schema", "schema.graphql:"};
  for (const graphql::Problem& problem : problems) {
    for (const graphql::Place& place : problem.places) {
      error.detail += " " + std::to_string(place.line) + ":" + std::to_string(place.column);
    }
    error.detail += " " + problem.message + ";";
  }
  error.detail.pop_back();
  return error;
}

}  // namespace

std::string ClientIdText(const std::string& json) {
  return json.starts_with('"') ? base::DecodeJsonString(json) : json;
}

std::function<void(Resolved)> ReplyFromAnywhere(const graphql::Call& call, graphql::Reply reply) {
  net::Loop& loop = call.context<GraphqlContext>().loop;
  auto shared = std::make_shared<graphql::Reply>(std::move(reply));
  return [&loop, shared](Resolved value) {
    loop.Post([shared, value = std::move(value)]() mutable { (*shared)(std::move(value)); });
  };
}

void BindViewer(graphql::Bindings& bindings) {
  using auth::Identity;
  bindings
      .Field("Query", "me",
             [](const graphql::Call& call) {
               return Resolved::Of(call.context<GraphqlContext>().caller);
             })
      .Member<Identity>("Viewer", "authenticated",
                        [](const Identity& i) { return i.authenticated; })
      .Member<Identity>(
          "Viewer", "user",
          [](const Identity& i) { return i.user.empty() ? Resolved() : Resolved(i.user); })
      .Member<Identity>("Viewer", "roles",
                        [](const Identity& i) { return Resolved::Texts(i.roles); })
      .Member<Identity>("Viewer", "permissions",
                        [](const Identity& i) { return Resolved::Texts(i.permissions); })
      .Member<Identity>("Viewer", "clients",
                        [](const Identity& i) {
                          Resolved::List list;
                          for (const auto& id : i.clients) list.emplace_back(ClientIdText(id));
                          return list;
                        })
      .Member<Identity>("Viewer", "expiresAt", [](const Identity& i) {
        return i.expires_at ? Resolved(base::FormatTime(*i.expires_at)) : Resolved();
      });
}

Result<std::unique_ptr<graphql::Engine>> MakeGraphqlEngine(const GraphqlServices& services,
                                                           const graphql::Limits& limits) {
  graphql::Bindings bindings;
  bindings.Scalar("DateTime", DateTime());
  bindings.Scalar("JSONObject", JsonObject());
  BindPageInfo(bindings);
  BindViewer(bindings);
  BindSessions(services, bindings);
  BindTrackers(services, bindings);
  BindPositions(services, bindings);
  BindClients(services, bindings);
  BindUpdates(services, bindings);
  BindGeocoding(services, bindings);
  BindTrackerAdmin(services, bindings);
  BindUsers(services, bindings);
  graphql::EngineOptions options;
  options.limits = limits;
  options.authorise = Authorise;
  auto engine = graphql::Engine::Make(kSchemaText, std::move(bindings), std::move(options));
  if (!engine) return Err(Join(engine.error()));
  return std::move(*engine);
}

}  // namespace trackwire::api
