#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/endpoint.h"

namespace trackwire::api {

/// All routes of a collection, `/api/trackers`: the collection, its things `/api/trackers/{id}` and
/// parts of these, `/api/trackers/{id}/positions`. Several endpoints may share a path, each with
/// methods of its own; it is mounted on the collection with and without a slash at its end.
///
/// Filled before the server starts, constant afterwards.
class Resources final : public net::http::Handler {
 public:
  /// `access` outlives it.
  Resources(const Access& access, std::string collection);
  ~Resources() override;

  /// The endpoint outlives it and learns names by NameInPath().
  void AddCollection(Endpoint& endpoint) { Add(kCollection, endpoint); }
  void AddThing(Endpoint& endpoint) { Add(kThing, endpoint); }
  void AddPart(const std::string& part, Endpoint& endpoint) { Add(part, endpoint); }
  /// Under both of its paths.
  void Mount(net::http::Router& router);
  /// Each path it serves, `/api/trackers/{id}`, with its methods.
  std::vector<std::pair<std::string, std::vector<std::string>>> Paths() const;

  net::http::Body OnRequest(const net::http::Exchange& exchange,
                            const net::http::Request& request) override;
  void OnBody(const net::http::Exchange& exchange, const net::http::Request& request,
              std::string body) override;
  void OnBodyTooLarge(const net::http::Exchange& exchange,
                      const net::http::Request& request) override;

 private:
  static constexpr const char* kCollection = "/";  // no part is called so
  static constexpr const char* kThing = "";
  class Others;
  struct Place;

  void Add(const std::string& place, Endpoint& endpoint);
  const Place* FindPlace(std::string_view path) const;
  net::http::Handler& Find(const net::http::Request& request) const;

  const Access& access_;
  const std::string collection_;
  std::map<std::string, std::unique_ptr<Place>, std::less<>> places_;
  const std::unique_ptr<Others> nothing_;
};

}  // namespace trackwire::api
