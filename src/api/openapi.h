#pragma once

#include "api/endpoint.h"

namespace trackwire::api {

/// `GET /api/openapi.json`: what this server answers to, for tools and for `/docs`.
/// Spec: OpenAPI 3.1.
class OpenapiEndpoint final : public Endpoint {
 public:
  /// `access` outlives it.
  explicit OpenapiEndpoint(const Access& access);

 protected:
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  const std::shared_ptr<const std::string> document_;
  std::shared_ptr<const std::string> packed_;
};

}  // namespace trackwire::api
