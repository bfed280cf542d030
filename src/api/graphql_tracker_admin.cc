// What administrators do to trackers, their tokens, and clients.
#include "api/graphql_act.h"
#include "api/graphql_resolve.h"
#include "api/graphql_tracker.h"
#include "api/graphql_tracker_input.h"

namespace trackwire::api {
namespace {

using graphql::Call;
using graphql::Reply;
using graphql::Resolved;
using tracking::Client;
using tracking::Id;
using tracking::Tracker;
using ActPtr = std::shared_ptr<const GraphqlAct>;
namespace json = boost::json;

/// One act with all it needs; a value.
struct Job {
  ActPtr act;
  TrackerReader* reader;
  ingest::TrackerAdmin* admin;
  auth::Identity caller;

  /// The tracker as readers get it, once this gateway knows it so.
  void SucceedWith(const Tracker& tracker) const {
    reader->Find(caller, {tracker.id},
                 [act = act, tracker](Result<std::vector<std::optional<TrackerView>>> found) {
                   if (!found) return act->Fail(found.error());
                   if (!found->front()) {
                     // Removed again meanwhile: it was there all the same.
                     TrackerView view;
                     view.tracker = tracker;
                     return act->Succeed(Resolved::Of(std::move(view)));
                   }
                   act->Succeed(Resolved::Of(std::move(*found->front())));
                 });
  }
  /// Answers with what becomes of a call that gives a tracker.
  ingest::TrackerAdmin::Done<Tracker> Answer() const {
    return [job = *this](const Result<Tracker>& done) {
      done ? job.SucceedWith(*done) : job.act->Fail(done.error());
    };
  }
  ingest::TrackerAdmin::Done<Client> AnswerClient() const {
    return [act = act](const Result<Client>& done) {
      if (!done) return act->Fail(done.error());
      act->Succeed(Resolved::Of(GraphqlClient{done->id, done->name}));
    };
  }
  ingest::TrackerAdmin::Done<void> AnswerDeleted(const Id& id) const {
    return [act = act, id](const Result<void>& done) {
      if (!done) return act->Fail(done.error());
      act->Succeed(Resolved::Of(GraphqlDeleted{id.ToText()}));
    };
  }
};

/// Nothing, and the field has failed, where the services are not there.
std::optional<Job> Begin(const GraphqlServices& services, const Call& call, const char* what,
                         std::string target, Reply reply) {
  if (services.tracker_admin == nullptr || services.trackers == nullptr) {
    reply(Unavailable());
    return std::nullopt;
  }
  return Job{std::make_shared<const GraphqlAct>(call, what, std::move(target), std::move(reply)),
             services.trackers, services.tracker_admin,
             call.context<GraphqlContext>().caller};
}

const json::object& InputOf(const Call& call) { return call.Find("input")->get_object(); }

void CreateTracker(const GraphqlServices& services, const Call& call, Reply reply) {
  const json::object& input = InputOf(call);
  const auto job =
      Begin(services, call, "tracker.create", *TextIn(input, "id"), std::move(reply));
  if (!job) return;
  auto tracker = ReadCreateTracker(input);
  if (!tracker) return job->act->Fail(tracker.error());
  const auto client = TextIn(input, "clientId");
  if (!client) return job->admin->CreateTracker(std::move(*tracker), job->Answer());
  ResolveClient(*job->reader, job->caller, *client,
                [job = *job, tracker = std::move(*tracker)](Result<Id> id) mutable {
                  if (!id) return job.act->Fail(id.error());
                  tracker.client_id = std::move(*id);
                  job.admin->CreateTracker(std::move(tracker), job.Answer());
                });
}

/// Runs `then` with the tracker that the argument `name` means.
void WithTracker(const Job& job, const Call& call, const char* name,
                 std::function<void(const Id&)> then) {
  ResolveTracker(*job.reader, job.caller, *call.Text(name),
                 [act = job.act, then = std::move(then)](const Result<Id>& id) {
                   id ? then(*id) : act->Fail(id.error());
                 });
}

void WithClient(const Job& job, const std::string& text, std::function<void(const Id&)> then) {
  ResolveClient(*job.reader, job.caller, text,
                [act = job.act, then = std::move(then)](const Result<Id>& id) {
                  id ? then(*id) : act->Fail(id.error());
                });
}

void UpdateTracker(const GraphqlServices& services, const Call& call, Reply reply) {
  const auto job = Begin(services, call, "tracker.edit", *call.Text("id"), std::move(reply));
  if (!job) return;
  auto edit = ReadUpdateTracker(InputOf(call));
  if (!edit) return job->act->Fail(edit.error());
  const auto client = TextIn(InputOf(call), "clientId");
  WithTracker(*job, call, "id", [job = *job, edit = std::move(*edit), client](const Id& id) {
    if (!client) return job.admin->EditTracker(id, edit, job.Answer());
    WithClient(job, *client, [job, id, edit](const Id& client_id) {
      tracking::TrackerEdit with_client = edit;
      with_client.client_id = client_id;
      job.admin->EditTracker(id, std::move(with_client), job.Answer());
    });
  });
}

void DeleteTracker(const GraphqlServices& services, const Call& call, Reply reply) {
  const auto job = Begin(services, call, "tracker.remove", *call.Text("id"), std::move(reply));
  if (!job) return;
  WithTracker(*job, call, "id", [job = *job](const Id& id) {
    job.admin->RemoveTracker(id, job.AnswerDeleted(id));
  });
}

void CreateClient(const GraphqlServices& services, const Call& call, Reply reply) {
  const json::object& input = InputOf(call);
  const auto job = Begin(services, call, "client.create", *TextIn(input, "id"), std::move(reply));
  if (!job) return;
  auto client = ReadCreateClient(input);
  if (!client) return job->act->Fail(client.error());
  job->admin->CreateClient(std::move(*client), job->AnswerClient());
}

void UpdateClient(const GraphqlServices& services, const Call& call, Reply reply) {
  const auto job = Begin(services, call, "client.edit", *call.Text("id"), std::move(reply));
  if (!job) return;
  auto name = ReadName(InputOf(call));
  if (!name) return job->act->Fail(name.error());
  WithClient(*job, *call.Text("id"), [job = *job, name = std::move(*name)](const Id& id) {
    job.admin->EditClient({id, name}, job.AnswerClient());
  });
}

void DeleteClient(const GraphqlServices& services, const Call& call, Reply reply) {
  const auto job = Begin(services, call, "client.remove", *call.Text("id"), std::move(reply));
  if (!job) return;
  WithClient(*job, *call.Text("id"), [job = *job](const Id& id) {
    job.admin->RemoveClient(id, job.AnswerDeleted(id));
  });
}

struct Issued {
  std::string tracker;
  std::string token;
};

struct Revoked {
  std::string tracker;
  int64_t count = 0;
};

void IssueToken(const GraphqlServices& services, const Call& call, Reply reply) {
  const auto job =
      Begin(services, call, "token.issue", *call.Text("trackerId"), std::move(reply));
  if (!job) return;
  WithTracker(*job, call, "trackerId", [job = *job](const Id& id) {
    job.admin->IssueToken(id, [act = job.act, id](Result<std::string> token) {
      if (!token) return act->Fail(token.error());
      act->Succeed(Resolved::Of(Issued{id.ToText(), std::move(*token)}));
    });
  });
}

void RevokeTokens(const GraphqlServices& services, const Call& call, Reply reply) {
  const auto job =
      Begin(services, call, "token.revoke", *call.Text("trackerId"), std::move(reply));
  if (!job) return;
  WithTracker(*job, call, "trackerId", [job = *job](const Id& id) {
    job.admin->RevokeTokens(id, [act = job.act, id](const Result<size_t>& count) {
      if (!count) return act->Fail(count.error());
      act->Succeed(Resolved::Of(Revoked{id.ToText(), static_cast<int64_t>(*count)}));
    });
  });
}

}  // namespace

void BindTrackerAdmin(const GraphqlServices& services, graphql::Bindings& bindings) {
  using Act = void (*)(const GraphqlServices&, const Call&, Reply);
  constexpr std::pair<const char*, Act> kActs[] = {
      {"createTracker", CreateTracker},   {"updateTracker", UpdateTracker},
      {"deleteTracker", DeleteTracker},   {"createClient", CreateClient},
      {"updateClient", UpdateClient},     {"deleteClient", DeleteClient},
      {"issueIngestToken", IssueToken},   {"revokeIngestTokens", RevokeTokens}};
  for (const auto& [field, act] : kActs) {
    bindings.AsyncField("Mutation", field, [&services, run = act](const Call& call, Reply reply) {
      run(services, call, std::move(reply));
    });
  }
  bindings.Member<GraphqlDeleted>("Deleted", "id", [](const GraphqlDeleted& d) { return d.id; })
      .Member<Issued>("IngestToken", "trackerId", [](const Issued& i) { return i.tracker; })
      .Member<Issued>("IngestToken", "token", [](const Issued& i) { return i.token; })
      .Member<Revoked>("RevokedIngestTokens", "trackerId",
                       [](const Revoked& r) { return r.tracker; })
      .Member<Revoked>("RevokedIngestTokens", "count", [](const Revoked& r) { return r.count; });
}

}  // namespace trackwire::api
