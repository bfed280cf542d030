#include "fetcher/connectors/options.h"

#include "fetcher/connectors/gtfs_rt.h"
#include "fetcher/connectors/http_json.h"
#include "fetcher/connectors/owntracks.h"
#include "fetcher/connectors/service_url.h"
#include "fetcher/connectors/traccar.h"
#include "formats/json_pointer.h"
#include "outbound/headers.h"
#include "outbound/url.h"

namespace trackwire::fetcher {
namespace {

Result<void> CheckUrlOption(const char* option, const std::string& url) {
  auto checked = outbound::CheckUrl(url);
  if (!checked) return Err("bad_url", std::string(option) + ": " + checked.error().detail);
  return Ok();
}

Result<void> CheckHeaders(const RequestHeaders& headers) {
  for (const auto& [name, value] : headers) {
    if (outbound::IsSendableHeader(name, value)) continue;
    return Err("bad_option", "headers: one has no proper name, or a value with a line end");
  }
  return Ok();
}

Result<void> CheckServer(const std::string& url, const RequestHeaders& headers) {
  if (auto checked = CheckUrlOption("url", url); !checked) return checked;
  // Paths of the API are added to it.
  if (url.find_first_of("?#") != std::string::npos) {
    return Err("bad_url", "url: a query has no place in it");
  }
  return CheckHeaders(headers);
}

Result<void> Check(const HttpJsonOptions& endpoint) {
  if (endpoint.url.empty() && endpoint.url_one.empty()) {
    return Err("bad_url", "url: url, url_one or both must be there");
  }
  if (!endpoint.url.empty()) {
    if (auto checked = CheckUrlOption("url", endpoint.url); !checked) return checked;
  }
  if (!endpoint.url_one.empty()) {
    const std::string example = FillIn(endpoint.url_one, "1", &outbound::PercentEncode);
    if (example == endpoint.url_one && endpoint.body.find("{external_id}") == std::string::npos) {
      return Err("bad_url", "url_one: it has no {external_id}, nor has the body");
    }
    if (auto checked = CheckUrlOption("url_one", example); !checked) return checked;
  }
  if (!outbound::IsSendableHeader(endpoint.method, "")) return Err("bad_option", "method");
  if (!outbound::IsSendableHeader("Content-Type", endpoint.body_type)) {
    return Err("bad_option", "body_type");
  }
  if (auto checked = CheckHeaders(endpoint.headers); !checked) return checked;
  if (auto pointer = formats::JsonPointer::Parse(endpoint.next_page); !pointer) {
    return Err("bad_option", "next_page: " + pointer.error().detail);
  }
  auto mapper = formats::JsonMapper::Make(endpoint.mapping);
  if (!mapper) return Err("bad_mapping", "mapping." + mapper.error().detail);
  return Ok();
}

Result<void> Check(const TraccarOptions& server) {
  if (server.token.empty() || !outbound::IsSendableHeader("Authorization", server.token)) {
    return Err("bad_option", "token: it must be there, in one line");
  }
  return CheckServer(server.url, {});
}

Result<void> Check(const OwntracksOptions& recorder) {
  return CheckServer(recorder.url, recorder.headers);
}

Result<void> Check(const GtfsRtOptions& feed) {
  if (auto checked = CheckUrlOption("url", feed.url); !checked) return checked;
  return CheckHeaders(feed.headers);
}

}  // namespace

Result<void> CheckConnectorOptions(const ConnectorOptions& options) {
  return std::visit([](const auto& kind) { return Check(kind); }, options.kind);
}

std::unique_ptr<Connector> MakeConnector(const ConnectorOptions& options,
                                         outbound::HttpClient& client, net::Loop& loop) {
  CHECK(CheckConnectorOptions(options));
  struct Maker {
    const ConnectorOptions& options;
    outbound::HttpClient& client;
    net::Loop& loop;
    std::unique_ptr<Connector> operator()(const HttpJsonOptions&) const {
      return std::make_unique<HttpJsonConnector>(options, client, loop);
    }
    std::unique_ptr<Connector> operator()(const TraccarOptions&) const {
      return std::make_unique<TraccarConnector>(options, client, loop);
    }
    std::unique_ptr<Connector> operator()(const OwntracksOptions&) const {
      return std::make_unique<OwntracksConnector>(options, client, loop);
    }
    std::unique_ptr<Connector> operator()(const GtfsRtOptions&) const {
      return std::make_unique<GtfsRtConnector>(options, client, loop);
    }
  };
  return std::visit(Maker{options, client, loop}, options.kind);
}

}  // namespace trackwire::fetcher
