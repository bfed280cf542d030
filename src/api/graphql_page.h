#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "graphql/resolver.h"

namespace trackwire::api {

/// One thing in a list, with its place there as clients name it.
template <typename T>
struct GraphqlEdge {
  std::string cursor;
  std::shared_ptr<const T> node;
};

/// A part of a list, as GraphQL gives it. Spec: GraphQL Cursor Connections.
template <typename T>
struct GraphqlConnection {
  std::vector<std::shared_ptr<const GraphqlEdge<T>>> edges;
  bool more = false;    ///< something comes behind it
  bool behind = false;  ///< it was asked for behind a place
  std::string end;      ///< where to go on; empty: behind the last of it
  std::string offset;   ///< of the log at which it is true, if that is told

  void Add(std::string cursor, std::shared_ptr<const T> node) {
    edges.push_back(std::make_shared<const GraphqlEdge<T>>(
        GraphqlEdge<T>{std::move(cursor), std::move(node)}));
  }
  void Add(std::string cursor, T node) {
    Add(std::move(cursor), std::make_shared<const T>(std::move(node)));
  }
};

/// The source of `PageInfo`.
struct GraphqlPageInfo {
  bool more = false;
  bool behind = false;
  std::string start;  ///< empty: there is nothing
  std::string end;
};
void BindPageInfo(graphql::Bindings& bindings);

/// Binds `<Name>Connection` and `<Name>Edge`, whose nodes are `T`.
template <typename T>
void BindConnection(const std::string& name, graphql::Bindings& bindings) {
  using Connection = GraphqlConnection<T>;
  using Edge = GraphqlEdge<T>;
  using graphql::Resolved;
  const std::string list = name + "Connection";
  bindings.Member<Connection>(list, "edges", [](const Connection& connection) {
    Resolved::List edges;
    for (const auto& edge : connection.edges) edges.push_back(Resolved::Of(edge));
    return edges;
  });
  bindings.Member<Connection>(list, "nodes", [](const Connection& connection) {
    Resolved::List nodes;
    for (const auto& edge : connection.edges) nodes.push_back(Resolved::Of(edge->node));
    return nodes;
  });
  bindings.Member<Connection>(list, "pageInfo", [](const Connection& connection) {
    GraphqlPageInfo info{connection.more, connection.behind, {}, connection.end};
    if (!connection.edges.empty()) {
      info.start = connection.edges.front()->cursor;
      if (info.end.empty()) info.end = connection.edges.back()->cursor;
    }
    return Resolved::Of(std::move(info));
  });
  bindings.Member<Edge>(name + "Edge", "cursor", [](const Edge& edge) { return edge.cursor; });
  bindings.Member<Edge>(name + "Edge", "node",
                        [](const Edge& edge) { return Resolved::Of(edge.node); });
}

/// Which part of a list is asked for: the arguments `first` and `after`.
struct GraphqlPageAsk {
  size_t first = 0;
  std::optional<std::string> after;  ///< what its cursor was made of
};
/// Failure kBadArgument for a `first` that is not 1 to `max`, and for what is no cursor.
Result<GraphqlPageAsk, graphql::Failure> AskedPage(const graphql::Call& call, int64_t max);

/// A cursor: its text in another alphabet, so that nobody takes it for more than a place.
std::string CursorOf(std::string_view place);

graphql::Failure BadArgument(std::string message);
graphql::Failure FailureOf(const Error& error);
/// A service that this server does not have.
graphql::Failure Unavailable();
/// Null for a text that is empty.
graphql::Resolved TextOrNull(const std::string& text);

}  // namespace trackwire::api
