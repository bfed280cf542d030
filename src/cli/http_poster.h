#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace trackwire::cli {

/// Posts JSON to a gateway over one connection that is kept. Blocks; one thread.
class HttpPoster {
 public:
  struct Answer {
    long status = 0;
    std::string body;
  };

  /// Trusts whom this machine trusts, or with `ca` the certificates in that PEM file alone.
  HttpPoster(const std::string& url, const std::string& token, const std::string& ca = "");
  ~HttpPoster();
  HttpPoster(const HttpPoster&) = delete;
  HttpPoster& operator=(const HttpPoster&) = delete;

  /// Errors: `unreachable`, with what the network said.
  Result<Answer> Post(const std::string& body);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trackwire::cli
