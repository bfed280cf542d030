#include "api/revocations.h"

#include <optional>
#include <utility>

#include "api/admin.h"
#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::api {
namespace {

using net::http::Exchange;
using net::http::Request;
using net::http::Response;
using Kind = auth::Revocations::Kind;

constexpr size_t kPage = 100;
constexpr size_t kMaxPage = 1'000;
constexpr size_t kMaxBodyBytes = 16'384;

struct Order {
  Kind kind = Kind::kToken;
  std::string name;
  std::optional<WallTime> expires_at;
};

Error Bad(std::string detail) { return {"bad_request", std::move(detail)}; }

Result<Order> ReadOrder(std::string_view body) {
  const auto value = base::ScanJson(body);
  if (!value || !value->is_object()) return Err(Bad("the body must be a JSON object"));
  const auto jti = base::FindMember(*value, "jti");
  const auto user = base::FindMember(*value, "user");
  if (jti.has_value() == user.has_value()) return Err(Bad("say either jti or user"));
  const base::JsonValue name = jti ? *jti : *user;
  if (!name.is_string()) return Err(Bad("jti and user are texts"));
  Order order{jti ? Kind::kToken : Kind::kUser, base::DecodeJsonString(name.text), {}};
  if (order.name.empty()) return Err(Bad("jti and user must not be empty"));
  const auto expires_at = base::FindMember(*value, "expires_at");
  if (!expires_at || expires_at->is_null()) return order;
  if (user) return Err(Bad("expires_at is of one token"));
  if (expires_at->is_string()) {
    order.expires_at = base::ParseTime(base::DecodeJsonString(expires_at->text));
  }
  if (!order.expires_at) return Err(Bad("expires_at must be a time such as 2026-11-23T06:41:34Z"));
  return order;
}

void AppendMember(std::string& out, std::string_view name, std::string_view text) {
  out += out.back() == '{' ? "\"" : ",\"";
  out += name;
  out += "\":";
  base::AppendJsonString(out, text);
}

std::string EntryJson(const auth::Revocations::Entry& entry) {
  const bool of_user = entry.subject.kind == Kind::kUser;
  std::string out = "{";
  // Of a name that is too long to be kept there is only a digest.
  AppendMember(out, of_user ? "user" : "jti",
               (entry.subject.digest ? "sha256:" : "") + entry.subject.name);
  AppendMember(out, "reason", entry.subject.kind == Kind::kLogout ? "logged_out" : "revoked");
  AppendMember(out, of_user ? "before" : "revoked_at", base::FormatTime(entry.before));
  AppendMember(out, "until", base::FormatTime(entry.until));
  return out + "}";
}

std::string PageJson(const auth::Revocations::Page& page) {
  std::string out = R"({"revocations":[)";
  for (size_t i = 0; i < page.entries.size(); ++i) {
    if (i > 0) out += ',';
    out += EntryJson(page.entries[i]);
  }
  out += R"(],"next":)";
  if (page.next.empty()) return out + "null}";
  base::AppendJsonString(out, page.next);
  return out + "}";
}

}  // namespace

RevocationsEndpoint::RevocationsEndpoint(const Access& access, auth::Revocations& revocations)
    : Endpoint(access, "GET, POST", kMaxBodyBytes), revocations_(revocations) {}

void RevocationsEndpoint::Serve(const Exchange& exchange, const Request& request,
                                std::string body) {
  if (request.method == "POST") return Revoke(exchange, request, body);
  List(exchange, request);
}

void RevocationsEndpoint::List(const Exchange& exchange, const Request& request) {
  AdminCall call{exchange, AnswerHeaders(request), "revocation.list", "-"};
  auto page = ReadPage(request, kPage, kMaxPage);
  WithAdmin(access(), std::move(call), request,
            [this, page = std::move(page)](const AdminCall& admitted, const auth::Actor& by) {
              if (!page) return admitted.Fail(page.error());
              auth::Audit(by, {admitted.act, admitted.target, "done"});
              admitted.Answer(
                  Response::Json(200, PageJson(revocations_.List(page->after, page->limit))));
            });
}

void RevocationsEndpoint::Revoke(const Exchange& exchange, const Request& request,
                                 const std::string& body) {
  auto order = ReadOrder(body);
  AdminCall call{exchange, AnswerHeaders(request), "token.revoke", order ? order->name : "?"};
  if (order && order->kind == Kind::kUser) call.act = "user.revoke";
  WithAdmin(access(), std::move(call), request,
            [this, order = std::move(order)](const AdminCall& admitted, const auth::Actor& by) {
              if (!order) {
                auth::Audit(by, {admitted.act, admitted.target, order.error().code});
                return admitted.Fail(order.error());
              }
              auto done = [admitted, by, kind = order->kind](Result<void> revoked) {
                auth::Audit(by, {admitted.act, admitted.target,
                                 revoked ? std::string_view("done") : revoked.error().code});
                if (!revoked) return admitted.Fail(revoked.error());
                std::string json = R"({"revoked":{)";
                AppendMember(json, kind == Kind::kUser ? "user" : "jti", admitted.target);
                admitted.Answer(Response::Json(201, json + "}}"));
              };
              if (order->kind == Kind::kUser) return revocations_.RevokeUser(order->name, done);
              revocations_.RevokeToken(order->name, order->expires_at, done);
            });
}

}  // namespace trackwire::api
