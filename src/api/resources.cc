#include "api/resources.h"

#include <utility>

#include "api/path.h"
#include "base/check.h"

namespace trackwire::api {

using net::http::Body;
using net::http::Exchange;
using net::http::Handler;
using net::http::Request;

/// Answers what no endpoint of a path takes: preflights and methods that it does not know, or
/// everything where there is nothing.
class Resources::Others final : public Endpoint {
 public:
  Others(const Access& access, std::string methods, bool absent)
      : Endpoint(access, std::move(methods), 0), absent_(absent) {}

 protected:
  std::optional<net::http::Response> Refuse(const Request&) override {
    if (!absent_) return std::nullopt;
    return ErrorResponse(404, "not_found", "nothing lives at this path");
  }
  void Serve(const Exchange&, const Request&, std::string) override {
    CHECK(false && "the methods it names are others'");
  }

 private:
  const bool absent_;
};

struct Resources::Place {
  std::map<std::string, Endpoint*> endpoints;  ///< by method
  std::string methods;
  std::unique_ptr<Others> others;
};

Resources::Resources(const Access& access, std::string collection)
    : access_(access),
      collection_(std::move(collection)),
      nothing_(std::make_unique<Others>(access, "GET, POST, PUT, PATCH, DELETE", true)) {}

Resources::~Resources() = default;

void Resources::Add(const std::string& name, Endpoint& endpoint) {
  auto& place = places_[name];
  if (place == nullptr) place = std::make_unique<Place>();
  for (const std::string& method : endpoint.Methods()) {
    CHECK(place->endpoints.emplace(method, &endpoint).second);
    place->methods += (place->methods.empty() ? "" : ", ") + method;
  }
  place->others = std::make_unique<Others>(access_, place->methods, false);
}

void Resources::Mount(net::http::Router& router) {
  router.Mount(collection_, this);
  router.Mount(collection_ + "/", this);
}

std::vector<std::pair<std::string, std::vector<std::string>>> Resources::Paths() const {
  std::vector<std::pair<std::string, std::vector<std::string>>> paths;
  for (const auto& [name, place] : places_) {
    std::string path = collection_;
    if (name != kCollection) path += "/{id}";
    if (name != kCollection && name != kThing) path += "/" + name;
    std::vector<std::string> methods;
    for (const auto& [method, endpoint] : place->endpoints) methods.push_back(method);
    paths.emplace_back(std::move(path), std::move(methods));
  }
  return paths;
}

const Resources::Place* Resources::FindPlace(std::string_view path) const {
  const auto at = [this](std::string_view name) {
    const auto found = places_.find(name);
    return found == places_.end() ? nullptr : found->second.get();
  };
  if (path == collection_) return at(kCollection);
  const std::string_view name = NameInPath(path, collection_);
  if (name.empty()) return nullptr;
  const size_t slash = name.rfind('/');
  if (slash != std::string_view::npos && slash > 0 && slash + 1 < name.size()) {
    if (const Place* part = at(name.substr(slash + 1))) return part;
  }
  return at(kThing);
}

Handler& Resources::Find(const Request& request) const {
  const Place* place = FindPlace(request.path);
  if (place == nullptr) return *nothing_;
  auto found = place->endpoints.find(request.method);
  if (found == place->endpoints.end() && request.method == "HEAD") {
    found = place->endpoints.find("GET");
  }
  return found == place->endpoints.end() ? static_cast<Handler&>(*place->others) : *found->second;
}

Body Resources::OnRequest(const Exchange& exchange, const Request& request) {
  return Find(request).OnRequest(exchange, request);
}

void Resources::OnBody(const Exchange& exchange, const Request& request, std::string body) {
  Find(request).OnBody(exchange, request, std::move(body));
}

void Resources::OnBodyTooLarge(const Exchange& exchange, const Request& request) {
  Find(request).OnBodyTooLarge(exchange, request);
}

}  // namespace trackwire::api
