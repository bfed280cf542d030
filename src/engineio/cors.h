#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engineio/options.h"
#include "net/http/message.h"

namespace trackwire::engineio {

/// Decides what pages of other origins may do. Constant after construction; any thread.
/// Spec: WHATWG Fetch, "CORS protocol".
class OriginPolicy {
 public:
  explicit OriginPolicy(const Cors& cors);

  /// Whether the list has anything in it.
  bool configured() const { return any_ || !patterns_.empty(); }
  /// Whether the list names `origin`.
  bool Lists(std::string_view origin) const;
  /// Whether a WebSocket may be opened: browsers do not protect it, so the server must. Without a
  /// list, without an Origin and from the server's own origin: yes.
  bool AllowsWebSocket(const net::http::Request& request) const;
  /// Adds what a browser wants to read on every answer.
  void AddHeaders(const net::http::Request& request, net::http::Headers& headers) const;
  /// The answer to a preflight request (OPTIONS), without the headers of AddHeaders().
  net::http::Response Preflight(const net::http::Request& request) const;

 private:
  struct Pattern {
    std::string prefix;  ///< all of it when it is no wildcard
    std::string suffix;
    bool wildcard = false;
  };
  static bool Matches(const Pattern& pattern, std::string_view origin);

  std::vector<Pattern> patterns_;
  const Cors cors_;
  bool any_ = false;
};

}  // namespace trackwire::engineio
