#include <algorithm>
#include <map>

#include "base/check.h"
#include "net/http/server.h"

namespace trackwire::net::http {
namespace {

/// The methods of one path.
class Routes final : public Handler {
 public:
  struct Route {
    size_t max_body_bytes = 0;
    Router::Function function;
  };

  void Add(std::string method, Route route) {
    CHECK(routes_.emplace(std::move(method), std::move(route)).second);
  }
  const std::map<std::string, Route>& all() const { return routes_; }

  Body OnRequest(const Exchange& exchange, const Request& request) override {
    if (const Route* route = Find(request.method)) return Body::Read(route->max_body_bytes);
    ++exchange.shard().counters().http_errors;
    auto answer = Response::Text(405, "this path does not know the method\n");
    answer.headers.Add("Allow", Allowed());
    exchange.Respond(std::move(answer));
    return Body::None();
  }

  void OnBody(const Exchange& exchange, const Request& request, std::string body) override {
    Find(request.method)->function(exchange, request, std::move(body));
  }

 private:
  const Route* Find(const std::string& method) const {
    auto route = routes_.find(method);
    if (route == routes_.end() && method == "HEAD") route = routes_.find("GET");
    return route == routes_.end() ? nullptr : &route->second;
  }

  std::string Allowed() const {
    std::string list;
    for (const auto& [method, route] : routes_) {
      list.append(list.empty() ? "" : ", ").append(method);
      if (method == "GET" && routes_.count("HEAD") == 0) list.append(", HEAD");
    }
    return list;
  }

  std::map<std::string, Route> routes_;
};

class NotFound final : public Handler {
 public:
  Body OnRequest(const Exchange& exchange, const Request&) override {
    ++exchange.shard().counters().http_errors;
    exchange.Respond(Response::Text(404, "nothing lives at this path\n"));
    return Body::None();
  }
  void OnBody(const Exchange&, const Request&, std::string) override {}
};

}  // namespace

void Handler::OnBodyTooLarge(const Exchange& exchange, const Request&) {
  ++exchange.shard().counters().http_errors;
  auto answer = Response::Text(413, "the body is too large\n");
  answer.close = true;
  exchange.Respond(std::move(answer));
}

struct Router::State {
  std::map<std::string, Handler*, std::less<>> handlers;
  std::map<std::string, std::unique_ptr<Routes>> routes;
  NotFound not_found;
};

Router::Router() : state_(std::make_unique<State>()) {}
Router::~Router() = default;

void Router::Mount(std::string path, Handler* handler) {
  CHECK(path.starts_with('/') && handler != nullptr);
  CHECK(state_->handlers.emplace(std::move(path), handler).second);
}

void Router::On(std::string method, std::string path, size_t max_body_bytes, Function function) {
  auto& routes = state_->routes[path];
  if (routes == nullptr) {
    routes = std::make_unique<Routes>();
    Mount(path, routes.get());
  }
  routes->Add(std::move(method), {max_body_bytes, std::move(function)});
}

void Router::ForEach(const Visit& visit) const {
  for (const auto& [path, handler] : state_->handlers) {
    const auto plain = state_->routes.find(path);
    if (plain == state_->routes.end()) {
      visit(path, {}, *handler);
      continue;
    }
    for (const auto& [method, route] : plain->second->all()) visit(path, method, *handler);
  }
}

Handler* Router::Find(const Request& request) const {
  std::string_view path = request.path;
  if (const auto exact = state_->handlers.find(path); exact != state_->handlers.end()) {
    return exact->second;
  }
  for (size_t slash = path.rfind('/'); slash != std::string_view::npos;
       slash = slash == 0 ? std::string_view::npos : path.rfind('/', slash - 1)) {
    const auto prefix = state_->handlers.find(path.substr(0, slash + 1));
    if (prefix != state_->handlers.end()) return prefix->second;
  }
  return &state_->not_found;
}

}  // namespace trackwire::net::http
