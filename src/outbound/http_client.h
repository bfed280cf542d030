#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/loop.h"

namespace trackwire::outbound {

/// One request to another server.
struct HttpRequest {
  std::string method = "GET";
  std::string url;  ///< http or https
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds timeout{10'000};  ///< from the call until the last byte
  size_t max_bytes = 8'000'000;               ///< of the answer, unpacked
  bool allow_private = false;  ///< addresses of this machine and of private networks, too
};

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::string content_type;
  std::string etag;
  std::string last_modified;
  std::optional<std::chrono::seconds> retry_after;  ///< RFC 9110 section 10.2.3, both forms
  std::chrono::microseconds took{0};
};

/// Requests to other servers, many at once over kept connections, on one loop.
///
/// All of it belongs to the loop's thread. A redirect is an answer like any other, so that no
/// server decides whom we ask. The address that a name stands for is checked when it is
/// connected to: loopback, link-local, private, multicast and unspecified ones (also written as
/// IPv6) are refused unless the request allows them.
///
/// Errors: `bad_url`, `forbidden_address`, `unreachable`, `timeout`, `too_large`, `cancelled`. No
/// error and no log line holds the query, the user info or a header of a request.
class HttpClient {
 public:
  using Done = std::function<void(Result<HttpAnswer>)>;

  /// A request under way; destroying it cancels it, and `done` is not called any more.
  class Transfer {
   public:
    virtual ~Transfer() = default;
  };

  virtual ~HttpClient() = default;
  /// `done` is called once, never inside this call.
  [[nodiscard]] virtual std::unique_ptr<Transfer> Send(HttpRequest request, Done done) = 0;
};

struct HttpClientOptions {
  std::string user_agent = "trackwire";
  std::string ca_file{};            ///< empty: the system's
  size_t max_connections = 64;      ///< what exceeds it waits
  size_t max_per_host = 16;
};

/// `loop` outlives it.
std::unique_ptr<HttpClient> MakeHttpClient(net::Loop& loop, const HttpClientOptions& options);

/// `scheme://host:port/path` of a URL, for logs: without user info, query and fragment.
std::string RedactedUrl(const std::string& url);

}  // namespace trackwire::outbound
