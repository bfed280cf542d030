#include "api/updates.h"

#include <optional>
#include <utility>

#include "api/admin.h"
#include "api/path.h"
#include "api/reader_call.h"
#include "api/tracker_edit.h"
#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::api {
namespace {

using ingest::UpdateState;
using net::http::Exchange;
using net::http::Request;
using net::http::Response;

constexpr size_t kMaxBodyBytes = 4'096;
constexpr size_t kMaxIdBytes = 128;

bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= kMaxIdBytes && base::IsUtf8(text);
}

/// Who is to be told; nothing: nobody is named.
Result<std::optional<std::string>> ReadSocket(std::string_view body) {
  if (base::Trim(body).empty()) return std::optional<std::string>();
  const auto value = base::ScanJson(body);
  if (!value || !value->is_object()) {
    return Err("invalid_request", "the body is not a JSON object");
  }
  const auto socket = base::FindMember(*value, "socket_id");
  if (!socket || socket->is_null()) return std::optional<std::string>();
  if (!socket->is_string()) return Err("invalid_request", "socket_id is not a string");
  std::string text = base::DecodeJsonString(socket->text);
  if (!IsName(text)) return Err("invalid_request", "socket_id is empty or longer than 128 bytes");
  return std::optional(std::move(text));
}

void AppendText(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  base::AppendJsonString(out, text);
}

Error Unavailable() { return {"unavailable", "updates cannot be asked for now, try again"}; }

}  // namespace

std::string UpdateJson(const UpdateState& state) {
  std::string out = "{\"request_id\":";
  base::AppendJsonString(out, state.request.request_id);
  out += ",\"tracker_id\":" + state.request.tracker_id.ToJson();
  AppendText(out, "status", ToString(state.status));
  if (!state.reason.empty()) AppendText(out, "reason", state.reason);
  AppendText(out, "requested_at", base::FormatTime(state.request.requested_at));
  AppendText(out, "since", base::FormatTime(state.since));
  AppendText(out, "deadline", base::FormatTime(state.request.deadline));
  return out + "}";
}

RequestUpdateEndpoint::RequestUpdateEndpoint(const Access& access, TrackerReader& reader,
                                             ingest::UpdateDesk& desk)
    : Endpoint(access, "POST", kMaxBodyBytes), reader_(reader), desk_(desk) {}

void RequestUpdateEndpoint::Serve(const Exchange& exchange, const Request& request,
                                  std::string body) {
  const std::string target(NameInPath(request.path, "/api/trackers", kPart));
  auto ids = IdsOfSegment(target);
  AdminCall call{exchange, AnswerHeaders(request), "tracker.update", ids.empty() ? "?" : target};
  auto run = [this, ids = std::move(ids), socket = ReadSocket(body)](
                 const AdminCall& admitted, const auth::Actor& by) mutable {
    auto fail = [admitted, by](const Error& error) {
      auth::Audit(by, {admitted.act, admitted.target, error.code});
      if (error.code != "unknown_tracker") return admitted.Fail(error);
      admitted.Answer(ErrorResponse(404, error.code, error.detail));
    };
    if (!socket) return fail(socket.error());
    FindTracker(reader_, admitted.caller, std::move(ids),
                [this, admitted, by, fail, socket = std::move(*socket)](
                    const Result<TrackerView>& found) {
                  if (!found) {
                    return fail(found.error().code == "unavailable" ? Unavailable()
                                                                    : found.error());
                  }
                  desk_.Request(found->tracker.id, socket, by.user,
                                [admitted, by, fail](const Result<UpdateState>& state) {
                                  if (!state) return fail(Unavailable());
                                  auth::Audit(by, {admitted.act, admitted.target, "done"});
                                  admitted.Answer(Response::Json(202, UpdateJson(*state)));
                                });
                });
  };
  WithAdmin(access(), std::move(call), request, std::move(run));
}

UpdateEndpoint::UpdateEndpoint(const Access& access, ingest::UpdateDesk& desk)
    : Endpoint(access, "GET", 0), desk_(desk) {}

void UpdateEndpoint::Serve(const Exchange& exchange, const Request& request, std::string) {
  std::string id(request.path.substr(std::string_view(kPath).size()));
  const bool sane = IsName(id);
  AdminCall call{exchange, AnswerHeaders(request), "update.read", sane ? id : "?"};
  WithAdmin(access(), std::move(call), request,
            [this, id = std::move(id), sane](const AdminCall& admitted, const auth::Actor&) mutable {
              const Error unknown{"not_found", "there is no update request of that id"};
              if (!sane) return admitted.Fail(unknown);
              desk_.Find(std::move(id), [admitted, unknown](
                                            const Result<std::optional<UpdateState>>& state) {
                if (!state) return admitted.Fail(Unavailable());
                if (!*state) return admitted.Fail(unknown);
                admitted.Answer(Response::Json(200, UpdateJson(**state)));
              });
            });
}

}  // namespace trackwire::api
