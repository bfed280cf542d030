#pragma once

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "fetcher/connector.h"
#include "formats/json_mapping.h"
#include "net/loop.h"
#include "outbound/http_client.h"

namespace trackwire::fetcher {

/// Headers of a request; their values may be secrets and never stand in a log line or error.
using RequestHeaders = std::vector<std::pair<std::string, std::string>>;

/// Any REST endpoint that answers JSON.
struct HttpJsonOptions {
  /// Of the whole feed; empty: there is none, and each one is asked for by itself.
  std::string url;
  /// Of a single one, with `{external_id}` where its id stands (percent-encoded when put in);
  /// empty: the whole feed is asked for it.
  std::string url_one;
  std::string method = "GET";
  RequestHeaders headers;
  /// Sent as it is with the method; `{external_id}` in it is replaced as a JSON string's content.
  std::string body;
  std::string body_type = "application/json";
  /// JSON pointer into an answer to what leads to the next page: a URL (of the same origin), or a
  /// value for the query parameter `page_parameter`. Empty: one page is all.
  std::string next_page;
  std::string page_parameter;
  size_t max_pages = 20;
  formats::JsonMapping mapping;
};

/// A Traccar server, by its REST API and its socket.
struct TraccarOptions {
  std::string url;    ///< of the server, without `/api`
  std::string token;  ///< a secret
};

/// An OwnTracks Recorder, which has no login of its own: `headers` are for what stands before it.
struct OwntracksOptions {
  std::string url;  ///< without `/api/0`
  RequestHeaders headers;
};

/// A GTFS-Realtime feed of vehicle positions.
struct GtfsRtOptions {
  std::string url;
  RequestHeaders headers;
};

struct ConnectorOptions {
  std::variant<HttpJsonOptions, TraccarOptions, OwntracksOptions, GtfsRtOptions> kind;
  bool allow_private = false;          ///< its server stands in a private network
  size_t max_answer_bytes = 8'000'000;  ///< unpacked
  std::string ca_file;                 ///< for its socket; empty: the system's
  const Clock* clock = &Clock::System();
};

/// Whether a connector can be made of them: URLs, pointers, names of headers.
/// Errors: `bad_url`, `bad_mapping`, `bad_option`; the detail names the option (`url`, `headers`,
/// `mapping.latitude`, …) and holds no secret.
Result<void> CheckConnectorOptions(const ConnectorOptions& options);

/// A connector for options that CheckConnectorOptions() lets pass. `client` and `loop` outlive it
/// and belong together.
std::unique_ptr<Connector> MakeConnector(const ConnectorOptions& options,
                                         outbound::HttpClient& client, net::Loop& loop);

}  // namespace trackwire::fetcher
