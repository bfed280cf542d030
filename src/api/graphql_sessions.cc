// Sessions: the connections of all gateways, for administrators.
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

/// A cursor is the sid in another alphabet, so that nobody takes it for more than a place.
std::string CursorOf(std::string_view sid) { return base::Base64UrlEncode(sid); }

bool IsSid(std::string_view text) {
  return !text.empty() && text.size() <= kMaxSidBytes && base::IsUtf8(text);
}

/// The place that a cursor names: before the first without one, nothing for what is none.
std::optional<std::string> PlaceOf(const std::optional<std::string>& cursor) {
  if (!cursor) return std::string();
  auto place = base::Base64UrlDecode(*cursor);
  return place && IsSid(*place) ? place : std::nullopt;
}

Resolved TextOrNull(const std::string& text) { return text.empty() ? Resolved() : Resolved(text); }

struct Page {
  std::shared_ptr<const SessionList> list;
  bool first = true;  ///< nothing was asked to come before it
};

/// One session of a list, which it keeps.
using Shared = std::shared_ptr<const SessionInfo>;

Shared At(const std::shared_ptr<const SessionList>& list, size_t index) {
  return Shared(list, &list->sessions[index]);
}

Resolved Edges(const Page& page) {
  Resolved::List list;
  for (size_t i = 0; i < page.list->sessions.size(); ++i) {
    // Cursor and node are both the session's.
    list.push_back(Resolved::Of(At(page.list, i)));
  }
  return list;
}

Resolved EndCursor(const Page& page) {
  if (page.list->next) return CursorOf(*page.list->next);
  if (page.list->sessions.empty()) return {};
  return CursorOf(page.list->sessions.back().sid);
}

void ListSessions(const GraphqlServices& services, const Call& call, Reply reply) {
  const int64_t first = call.Integer("first").value_or(0);
  if (first < 1 || first > kMaxPage) {
    return reply(Failure{graphql::codes::kBadArgument,
                         "first must be between 1 and " + std::to_string(kMaxPage)});
  }
  const auto after = PlaceOf(call.Text("after"));
  if (!after) return reply(Failure{graphql::codes::kBadArgument, "after is no cursor"});
  auto answer = ReplyFromAnywhere(call, std::move(reply));
  services.sessions.List(
      *after, static_cast<size_t>(first),
      [answer, from_start = after->empty()](Result<SessionList> found) {
        if (!found) return answer(Failure{found.error().code, found.error().detail});
        answer(
            Resolved::Of(Page{std::make_shared<const SessionList>(std::move(*found)), from_start}));
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
      .Member<S>("Session", "away", [](const S& s) { return Resolved(s.away); })
      .Member<S>("SessionEdge", "cursor", [](const S& s) { return Resolved(CursorOf(s.sid)); })
      .Field("SessionEdge", "node",
             [](const Call& call) { return Resolved::Of(call.share_parent<S>()); });
}

}  // namespace

void BindSessions(const GraphqlServices& services, graphql::Bindings& bindings) {
  BindSession(bindings);
  bindings
      .AsyncField("Query", "sessions",
                  [&services](const Call& call, Reply reply) {
                    ListSessions(services, call, std::move(reply));
                  })
      .AsyncField("Mutation", "endSession",
                  [&services](const Call& call, Reply reply) {
                    EndSession(services, call, std::move(reply));
                  })
      .Member<Page>("SessionConnection", "edges", Edges)
      .Member<Page>("SessionConnection", "nodes", Edges)
      .Field("SessionConnection", "pageInfo",
             [](const Call& call) { return Resolved::Of(call.share_parent<Page>()); })
      .Member<Page>("PageInfo", "hasNextPage",
                    [](const Page& page) { return page.list->next.has_value(); })
      .Member<Page>("PageInfo", "hasPreviousPage", [](const Page& page) { return !page.first; })
      .Member<Page>("PageInfo", "startCursor",
                    [](const Page& page) -> Resolved {
                      if (page.list->sessions.empty()) return {};
                      return CursorOf(page.list->sessions.front().sid);
                    })
      .Member<Page>("PageInfo", "endCursor", EndCursor)
      .Member<Ended>("EndedSession", "sid", [](const Ended& ended) { return Resolved(ended.sid); })
      .Member<Ended>("EndedSession", "revoked", [](const Ended& ended) { return ended.revoked; });
}

}  // namespace trackwire::api
