#pragma once

#include "fetcher/connectors/exchanges.h"
#include "fetcher/connectors/options.h"
#include "formats/json_mapping.h"
#include "formats/json_pointer.h"

namespace trackwire::fetcher {

/// Any REST endpoint that answers JSON, by a mapping of its fields.
class HttpJsonConnector final : public Connector {
 public:
  HttpJsonConnector(const ConnectorOptions& options, outbound::HttpClient& client,
                    net::Loop& loop);

  Abilities abilities() const override;
  void FetchAll(std::chrono::milliseconds timeout, Done done) override;
  void FetchOne(const std::string& external_id, std::chrono::milliseconds timeout,
                Done done) override;
  void Listen(Listener listener) override;

 private:
  /// A feed being read page by page.
  struct Paging;

  const HttpJsonOptions& endpoint() const { return std::get<HttpJsonOptions>(options_.kind); }
  outbound::HttpRequest Request(std::string url, std::chrono::milliseconds timeout) const;
  void AskPage(std::shared_ptr<Paging> paging);
  void OnPage(const std::shared_ptr<Paging>& paging, const outbound::HttpAnswer& answer);
  /// Nothing after the last page.
  Result<std::optional<std::string>, FetchError> NextPage(const Paging& paging,
                                                          const std::string& body) const;
  Result<Fetched, FetchError> ReadOne(const std::string& external_id,
                                      const std::string& body) const;

  const ConnectorOptions options_;
  const formats::JsonMapper mapper_;
  const formats::JsonMapper one_mapper_;  // of an answer that is the item itself
  const formats::JsonPointer next_page_;
  Validators validators_;
  Exchanges exchanges_;
};

}  // namespace trackwire::fetcher
