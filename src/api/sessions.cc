#include "api/sessions.h"

#include <utility>

#include "api/admin.h"
#include "base/json_scanner.h"
#include "base/text.h"
#include "notify/user_session.h"

namespace trackwire::api {
namespace {

using net::http::Exchange;
using net::http::Request;
using net::http::Response;

constexpr size_t kPage = 100;
constexpr size_t kMaxPage = 1'000;
constexpr size_t kMaxSidBytes = 128;

void AppendText(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"" + std::string(name) + "\":";
  if (text.empty()) {
    out += "null";
  } else {
    base::AppendJsonString(out, text);
  }
}

std::string ListJson(const notify::SessionList& list) {
  std::string out = R"({"sessions":[)";
  for (size_t i = 0; i < list.sessions.size(); ++i) {
    if (i > 0) out += ',';
    out += SessionInfoJson(list.sessions[i]);
  }
  out += ']';
  AppendText(out, "next", list.next.value_or(""));
  return out + "}";
}

/// Before anything of other sites or the broker is asked.
bool IsSid(std::string_view text) {
  return !text.empty() && text.size() <= kMaxSidBytes && base::IsUtf8(text);
}

}  // namespace

std::string SessionInfoJson(const notify::SessionInfo& info) {
  std::string out = R"({"sid":)";
  base::AppendJsonString(out, info.sid);
  // The members of the identity, without its brace.
  out += ',' + notify::IdentityJson(info.identity).substr(1);
  out.pop_back();
  AppendText(out, "token_id", info.identity.token_id);
  AppendText(out, "address", info.address);
  AppendText(out, "transport", info.transport);
  AppendText(out, "gateway", info.gateway);
  const bool known = info.connected_at != WallTime{};
  AppendText(out, "connected_at", known ? base::FormatTime(info.connected_at) : "");
  return out + (info.away ? R"(,"away":true})" : R"(,"away":false})");
}

SessionsEndpoint::SessionsEndpoint(const Access& access, notify::SessionAdmin& sessions)
    : Endpoint(access, "GET", 0), sessions_(sessions) {}

void SessionsEndpoint::Serve(const Exchange& exchange, const Request& request, std::string) {
  AdminCall call{exchange, AnswerHeaders(request), "session.list", "-"};
  auto page = ReadPage(request, kPage, kMaxPage);
  WithAdmin(access(), std::move(call), request,
            [this, page = std::move(page)](const AdminCall& admitted, const auth::Actor& by) {
              if (!page) return admitted.Fail(page.error());
              sessions_.List(page->after, page->limit,
                             [admitted, by](const Result<notify::SessionList>& list) {
                               auth::Audit(by, {admitted.act, admitted.target,
                                                list ? std::string_view("done") : list.error().code});
                               if (!list) return admitted.Fail(list.error());
                               admitted.Answer(Response::Json(200, ListJson(*list)));
                             });
            });
}

EndSessionEndpoint::EndSessionEndpoint(const Access& access, notify::SessionAdmin& sessions)
    : Endpoint(access, "DELETE", 0), sessions_(sessions) {}

void EndSessionEndpoint::Serve(const Exchange& exchange, const Request& request, std::string) {
  std::string sid = request.path.substr(kPath.size());
  const bool sane = IsSid(sid);
  const auto wish = request.query.Find("revoke");
  const bool revoke = wish == "1" || wish == "true";
  AdminCall call{exchange, AnswerHeaders(request), "session.end", sane ? sid : "?"};
  WithAdmin(access(), std::move(call), request,
            [this, sid = std::move(sid), sane, revoke](const AdminCall& admitted,
                                                       auth::Actor by) mutable {
              if (!sane) {
                return admitted.Fail({"not_found", "there is no session of that id"});
              }
              sessions_.End(std::move(sid), revoke, std::move(by), [admitted](Result<void> ended) {
                if (!ended) return admitted.Fail(ended.error());
                Response response;
                response.status = 204;
                admitted.Answer(std::move(response));
              });
            });
}

}  // namespace trackwire::api
