#include "gateway/gateway.h"

#include "base/log.h"
#include "gateway/open_broker.h"
#include "gateway/parts.h"
#include "gateway/token_keys.h"

namespace trackwire::gateway {

Gateway::Gateway(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Gateway::~Gateway() { Stop(); }

Result<std::unique_ptr<Gateway>> Gateway::Start(const Config& config, const StartOptions& options,
                                                const Clock& clock) {
  if (options.demo && config.shares_redis()) {
    return Err(
        "bad_config",
        "--demo runs with the embedded broker: leave out redis.url, or play a recording with "
        "replay.file and `trackwire fetch`");
  }
  // Held by the gateway from the first step on, so that a failure takes down what stands.
  std::unique_ptr<Gateway> gateway(new Gateway(std::make_unique<Parts>(config, clock)));
  Parts& parts = *gateway->parts_;
  auto done = parts.OpenTls();
  if (done) done = parts.OpenKeys();
  if (done) done = parts.OpenAccounts(options.demo);
  if (done) done = parts.OpenBroker();
  if (!done) return Err(done.error());
  parts.MakeShards();
  done = parts.MakeForwarding();
  if (!done) return Err(done.error());
  parts.MakePipeline();
  done = parts.LoadRevocations();
  if (done) done = parts.JoinNeighbours();
  if (done) done = parts.OpenRemote();
  if (done) done = parts.OpenStore();
  if (done) done = parts.MakeFetcher(options.demo);
  if (!done) return Err(done.error());
  parts.MakeUpdates();
  parts.MakeGeocoding();
  parts.MakeTold();
  parts.WarmUpBoard();
  parts.MakePage(options.demo);
  parts.MakeRoutes();
  parts.MakeLoginRoutes();
  done = parts.MakeGraphqlRoute();
  if (!done) return Err(done.error());
  parts.TellRoutes();
  done = parts.Listen();
  if (!done) return Err(done.error());
  return gateway;
}

uint16_t Gateway::port() const { return parts_->port; }

void Gateway::Reload() {
  if (parts_->tls != nullptr) parts_->tls->Reload();
}

std::vector<std::string> Gateway::Banner() {
  const Config& config = parts_->config;
  const bool shared = config.shares_redis();
  std::vector<std::string> lines;
  lines.push_back("shards    " + std::to_string(parts_->shards.size()));
  lines.push_back("broker    " + DescribeBroker(config));
  for (const std::string& rule : config.neighbours_adapters) {
    lines.push_back("shares    " + rule + " with other Socket.IO servers");
  }
  if (parts_->forwarding != nullptr) {
    lines.push_back("forwards  to other gateways, and theirs come to " +
                    parts_->forwarding->told());
  }
  if (parts_->tls != nullptr) {
    lines.push_back("tls       " + parts_->tls->Describe());
    const std::string from = parts_->tls->DescribeRedirect();
    if (!from.empty()) lines.push_back("sends on  " + from);
  }
  lines.push_back("store     " + DescribeStore(config) +
                  (shared ? ", read for the trackers that fetchers put in" : ""));
  lines.push_back("keys      " + DescribeTokenKeys(config));
  lines.push_back("web page  " + (parts_->page_found
                                      ? std::to_string(parts_->page->file_count()) + " files"
                                      : "not installed"));
  for (const ProviderConfig& provider : config.providers) {
    if (shared || provider.is_replay()) continue;
    lines.push_back("provider  " + provider.name + " (" + provider.kind + ")");
  }
  if (parts_->told != nullptr) lines.emplace_back("stores    positions in notifications of others");
  if (!parts_->replay.empty()) lines.push_back("replay    " + parts_->replay);
  if (parts_->geocoding != nullptr) {
    for (std::string& line : parts_->geocoding->Banner()) lines.push_back(std::move(line));
  }
  if (parts_->accounts != nullptr) lines.push_back("users     " + parts_->DescribeUsers());
  std::string off = shared ? "off       fetching (`trackwire fetch` does it)" : "off       Redis";
  if (shared && parts_->forwarding == nullptr) off += ", forwarding (gateway.internal_url)";
  if (parts_->tls == nullptr) off += ", TLS (tls.certificate)";
  if (!config.recovery_enabled) off += ", recovery of connections";
  if (parts_->accounts == nullptr) off += ", login (auth.login)";
  if (!config.auth_require_auth) off += ", the need for a token (auth.require_auth)";
  if (parts_->geocoding == nullptr) off += ", addresses (geocoding.enabled)";
  if (config.cors_origins.empty()) off += ", other sites' pages (cors.origins)";
  if (parts_->replay.empty() && !shared) off += ", replay";
  lines.push_back(off);
  return lines;
}

void Gateway::Stop() {
  if (parts_ == nullptr || parts_->stopped) return;
  parts_->stopped = true;
  parts_->Drain();
  parts_->StopThreads();
}

}  // namespace trackwire::gateway
