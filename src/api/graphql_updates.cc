// Asking for a position now.
#include "api/graphql_act.h"
#include "api/graphql_resolve.h"
#include "api/graphql_tracker.h"
#include "base/text.h"

namespace trackwire::api {
namespace {

using graphql::Call;
using graphql::Reply;
using graphql::Resolved;
using ingest::UpdateState;

constexpr size_t kMaxIdBytes = 128;

/// `QUEUED` of the schema; ingest::ToString() is the word on the wire.
const char* StatusName(ingest::UpdateStatus status) {
  switch (status) {
    case ingest::UpdateStatus::kQueued: return "QUEUED";
    case ingest::UpdateStatus::kFetching: return "FETCHING";
    case ingest::UpdateStatus::kFetched: return "FETCHED";
    case ingest::UpdateStatus::kUnchanged: return "UNCHANGED";
    case ingest::UpdateStatus::kFailed: break;
  }
  return "FAILED";
}

void RequestUpdate(const GraphqlServices& services, const Call& call, Reply reply) {
  if (services.updates == nullptr || services.trackers == nullptr) return reply(Unavailable());
  const auth::Identity& caller = call.context<GraphqlContext>().caller;
  const std::string tracker = *call.Text("trackerId");
  auto socket = call.Text("socketId");
  const auto act = std::make_shared<const GraphqlAct>(call, "update.request", tracker,
                                                      std::move(reply));
  if (socket && (socket->empty() || socket->size() > kMaxIdBytes)) {
    return act->Fail(BadArgument("socketId has 1 to 128 bytes"));
  }
  ResolveTracker(*services.trackers, caller, tracker,
                 [act, desk = services.updates, socket = std::move(socket),
                  user = caller.user](const Result<tracking::Id>& id) {
                   if (!id) return act->Fail(BadArgument("trackerId has 1 to 128 bytes"));
                   desk->Request(*id, socket, user, [act](Result<UpdateState> state) {
                     if (!state) return act->Fail(state.error());
                     act->Succeed(Resolved::Of(std::move(*state)));
                   });
                 });
}

void FindUpdate(const GraphqlServices& services, const Call& call, Reply reply) {
  if (services.updates == nullptr) return reply(Unavailable());
  auto answer = ReplyFromAnywhere(call, std::move(reply));
  const std::string id = *call.Text("id");
  if (id.empty() || id.size() > kMaxIdBytes) return answer(Resolved());
  services.updates->Find(id, [answer](Result<std::optional<UpdateState>> found) {
    if (!found) return answer(FailureOf(found.error()));
    answer(*found ? Resolved::Of(std::move(**found)) : Resolved());
  });
}

}  // namespace

void BindUpdates(const GraphqlServices& services, graphql::Bindings& bindings) {
  using S = UpdateState;
  const auto time = [](WallTime at) { return Resolved(base::FormatTime(at)); };
  bindings
      .Member<S>("UpdateRequest", "requestId", [](const S& s) { return s.request.request_id; })
      .Member<S>("UpdateRequest", "trackerId",
                 [](const S& s) { return s.request.tracker_id.ToText(); })
      .Member<S>("UpdateRequest", "status", [](const S& s) { return StatusName(s.status); })
      .Member<S>("UpdateRequest", "reason", [](const S& s) { return TextOrNull(s.reason); })
      .Member<S>("UpdateRequest", "requestedAt",
                 [time](const S& s) { return time(s.request.requested_at); })
      .Member<S>("UpdateRequest", "since", [time](const S& s) { return time(s.since); })
      .Member<S>("UpdateRequest", "deadline",
                 [time](const S& s) { return time(s.request.deadline); })
      .AsyncField("Mutation", "updateTrackerLocation",
                  [&services](const Call& call, Reply reply) {
                    RequestUpdate(services, call, std::move(reply));
                  })
      .AsyncField("Query", "updateRequest", [&services](const Call& call, Reply reply) {
        FindUpdate(services, call, std::move(reply));
      });
}

}  // namespace trackwire::api
