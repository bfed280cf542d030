// Clients, to whom trackers belong.
#include <algorithm>

#include "api/graphql_tracker.h"

namespace trackwire::api {
namespace {

using graphql::Call;
using graphql::Failure;
using graphql::Reply;
using graphql::Resolved;
using tracking::Client;
using tracking::Id;
using ClientList = std::vector<Client>;

constexpr int64_t kMaxPage = 500;

/// The part of a list by id that is asked for.
GraphqlConnection<GraphqlClient> ConnectionOf(const ClientList& clients,
                                              const std::optional<Id>& after, size_t first) {
  GraphqlConnection<GraphqlClient> part;
  part.behind = after.has_value();
  auto at = clients.begin();
  if (after) {
    at = std::upper_bound(clients.begin(), clients.end(), *after,
                          [](const Id& id, const Client& client) { return id < client.id; });
  }
  for (; at != clients.end() && part.edges.size() < first; ++at) {
    part.Add(CursorOf(at->id), GraphqlClient{at->id, at->name});
  }
  part.more = at != clients.end();
  return part;
}

void ListClients(const GraphqlServices& services, const Call& call, Reply reply) {
  if (services.trackers == nullptr) return reply(Unavailable());
  const auto ask = AskedPage(call, kMaxPage);
  if (!ask) return reply(ask.error());
  auto after = IdOf(*ask);
  if (!after) return reply(after.error());
  auto answer = ReplyFromAnywhere(call, std::move(reply));
  services.trackers->Clients(
      call.context<GraphqlContext>().caller,
      [answer, after = std::move(*after), first = ask->first](Result<ClientList> found) {
        if (!found) return answer(FailureOf(found.error()));
        answer(Resolved::Of(ConnectionOf(*found, after, first)));
      });
}

void FindClient(const GraphqlServices& services, const Call& call, Reply reply) {
  if (services.trackers == nullptr) return reply(Unavailable());
  auto answer = ReplyFromAnywhere(call, std::move(reply));
  services.trackers->Clients(
      call.context<GraphqlContext>().caller,
      [answer, ids = IdsOfText(*call.Text("id"))](Result<ClientList> found) {
        if (!found) return answer(FailureOf(found.error()));
        for (const Id& id : ids) {
          for (const Client& client : *found) {
            if (client.id == id) return answer(Resolved::Of(GraphqlClient{id, client.name}));
          }
        }
        answer(Resolved());
      });
}

void TrackersOfClient(const GraphqlServices& services, const Call& call, Reply reply) {
  if (services.trackers == nullptr) return reply(Unavailable());
  TrackerFilter filter;
  filter.client = {call.parent<GraphqlClient>().id};
  ReplyWithTrackers(*services.trackers, call, std::move(filter), std::move(reply));
}

}  // namespace

void BindClients(const GraphqlServices& services, graphql::Bindings& bindings) {
  using C = GraphqlClient;
  BindConnection<C>("Client", bindings);
  bindings.Member<C>("Client", "id", [](const C& c) { return c.id.ToText(); })
      .Member<C>("Client", "idIsInteger", [](const C& c) { return c.id.is_integer(); })
      .Member<C>("Client", "name", [](const C& c) { return TextOrNull(c.name); })
      .AsyncField("Client", "trackers",
                  [&services](const Call& call, Reply reply) {
                    TrackersOfClient(services, call, std::move(reply));
                  })
      .AsyncField("Query", "clients",
                  [&services](const Call& call, Reply reply) {
                    ListClients(services, call, std::move(reply));
                  })
      .AsyncField("Query", "client", [&services](const Call& call, Reply reply) {
        FindClient(services, call, std::move(reply));
      });
}

}  // namespace trackwire::api
