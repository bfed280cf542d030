#include "api/graphql_endpoint.h"

#include "net/http/compression.h"
#include "net/shard.h"

namespace trackwire::api {

using net::http::Exchange;
using net::http::Headers;
using net::http::Request;
using net::http::Response;

namespace {

/// Requests of one shard that wait at a time; each holds what it has so far.
constexpr size_t kMaxPending = 1'000;

/// An error that is no entry of a response's execution, in the same form.
Response ProblemResponse(int status, std::string_view code, std::string_view message) {
  graphql::Problem problem;
  problem.code = std::string(code);
  problem.message = std::string(message);
  Response response = Response::Json(status, graphql::ErrorBody({problem}));
  response.headers.Set("Content-Type", "application/json; charset=utf-8");
  response.headers.Set("Cache-Control", "no-store");
  return response;
}

const char* ContentTypeOf(GraphqlMedia media) {
  return media == GraphqlMedia::kResponse ? "application/graphql-response+json; charset=utf-8"
                                          : "application/json; charset=utf-8";
}

}  // namespace

struct GraphqlEndpoint::Pending {
  GraphqlEndpoint& endpoint;
  Exchange exchange;
  Headers headers;
  GraphqlMedia media;
  std::shared_ptr<graphql::Execution> execution;
  net::Timer deadline{&Pending::OnDeadline, this};

  static void OnDeadline(void* self) {
    auto& pending = *static_cast<Pending*>(self);
    pending.endpoint.timed_out_.fetch_add(1, std::memory_order_relaxed);
    // Ends the pending request itself.
    const auto execution = pending.execution;
    execution->Expire();
  }
};

GraphqlEndpoint::GraphqlEndpoint(const Access& access, const graphql::Engine& engine,
                                 const Options& options)
    : Endpoint(access, "GET, POST", engine.options().limits.parse.max_bytes),
      engine_(engine),
      options_(options),
      pending_(options.shards) {}

GraphqlEndpoint::~GraphqlEndpoint() = default;

GraphqlCounters GraphqlEndpoint::counters() const {
  return {executed_.load(std::memory_order_relaxed), refused_.load(std::memory_order_relaxed),
          timed_out_.load(std::memory_order_relaxed)};
}

Response GraphqlEndpoint::Refusal(int status, std::string_view code,
                                  std::string_view message) const {
  refused_.fetch_add(1, std::memory_order_relaxed);
  return ProblemResponse(status, code, message);
}

std::optional<Response> GraphqlEndpoint::Refuse(const Request& request) {
  if (ChooseGraphqlMedia(request.headers) == GraphqlMedia::kNone) {
    return Refusal(406, "not_acceptable",
                   "answers are application/graphql-response+json or application/json");
  }
  if (request.method == "POST" && !SaysGraphqlJson(request.headers)) {
    return Refusal(415, "unsupported_media_type", "send the body as application/json in UTF-8");
  }
  return std::nullopt;
}

void GraphqlEndpoint::Serve(const Exchange& exchange, const Request& request, std::string body) {
  auto asked = request.method == "POST" ? ReadGraphqlBody(body) : ReadGraphqlQuery(request.query);
  Headers headers = AnswerHeaders(request);
  if (!asked) {
    return exchange.Respond(
        WithHeaders(Refusal(400, asked.error().code, asked.error().detail), headers));
  }
  const GraphqlMedia media = ChooseGraphqlMedia(request.headers);
  WithCaller(access(), exchange, request,
             [this, exchange, media, asked = std::move(*asked), address = request.remote_address,
              headers = std::move(headers)](auth::Identity caller) mutable {
               Begin(exchange, std::move(asked), std::move(caller), std::move(address),
                     std::move(headers), media);
             },
             auth::LimitKind::kGraphql);
}

void GraphqlEndpoint::Begin(const Exchange& exchange, graphql::Request request,
                            auth::Identity caller, std::string address, Headers headers,
                            GraphqlMedia media) {
  net::Shard& shard = exchange.shard();
  if (access().require_auth && !caller.authenticated) {
    Response response = Refusal(401, "unauthorized", "a valid token is needed");
    response.headers.Set("WWW-Authenticate", "Bearer");
    return exchange.Respond(WithHeaders(std::move(response), headers));
  }
  PendingSet& set = pending_[shard.index()];
  if (set.size() >= kMaxPending) {
    Response response = Refusal(503, "busy", "too many requests wait for their data");
    response.headers.Set("Retry-After", "1");
    return exchange.Respond(WithHeaders(std::move(response), headers));
  }
  std::unique_ptr<Pending> owned(new Pending{*this, exchange, std::move(headers), media, {}});
  Pending& pending = *owned;
  set.emplace(&pending, std::move(owned));
  auto context = std::make_shared<GraphqlContext>(std::move(caller), std::move(address), shard);
  const auto execution = engine_.Prepare(
      std::move(request), std::move(context),
      [this, &pending](graphql::Response response) { Finish(pending, std::move(response)); });
  pending.execution = execution;
  pending.deadline.Start(shard.timers(), options_.deadline);
  execution->Run();
}

void GraphqlEndpoint::Finish(Pending& pending, graphql::Response response) {
  PendingSet& set = pending_[pending.exchange.shard().index()];
  // Whatever comes of the answer, the request is over.
  const auto owned = std::move(set.at(&pending));
  set.erase(&pending);
  pending.exchange.Respond(
      WithHeaders(ResponseFor(std::move(response), pending.media), pending.headers));
}

Response GraphqlEndpoint::ResponseFor(graphql::Response response, GraphqlMedia media) const {
  Response out;
  const bool executed = response.kind == graphql::Response::Kind::kExecuted;
  (executed ? executed_ : refused_).fetch_add(1, std::memory_order_relaxed);
  if (response.kind == graphql::Response::Kind::kNotAllowed) {
    out.status = 405;
    out.headers.Set("Allow", "POST");
  } else if (!executed && media == GraphqlMedia::kResponse) {
    out.status = 400;
  }
  out.headers.Set("Content-Type", ContentTypeOf(media));
  out.headers.Set("Cache-Control", "no-store");
  out.headers.Add("Vary", "Accept, Authorization, Cookie");
  out.body = std::move(response.body);
  out.compress_from = net::http::kWorthPacking;
  return out;
}

}  // namespace trackwire::api
