#include "notify/geocoding_event.h"

#include <memory>
#include <utility>

#include "base/json_scanner.h"
#include "base/text.h"
#include "notify/user_session.h"

namespace trackwire::notify {
namespace {

using geocoding::AddressError;
using geocoding::AddressEvent;
using geocoding::GeocodingDesk;

constexpr size_t kMaxIdBytes = 64;
constexpr size_t kMaxLanguageBytes = 35;
/// Of an id that we make.
constexpr size_t kIdBytes = 12;

AddressError Invalid(std::string message) { return {"invalid_request", std::move(message), {}}; }

void AppendError(std::string& out, const AddressError& error) {
  out += R"("code":)";
  base::AppendJsonString(out, error.code);
  out += R"(,"message":)";
  base::AppendJsonString(out, error.message);
  if (error.retry_after) {
    out += R"(,"retry_after":)" + std::to_string(auth::RetrySeconds(*error.retry_after));
  }
}

std::string RefusedJson(const AddressError& error) {
  std::string out = R"({"error":{)";
  AppendError(out, error);
  return out + "}}";
}

std::string AckJson(const std::string& request_id, bool queued) {
  std::string out = R"({"request_id":)";
  base::AppendJsonString(out, request_id);
  return out + (queued ? R"(,"status":"queued"})" : R"(,"status":"answered"})");
}

/// Of what could be read of a request, that may be little.
std::string ErrorPayload(const GeocodingQuestion& question, const AddressError& error) {
  std::string out = "{";
  if (question.request_id) {
    out += R"("request_id":)";
    base::AppendJsonString(out, *question.request_id);
    out += ',';
  }
  const auto number = [&out](const char* name, const std::optional<double>& value) {
    if (!value) return;
    out += std::string("\"") + name + "\":";
    base::AppendJsonNumber(out, *value);
    out += ',';
  };
  number("latitude", question.latitude);
  number("longitude", question.longitude);
  AppendError(out, error);
  return out + "}";
}

/// A member that is a text of 1 to `max_bytes`; nothing when it is not there or null.
Result<std::optional<std::string>, AddressError> ReadText(base::JsonValue object, const char* name,
                                                          size_t max_bytes) {
  const auto member = base::FindMember(object, name);
  if (!member || member->is_null()) return std::optional<std::string>();
  std::string text;
  if (member->is_string()) text = base::DecodeJsonString(member->text);
  if (text.empty() || text.size() > max_bytes) {
    return Err(
        Invalid(std::string(name) + " is a text of 1 to " + std::to_string(max_bytes) + " bytes"));
  }
  return std::optional(std::move(text));
}

std::optional<double> ReadNumber(base::JsonValue object, const char* name) {
  const auto member = base::FindMember(object, name);
  return member && member->is_number() ? base::JsonNumber(*member) : std::nullopt;
}

}  // namespace

GeocodingQuestion ReadGeocodingQuestion(std::string_view args_json) {
  GeocodingQuestion question;
  const auto args = base::ScanJson(args_json);
  std::optional<base::JsonValue> object;
  if (args && args->is_array()) object = base::JsonArrayReader(*args).Next();
  if (!object || !object->is_object()) {
    question.error = Invalid("the first argument is not an object");
    return question;
  }
  question.latitude = ReadNumber(*object, "latitude");
  question.longitude = ReadNumber(*object, "longitude");
  auto id = ReadText(*object, "request_id", kMaxIdBytes);
  auto language = ReadText(*object, "language", kMaxLanguageBytes);
  if (id) question.request_id = std::move(*id);
  if (language) question.language = std::move(*language).value_or("");
  if (!id) {
    question.error = std::move(id.error());
  } else if (!question.latitude || !question.longitude) {
    question.error = Invalid("latitude and longitude are numbers, in degrees");
  } else if (!language) {
    question.error = std::move(language.error());
  }
  return question;
}

/// One request on its way. The shard's, the broker's loop's and the shard's again.
struct GeocodingEvent::Asked {
  socketio::SocketRef socket;
  std::string sid;
  auth::Caller caller;
  GeocodingQuestion question;
  geocoding::Place place;
  socketio::AckFn ack;  // the shard's

  geocoding::AddressRequest ToRequest() const { return {*question.request_id, place, sid}; }
};

GeocodingEvent::GeocodingEvent(GeocodingDesk& desk, auth::RateLimits& limits,
                               socketio::Namespace& nsp)
    : desk_(desk), limits_(limits), nsp_(nsp) {}

void GeocodingEvent::Attach() {
  nsp_.On(kName, [this](socketio::Socket& socket, const socketio::Event& event,
                        socketio::AckFn ack) { OnEvent(socket, event, std::move(ack)); });
}

void GeocodingEvent::OnEvent(socketio::Socket& socket, const socketio::Event& event,
                             socketio::AckFn ack) {
  auto asked = std::make_shared<Asked>();
  asked->socket = socket.ref();
  asked->sid = socket.sid();
  asked->ack = std::move(ack);
  asked->question = ReadGeocodingQuestion(event.args_json);
  GeocodingQuestion& question = asked->question;
  const UserSession* session = FindSession(socket);
  if (session == nullptr || session->shut_out) {
    return Refuse(socket, *asked, {"unauthorized", "a valid token is needed", {}});
  }
  if (!question.error) {
    auto place = geocoding::CheckPlace(*question.latitude, *question.longitude, question.language,
                                       desk_.options().language);
    if (place) {
      asked->place = std::move(*place);
    } else {
      question.error = std::move(place.error());
    }
  }
  // Before the limits: it costs nobody anything, and the events themselves are counted.
  if (question.error) return Refuse(socket, *asked, *question.error);
  if (!question.request_id) {
    question.request_id = base::Base64UrlEncode(base::RandomBytes(kIdBytes));
  }
  const auth::Identity& identity = session->identity();
  asked->caller = {asked->sid, identity.authenticated ? identity.user : "", session->address};
  limits_.Check(auth::LimitKind::kGeocoding, asked->caller,
                [this, asked](const broker::Verdict& verdict) {
                  if (verdict.allowed) return Ask(asked);
                  GeocodingDesk::Taken taken;
                  taken.error = {"rate_limited", "Too many requests for addresses, try again later",
                                 verdict.retry_after};
                  Tell(asked, std::move(taken));
                });
}

void GeocodingEvent::Ask(const std::shared_ptr<Asked>& asked) {
  desk_.Request(asked->ToRequest(),
                [this, asked](GeocodingDesk::Taken taken) { Tell(asked, std::move(taken)); });
}

void GeocodingEvent::Tell(const std::shared_ptr<Asked>& asked, GeocodingDesk::Taken taken) {
  auto shared = std::make_shared<const GeocodingDesk::Taken>(std::move(taken));
  nsp_.WithSocket(asked->socket, [this, asked, shared](socketio::Socket& socket) {
    if (shared->error) return Refuse(socket, *asked, *shared->error);
    auto& counter = shared->queued ? counters_.queued : counters_.answered;
    counter.fetch_add(1, std::memory_order_relaxed);
    // First, so that who left the id to us knows whose the events are.
    if (asked->ack) asked->ack({AckJson(*asked->question.request_id, shared->queued), {}});
    for (const AddressEvent& event : shared->events) socket.Emit(event.name, {event.payload, {}});
  });
}

void GeocodingEvent::Refuse(socketio::Socket& socket, Asked& asked, const AddressError& error) {
  auto& counter = error.code == "invalid_request" ? counters_.invalid
                  : error.code == "rate_limited"  ? counters_.rate_limited
                                                  : counters_.refused;
  counter.fetch_add(1, std::memory_order_relaxed);
  if (asked.ack) asked.ack({RefusedJson(error), {}});
  socket.Emit("geocoding_error", {ErrorPayload(asked.question, error), {}});
}

void RefuseGeocoding(socketio::Namespace& nsp) {
  nsp.On(GeocodingEvent::kName,
         [](socketio::Socket&, const socketio::Event&, const socketio::AckFn& ack) {
           if (ack) ack({RefusedJson({"unknown_event", "this server knows no addresses", {}}), {}});
         });
}

}  // namespace trackwire::notify
