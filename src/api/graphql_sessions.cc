// Sessions: the connections of all gateways, for administrators.
#include "api/graphql_page.h"
#include "api/graphql_schema.h"
#include "base/text.h"

namespace trackwire::api {
namespace {

using graphql::Call;
using graphql::Failure;
using graphql::Reply;
using graphql::Resolved;
using notify::SessionInfo;
using notify::SessionList;

constexpr int64_t kMaxPage = 200;
constexpr size_t kMaxSidBytes = 128;

bool IsSid(std::string_view text) {
  return !text.empty() && text.size() <= kMaxSidBytes && base::IsUtf8(text);
}

using Sessions = GraphqlConnection<SessionInfo>;

Sessions ConnectionOf(SessionList list, bool behind) {
  Sessions sessions;
  sessions.more = list.next.has_value();
  sessions.behind = behind;
  if (list.next) sessions.end = CursorOf(*list.next);
  for (SessionInfo& session : list.sessions) {
    std::string cursor = CursorOf(session.sid);
    sessions.Add(std::move(cursor), std::move(session));
  }
  return sessions;
}

void ListSessions(const GraphqlServices& services, const Call& call, Reply reply) {
  const auto ask = AskedPage(call, kMaxPage);
  if (!ask) return reply(ask.error());
  if (ask->after && !IsSid(*ask->after)) return reply(BadArgument("after is no cursor"));
  auto answer = ReplyFromAnywhere(call, std::move(reply));
  services.sessions.List(ask->after.value_or(""), ask->first,
                         [answer, behind = ask->after.has_value()](Result<SessionList> found) {
                           if (!found) return answer(FailureOf(found.error()));
                           answer(Resolved::Of(ConnectionOf(std::move(*found), behind)));
                         });
}

struct Ended {
  std::string sid;
  bool revoked = false;
};

void EndSession(const GraphqlServices& services, const Call& call, Reply reply) {
  const auto& context = call.context<GraphqlContext>();
  Ended ended{call.Text("sid").value_or(""), call.Flag("revoke")};
  if (!IsSid(ended.sid)) return reply(Failure{"not_found", "there is no such session"});
  auto answer = ReplyFromAnywhere(call, std::move(reply));
  services.sessions.End(ended.sid, ended.revoked, auth::ActorOf(context.caller, context.address),
                        [answer, ended](Result<void> done) {
                          if (done) return answer(Resolved::Of(ended));
                          answer(Failure{done.error().code, done.error().detail});
                        });
}

void BindSession(graphql::Bindings& bindings) {
  using S = SessionInfo;
  bindings.Member<S>("Session", "id", [](const S& s) { return Resolved(s.sid); })
      .Member<S>("Session", "user",
                 [](const S& s) { return TextOrNull(s.identity.user); })
      .Member<S>("Session", "roles", [](const S& s) { return Resolved::Texts(s.identity.roles); })
      .Member<S>("Session", "clients",
                 [](const S& s) {
                   Resolved::List list;
                   for (const auto& id : s.identity.clients) list.emplace_back(ClientIdText(id));
                   return list;
                 })
      .Member<S>("Session", "address", [](const S& s) { return TextOrNull(s.address); })
      .Member<S>("Session", "transport", [](const S& s) { return TextOrNull(s.transport); })
      .Member<S>("Session", "gateway", [](const S& s) { return TextOrNull(s.gateway); })
      .Member<S>("Session", "connectedAt",
                 [](const S& s) {
                   const bool known = s.connected_at != WallTime{};
                   return known ? Resolved(base::FormatTime(s.connected_at)) : Resolved();
                 })
      .Member<S>("Session", "away", [](const S& s) { return Resolved(s.away); });
}

}  // namespace

void BindSessions(const GraphqlServices& services, graphql::Bindings& bindings) {
  BindSession(bindings);
  BindConnection<SessionInfo>("Session", bindings);
  bindings
      .AsyncField("Query", "sessions",
                  [&services](const Call& call, Reply reply) {
                    ListSessions(services, call, std::move(reply));
                  })
      .AsyncField("Mutation", "endSession",
                  [&services](const Call& call, Reply reply) {
                    EndSession(services, call, std::move(reply));
                  })
      .Member<Ended>("EndedSession", "sid", [](const Ended& ended) { return Resolved(ended.sid); })
      .Member<Ended>("EndedSession", "revoked", [](const Ended& ended) { return ended.revoked; });
}

}  // namespace trackwire::api
