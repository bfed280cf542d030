#include "api/tracker_edit.h"

#include <optional>

#include "auth/audit.h"
#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::api {

using net::http::Exchange;
using net::http::Headers;
using net::http::Request;
using net::http::Response;
using tracking::Id;
using tracking::TrackerEdit;

namespace {

constexpr size_t kMaxBody = 16'384;
constexpr size_t kMaxNameBytes = 256;

bool IsJson(const Headers& headers) {
  const std::string_view type = headers.Find("Content-Type").value_or("");
  return base::EqualsIgnoreCase(base::Trim(type.substr(0, type.find(';'))), "application/json");
}

Result<void> ReadMember(const base::JsonMember& member, TrackerEdit& edit) {
  const base::JsonValue& value = member.value;
  if (member.KeyIs("name")) {
    if (!value.is_string()) return Err("invalid_request", "name is not a string");
    edit.name = base::DecodeJsonString(value.text);
    if (edit.name->empty() || edit.name->size() > kMaxNameBytes) {
      return Err("invalid_request", "name is empty or longer than 256 bytes");
    }
  } else if (member.KeyIs("public")) {
    if (value.type != base::JsonType::kTrue && value.type != base::JsonType::kFalse) {
      return Err("invalid_request", "public is neither true nor false");
    }
    edit.is_public = value.type == base::JsonType::kTrue;
  } else if (member.KeyIs("client_id")) {
    edit.sets_client = true;
    edit.client_id = value.is_null() ? std::nullopt : Id::FromJson(value.text);
    if (!value.is_null() && !edit.client_id) {
      return Err("invalid_request",
                 "client_id is neither a string of 1 to 128 bytes nor an integer nor null");
    }
  } else {
    return Err("invalid_request", "only client_id, public and name can be changed, not " +
                                      std::string(member.raw_key));
  }
  return Ok();
}

Response TrackerResponse(const tracking::Tracker& tracker) {
  std::string body = "{\"id\":" + tracker.id.ToJson() + ",\"name\":";
  base::AppendJsonString(body, tracker.name);
  body += ",\"client_id\":" + (tracker.client_id ? tracker.client_id->ToJson() : "null");
  body += std::string(",\"public\":") + (tracker.is_public ? "true" : "false") + "}";
  Response response = Response::Json(200, std::move(body));
  response.headers.Set("Cache-Control", "no-store");
  return response;
}

Response FailureResponse(const Error& error) {
  if (error.code == "unknown_tracker") return ErrorResponse(404, error.code, error.detail);
  if (error.code == "unknown_client") return ErrorResponse(400, error.code, error.detail);
  Response response =
      ErrorResponse(503, "unavailable", "the store does not take it now, try again");
  response.headers.Set("Retry-After", "1");
  return response;
}

Response Unauthorized() {
  Response response = ErrorResponse(401, "unauthorized", "a valid token is needed");
  response.headers.Set("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace

/// One request until it is answered.
struct TrackerEditEndpoint::Job {
  Exchange exchange;
  Headers headers;
  std::string target;  // as people know it
  auth::Actor actor;
  std::vector<Id> ids;  // still to be looked for
  TrackerEdit edit;

  void Answer(Response response, std::string_view outcome) const {
    auth::Audit(actor, {"tracker.edit", target, outcome});
    exchange.PostRespond(WithHeaders(std::move(response), headers));
  }
};

TrackerEditEndpoint::TrackerEditEndpoint(const Access& access, Edit edit)
    : Endpoint(access, "PATCH", kMaxBody), edit_(std::move(edit)) {}

void TrackerEditEndpoint::Serve(const Exchange& exchange, const Request& request,
                                std::string body) {
  auto job = std::make_shared<Job>();
  job->exchange = exchange;
  job->headers = AnswerHeaders(request);
  job->target = request.path.substr(std::string_view(kPath).size());
  job->ids = IdsOfSegment(job->target);
  WithCaller(access(), exchange, request,
             [this, job, is_json = IsJson(request.headers), address = request.remote_address,
              body = std::move(body)](const auth::Identity& caller) {
               job->actor = auth::ActorOf(caller, address);
               if (!caller.authenticated) return job->Answer(Unauthorized(), "unauthorized");
               if (!caller.is_admin()) {
                 return job->Answer(ErrorResponse(403, "forbidden", "the role admin is needed"),
                                    "forbidden");
               }
               if (!is_json) {
                 return job->Answer(ErrorResponse(415, "unsupported_media_type",
                                                  "the body must be application/json"),
                                    "invalid_request");
               }
               auto edit = ReadTrackerEdit(body);
               if (!edit) {
                 return job->Answer(ErrorResponse(400, edit.error().code, edit.error().detail),
                                    edit.error().code);
               }
               job->edit = std::move(*edit);
               Try(job);
             });
}

void TrackerEditEndpoint::Try(const std::shared_ptr<Job>& job) {
  if (job->ids.empty()) {
    return job->Answer(ErrorResponse(404, "unknown_tracker", "there is no such tracker"),
                       "unknown_tracker");
  }
  const Id id = std::move(job->ids.front());
  job->ids.erase(job->ids.begin());
  edit_(id, job->edit, [this, job](const Result<tracking::Tracker>& tracker) {
    if (tracker) return job->Answer(TrackerResponse(*tracker), "done");
    if (tracker.error().code == "unknown_tracker") return Try(job);
    job->Answer(FailureResponse(tracker.error()), tracker.error().code);
  });
}

std::vector<Id> IdsOfSegment(std::string_view segment) {
  std::vector<Id> ids;
  if (!base::IsUtf8(segment)) return ids;
  const auto scanned = base::ScanJson(segment);
  if (scanned && (scanned->is_string() || scanned->is_number())) {
    if (auto id = Id::FromJson(scanned->text)) ids.push_back(std::move(*id));
    if (scanned->is_string()) return ids;
  }
  std::string text;
  base::AppendJsonString(text, segment);
  if (auto id = Id::FromJson(text)) ids.push_back(std::move(*id));
  return ids;
}

Result<TrackerEdit> ReadTrackerEdit(std::string_view body) {
  const auto object = base::ScanJson(body);
  if (!object || !object->is_object()) {
    return Err("invalid_request", "the body is not a JSON object");
  }
  TrackerEdit edit;
  base::JsonObjectReader members(*object);
  while (const auto member = members.Next()) {
    if (auto done = ReadMember(*member, edit); !done) return Err(std::move(done.error()));
  }
  if (!edit.name && !edit.is_public && !edit.sets_client) {
    return Err("invalid_request", "nothing to change: client_id, public or name is needed");
  }
  return edit;
}

}  // namespace trackwire::api
