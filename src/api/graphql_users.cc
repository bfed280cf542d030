// Who may sign in, for administrators.
#include "api/graphql_act.h"
#include "api/graphql_resolve.h"
#include "api/graphql_tracker_input.h"
#include "auth/password.h"
#include "base/fold_case.h"
#include "base/text.h"

namespace trackwire::api {
namespace {

using graphql::Call;
using graphql::Reply;
using graphql::Resolved;
using Texts = std::vector<std::string>;
namespace json = boost::json;

constexpr int64_t kMaxPage = 200;

void ListUsers(const GraphqlServices& services, const Call& call, Reply reply) {
  if (services.users == nullptr) return reply(Unavailable());
  const auto ask = AskedPage(call, kMaxPage);
  if (!ask) return reply(ask.error());
  auto answer = ReplyFromAnywhere(call, std::move(reply));
  // One more than asked for says that there are more.
  services.users->List(
      ask->after.value_or(""), ask->first + 1,
      [answer, ask = *ask](Result<std::vector<UserInfo>> found) {
        if (!found) return answer(FailureOf(found.error()));
        GraphqlConnection<UserInfo> users;
        users.behind = ask.after.has_value();
        users.more = found->size() > ask.first;
        if (users.more) found->resize(ask.first);
        for (UserInfo& user : *found) {
          std::string cursor = CursorOf(base::FoldCase(user.name));
          users.Add(std::move(cursor), std::move(user));
        }
        answer(Resolved::Of(std::move(users)));
      });
}

std::optional<Texts> TextsIn(const json::object& input, const char* name) {
  const json::value* list = input.if_contains(name);
  if (list == nullptr || list->is_null()) return std::nullopt;
  Texts texts;
  for (const json::value& item : list->get_array()) texts.emplace_back(item.get_string());
  return texts;
}

/// What the input says but for the clients, which are to be looked for.
UserEdit EditIn(const json::object& input) {
  UserEdit edit;
  edit.password = TextIn(input, "password");
  edit.roles = TextsIn(input, "roles");
  edit.permissions = TextsIn(input, "permissions");
  const json::value* disabled = input.if_contains("disabled");
  if (disabled != nullptr && disabled->is_bool()) edit.disabled = disabled->get_bool();
  return edit;
}

/// Whether the caller signed in as the user of that name.
bool IsSelf(const auth::Identity& caller, const std::string& name) {
  return caller.from_login && base::FoldCase(caller.user) == base::FoldCase(name);
}

bool TakesAdmin(const UserEdit& edit) {
  if (edit.disabled.value_or(false)) return true;
  const std::string admin(auth::kAdminRole);
  return edit.roles && std::find(edit.roles->begin(), edit.roles->end(), admin) == edit.roles->end();
}

/// An act that makes or changes a user, until its clients are known.
struct Change {
  std::shared_ptr<const GraphqlAct> act;
  std::string name;
  UserEdit edit;
  UserAdmin* users;
  void (UserAdmin::*run)(std::string, UserEdit, UserAdmin::Done<UserInfo>);

  void Run() {
    (users->*run)(std::move(name), std::move(edit), [act = act](Result<UserInfo> user) {
      if (!user) return act->Fail(user.error());
      act->Succeed(Resolved::Of(std::move(*user)));
    });
  }
};

void Begin(const GraphqlServices& services, const Call& call, const json::object& input,
           std::shared_ptr<Change> change) {
  change->edit = EditIn(input);
  const auto clients = TextsIn(input, "clients");
  const auth::Identity& caller = call.context<GraphqlContext>().caller;
  if (IsSelf(caller, change->name) && TakesAdmin(change->edit)) {
    return change->act->Fail(BadArgument("nobody can take the role admin from themselves"));
  }
  if (!clients) return change->Run();
  ResolveClients(*services.trackers, caller, *clients, [change](Result<Texts> ids) {
    if (!ids) return change->act->Fail(ids.error());
    change->edit.clients = std::move(*ids);
    change->Run();
  });
}

void CreateUser(const GraphqlServices& services, const Call& call, Reply reply) {
  if (services.users == nullptr || services.trackers == nullptr) return reply(Unavailable());
  const json::object& input = call.Find("input")->get_object();
  const std::string name = *TextIn(input, "name");
  auto act = std::make_shared<const GraphqlAct>(call, "user.create", name, std::move(reply));
  Begin(services, call, input,
        std::shared_ptr<Change>(
            new Change{std::move(act), name, {}, services.users, &UserAdmin::Create}));
}

void UpdateUser(const GraphqlServices& services, const Call& call, Reply reply) {
  if (services.users == nullptr || services.trackers == nullptr) return reply(Unavailable());
  const std::string name = *call.Text("name");
  auto act = std::make_shared<const GraphqlAct>(call, "user.edit", name, std::move(reply));
  Begin(services, call, call.Find("input")->get_object(),
        std::shared_ptr<Change>(
            new Change{std::move(act), name, {}, services.users, &UserAdmin::Edit}));
}

void DeleteUser(const GraphqlServices& services, const Call& call, Reply reply) {
  if (services.users == nullptr) return reply(Unavailable());
  const std::string name = *call.Text("name");
  const auto act = std::make_shared<const GraphqlAct>(call, "user.remove", name, std::move(reply));
  if (IsSelf(call.context<GraphqlContext>().caller, name)) {
    return act->Fail(BadArgument("nobody can remove themselves"));
  }
  services.users->Remove(name, [act](const Result<std::string>& removed) {
    if (!removed) return act->Fail(removed.error());
    act->Succeed(Resolved::Of(GraphqlDeleted{*removed}));
  });
}

void BindUser(graphql::Bindings& bindings) {
  using U = UserInfo;
  bindings.Member<U>("User", "name", [](const U& u) { return u.name; })
      .Member<U>("User", "roles", [](const U& u) { return Resolved::Texts(u.roles); })
      .Member<U>("User", "permissions", [](const U& u) { return Resolved::Texts(u.permissions); })
      .Member<U>("User", "clients",
                 [](const U& u) {
                   Resolved::List list;
                   for (const auto& id : u.clients) list.emplace_back(ClientIdText(id));
                   return list;
                 })
      .Member<U>("User", "disabled", [](const U& u) { return u.disabled; })
      .Member<U>("User", "createdAt", [](const U& u) { return base::FormatTime(u.created_at); })
      .Member<U>("User", "changedAt", [](const U& u) { return base::FormatTime(u.changed_at); });
}

}  // namespace

void BindUsers(const GraphqlServices& services, graphql::Bindings& bindings) {
  BindUser(bindings);
  BindConnection<UserInfo>("User", bindings);
  using Act = void (*)(const GraphqlServices&, const Call&, Reply);
  constexpr std::pair<const char*, Act> kActs[] = {
      {"createUser", CreateUser}, {"updateUser", UpdateUser}, {"deleteUser", DeleteUser}};
  for (const auto& [field, act] : kActs) {
    bindings.AsyncField("Mutation", field, [&services, run = act](const Call& call, Reply reply) {
      run(services, call, std::move(reply));
    });
  }
  bindings.AsyncField("Query", "users", [&services](const Call& call, Reply reply) {
    ListUsers(services, call, std::move(reply));
  });
}

}  // namespace trackwire::api
