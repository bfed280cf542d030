#include "api/clients.h"

#include <utility>
#include <vector>

#include "api/path.h"
#include "api/reader_call.h"
#include "api/registry_call.h"
#include "api/tracker_body.h"
#include "api/tracker_edit.h"

namespace trackwire::api {

using net::http::Exchange;
using net::http::Request;
using net::http::Response;
using tracking::Client;
using tracking::Id;

namespace {

constexpr size_t kMaxBody = 16'384;
constexpr const char* kCollection = "/api/clients";
constexpr const char* kUnknown = "unknown_client";

/// Here the client is what is asked for, not one that a tracker names.
Answered FinishOf(const RegistryCall& made) {
  return [made](const Result<Response>& result) {
    const bool unknown = !result && result.error().code == kUnknown;
    if (unknown) return made.Finish(Err("not_found", "there is no such client"));
    made.Finish(result);
  };
}

std::string ListJson(const std::vector<Client>& clients) {
  std::string out = "{\"clients\":[";
  for (const Client& client : clients) {
    if (out.back() != '[') out += ',';
    out += ToJson(client);
  }
  return out + "]}";
}

}  // namespace

ClientsEndpoint::ClientsEndpoint(const Access& access, TrackerReader& reader,
                                 ingest::TrackerAdmin& admin)
    : Endpoint(access, "GET, POST", kMaxBody), reader_(reader), admin_(admin) {}

void ClientsEndpoint::List(const Exchange& exchange, const Request& request) {
  WithReader(access(), exchange, request, AnswerHeaders(request), [this](ReaderCall call) {
    call.headers.Add("Vary", "Authorization, Cookie");
    reader_.Clients(call.caller, [call](const Result<std::vector<Client>>& clients) {
      if (!clients) return call.Fail(clients.error());
      call.Answer(Response::Json(200, ListJson(*clients)));
    });
  });
}

void ClientsEndpoint::Serve(const Exchange& exchange, const Request& request, std::string body) {
  if (request.method != "POST") return List(exchange, request);
  AdminCall call{exchange, AnswerHeaders(request), "client.create", "?"};
  WithRegistryCall(access(), std::move(call), request,
                   [this, body = std::move(body)](RegistryCall made) {
                     auto client = ReadClient(body);
                     if (!client) return made.Finish(Err(std::move(client.error())));
                     made.call.target = client->id.ToText();
                     admin_.CreateClient(
                         std::move(*client),
                         AnswerWith<Client>(FinishOf(made), [](const Client& created) {
                           return Response::Json(201, ToJson(created));
                         }));
                   });
}

ClientEndpoint::ClientEndpoint(const Access& access, ingest::TrackerAdmin& admin)
    : Endpoint(access, "PATCH, DELETE", kMaxBody), admin_(admin) {}

void ClientEndpoint::Serve(const Exchange& exchange, const Request& request, std::string body) {
  if (request.method == "DELETE") return Remove(exchange, request);
  Edit(exchange, request, std::move(body));
}

void ClientEndpoint::Edit(const Exchange& exchange, const Request& request, std::string body) {
  std::string target(NameInPath(request.path, kCollection));
  AdminCall call{exchange, AnswerHeaders(request), "client.edit", target};
  WithRegistryCall(access(), std::move(call), request,
                   [this, ids = IdsOfSegment(target), body = std::move(body)](RegistryCall made) {
                     auto name = ReadClientName(body);
                     if (!name) return made.Finish(Err(std::move(name.error())));
                     TryInTurn(
                         ids, kUnknown,
                         [this, name = std::move(*name)](Id id, Answered done) {
                           admin_.EditClient(
                               {std::move(id), name},
                               AnswerWith<Client>(std::move(done), [](const Client& client) {
                                 return Response::Json(200, ToJson(client));
                               }));
                         },
                         FinishOf(made));
                   });
}

void ClientEndpoint::Remove(const Exchange& exchange, const Request& request) {
  std::string target(NameInPath(request.path, kCollection));
  AdminCall call{exchange, AnswerHeaders(request), "client.remove", target};
  WithRegistryCall(access(), std::move(call), request,
                   [this, ids = IdsOfSegment(target)](const RegistryCall& made) {
                     TryInTurn(
                         ids, kUnknown,
                         [this](Id id, Answered done) {
                           admin_.RemoveClient(std::move(id),
                                               AnswerWith<void>(std::move(done), NoContent));
                         },
                         FinishOf(made));
                   });
}

}  // namespace trackwire::api
