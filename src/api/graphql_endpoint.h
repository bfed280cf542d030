#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/endpoint.h"
#include "api/graphql_request.h"
#include "api/graphql_schema.h"
#include "net/timer.h"

namespace trackwire::api {

/// What became of requests to `/graphql`.
struct GraphqlCounters {
  uint64_t executed = 0;
  uint64_t refused = 0;    ///< not read, not valid, not allowed
  uint64_t timed_out = 0;  ///< of those executed: ended by the deadline
};

/// `/graphql`: requests by POST with a JSON body, queries also by GET.
///
/// Other sites' pages with a visitor's cookie are refused as by any Endpoint, and so is every body
/// that is not called JSON. Spec: GraphQL over HTTP, stage 2 draft.
class GraphqlEndpoint final : public Endpoint {
 public:
  struct Options {
    size_t shards = 1;  ///< of the server
    std::chrono::milliseconds deadline{10'000};
  };

  /// `access` and `engine` outlive it; the shards end before it does.
  GraphqlEndpoint(const Access& access, const graphql::Engine& engine, const Options& options);
  ~GraphqlEndpoint() override;

  /// Any thread.
  GraphqlCounters counters() const;

 protected:
  std::optional<net::http::Response> Refuse(const net::http::Request& request) override;
  net::http::Response Refusal(int status, std::string_view code,
                              std::string_view message) const override;
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  struct Pending;
  /// Requests under way on one shard; its thread's alone.
  using PendingSet = std::unordered_map<Pending*, std::unique_ptr<Pending>>;

  void Begin(const net::http::Exchange& exchange, graphql::Request request, auth::Identity caller,
             std::string address, net::http::Headers headers, GraphqlMedia media);
  void Finish(Pending& pending, graphql::Response response);
  net::http::Response ResponseFor(graphql::Response response, GraphqlMedia media) const;

  const graphql::Engine& engine_;
  const Options options_;
  std::vector<PendingSet> pending_;  ///< by shard
  mutable std::atomic<uint64_t> executed_{0};
  mutable std::atomic<uint64_t> refused_{0};
  std::atomic<uint64_t> timed_out_{0};
};

}  // namespace trackwire::api
