#include "api/tracker_edit.h"

#include <memory>
#include <string>
#include <utility>

#include "api/path.h"
#include "api/registry_call.h"
#include "api/tracker_body.h"
#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::api {

using net::http::Exchange;
using net::http::Request;
using net::http::Response;
using tracking::Id;

namespace {

constexpr size_t kMaxBody = 16'384;
constexpr const char* kCollection = "/api/trackers";
constexpr const char* kUnknown = "unknown_tracker";

Answered FinishOf(const RegistryCall& made) {
  return [made](const Result<Response>& result) { made.Finish(result); };
}

}  // namespace

TrackerEditEndpoint::TrackerEditEndpoint(const Access& access, ingest::TrackerAdmin& admin)
    : Endpoint(access, "PATCH", kMaxBody), admin_(admin) {}

void TrackerEditEndpoint::Serve(const Exchange& exchange, const Request& request,
                                std::string body) {
  std::string target(NameInPath(request.path, kCollection));
  AdminCall call{exchange, AnswerHeaders(request), "tracker.edit", target};
  WithRegistryCall(access(), std::move(call), request,
                   [this, ids = IdsOfSegment(target), body = std::move(body)](RegistryCall made) {
                     auto edit = ReadTrackerEdit(body);
                     if (!edit) return made.Finish(Err(std::move(edit.error())));
                     TryInTurn(
                         ids, kUnknown,
                         [this, edit = std::move(*edit)](Id id, Answered done) {
                           admin_.EditTracker(
                               std::move(id), edit,
                               AnswerWith<tracking::Tracker>(
                                   std::move(done), [](const tracking::Tracker& tracker) {
                                     return Response::Json(200, ToAdminJson(tracker));
                                   }));
                         },
                         FinishOf(made));
                   });
}

TrackerCreateEndpoint::TrackerCreateEndpoint(const Access& access, ingest::TrackerAdmin& admin)
    : Endpoint(access, "POST", kMaxBody), admin_(admin) {}

void TrackerCreateEndpoint::Serve(const Exchange& exchange, const Request& request,
                                  std::string body) {
  AdminCall call{exchange, AnswerHeaders(request), "tracker.create", "?"};
  WithRegistryCall(access(), std::move(call), request,
                   [this, body = std::move(body)](RegistryCall made) {
                     auto tracker = ReadTracker(body);
                     if (!tracker) return made.Finish(Err(std::move(tracker.error())));
                     made.call.target = tracker->id.ToText();
                     admin_.CreateTracker(std::move(*tracker),
                                          AnswerWith<tracking::Tracker>(
                                              FinishOf(made), [](const tracking::Tracker& created) {
                                                return Response::Json(201, ToAdminJson(created));
                                              }));
                   });
}

TrackerRemoveEndpoint::TrackerRemoveEndpoint(const Access& access, ingest::TrackerAdmin& admin)
    : Endpoint(access, "DELETE", 0), admin_(admin) {}

void TrackerRemoveEndpoint::Serve(const Exchange& exchange, const Request& request, std::string) {
  std::string target(NameInPath(request.path, kCollection));
  AdminCall call{exchange, AnswerHeaders(request), "tracker.remove", target};
  WithRegistryCall(access(), std::move(call), request,
                   [this, ids = IdsOfSegment(target)](const RegistryCall& made) {
                     TryInTurn(
                         ids, kUnknown,
                         [this](Id id, Answered done) {
                           admin_.RemoveTracker(std::move(id),
                                                AnswerWith<void>(std::move(done), NoContent));
                         },
                         FinishOf(made));
                   });
}

TrackerTokensEndpoint::TrackerTokensEndpoint(const Access& access, ingest::TrackerAdmin& admin)
    : Endpoint(access, "POST, DELETE", kMaxBody), admin_(admin) {}

void TrackerTokensEndpoint::Serve(const Exchange& exchange, const Request& request, std::string) {
  std::string target(NameInPath(request.path, kCollection, "tokens"));
  const bool issues = request.method == "POST";
  AdminCall call{exchange, AnswerHeaders(request), issues ? "token.issue" : "token.revoke", target};
  const auto issue = [this](Id id, Answered done) {
    admin_.IssueToken(std::move(id),
                      AnswerWith<std::string>(std::move(done), [](const std::string& token) {
                        std::string body = "{\"token\":";
                        base::AppendJsonString(body, token);
                        return Response::Json(201, body + '}');
                      }));
  };
  const auto revoke = [this](Id id, Answered done) {
    admin_.RevokeTokens(std::move(id), AnswerWith<size_t>(std::move(done), [](size_t count) {
                          return Response::Json(200,
                                                "{\"revoked\":" + std::to_string(count) + "}");
                        }));
  };
  std::function<void(Id, Answered)> act = revoke;
  if (issues) act = issue;
  WithRegistryCall(access(), std::move(call), request,
                   [ids = IdsOfSegment(target), act = std::move(act)](const RegistryCall& made) {
                     TryInTurn(ids, kUnknown, act, FinishOf(made));
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

}  // namespace trackwire::api
