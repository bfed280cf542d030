#include "gateway/tls.h"

#include <algorithm>
#include <cctype>

#include "base/log.h"
#include "base/text.h"
#include "gateway/config_keys.h"

namespace trackwire::gateway {
namespace {

using net::http::Exchange;
using net::http::Request;
using net::http::Response;

net::TlsFiles FilesOf(const Config& config) { return {config.tls_certificate, config.tls_key}; }

/// A code of TlsContext as the key that is to blame.
Error Blame(const Config& config, Error error) {
  const bool key = error.code == "tls_key" ||
                   (error.code == "tls_file" &&
                    error.detail.find("key " + config.tls_key) != std::string::npos);
  error.detail = (key ? "tls.key: " : "tls.certificate: ") + error.detail;
  error.code = "bad_config";
  return error;
}

/// The host of a Host field without its port; empty for what may not stand in a Location.
std::string HostOf(std::string_view field) {
  const size_t end = field.starts_with('[') ? field.find(']') + 1 : field.find(':');
  const std::string_view host = field.substr(0, end);
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' || c == '[' || c == ']' ||
           c == ':';
  };
  return std::all_of(host.begin(), host.end(), plain) ? std::string(host) : std::string();
}

/// Sends each request on, whatever it is.
class SendOn final : public net::http::Handler {
 public:
  explicit SendOn(uint16_t port) : port_(port) {}

  net::http::Body OnRequest(const Exchange& exchange, const Request& request) override {
    const std::string host = HostOf(request.headers.Find("Host").value_or(""));
    if (host.empty() || !request.target.starts_with('/')) {
      exchange.Respond(Response::Text(400, "use https\n"));
      return net::http::Body::None();
    }
    constexpr uint16_t kHttps = 443;
    const std::string place =
        "https://" + host + (port_ == kHttps ? "" : ":" + std::to_string(port_)) + request.target;
    // The method and the body are to be the same there.
    Response response = Response::Text(308, place + "\n");
    response.headers.Add("Location", place);
    response.close = true;
    exchange.Respond(std::move(response));
    return net::http::Body::None();
  }
  void OnBody(const Exchange&, const Request&, std::string) override {}

 private:
  const uint16_t port_;
};

}  // namespace

Tls::Tls(const Config& config, std::shared_ptr<net::TlsContext> context)
    : config_(config), context_(std::move(context)) {}

Result<std::unique_ptr<Tls>> Tls::Open(const Config& config) {
  auto context = net::TlsContext::Load(FilesOf(config));
  if (!context) return Err(Blame(config, std::move(context.error())));
  std::unique_ptr<Tls> tls(new Tls(config, std::move(*context)));
  tls->LogWarnings();
  return tls;
}

void Tls::LogWarnings() const {
  for (const std::string& warning : context_->Warnings()) base::LogWarn("tls", warning);
}

void Tls::Reload() {
  auto changed = context_->Reload();
  if (!changed) {
    ++failed_;
    base::LogError("tls", "the certificate was not read anew; the old one serves on",
                   {{"reason", Blame(config_, changed.error()).detail}});
    return;
  }
  ++(*changed ? changed_ : unchanged_);
  const net::TlsCertificateInfo info = context_->certificate();
  base::LogInfo("tls", *changed ? "a new certificate serves from now on" : "the same certificate",
                {{"subject", info.subject},
                 {"not_after", base::FormatTime(info.not_after)},
                 {"sha256", info.fingerprint}});
  LogWarnings();
}

std::string Tls::Describe() const {
  const net::TlsCertificateInfo info = context_->certificate();
  return (info.subject.empty() ? info.names : info.subject) + ", until " +
         base::FormatTime(info.not_after);
}

api::TlsSample Tls::Sample() const {
  api::TlsSample sample;
  sample.not_after = context_->certificate().not_after;
  sample.reloads_changed = changed_;
  sample.reloads_unchanged = unchanged_;
  sample.reloads_failed = failed_;
  return sample;
}

Result<void> Tls::Redirect(std::vector<net::Shard*> shards, uint16_t port,
                           net::http::ServerOptions options) {
  if (config_.tls_redirect.empty()) return Ok();
  handler_ = std::make_unique<SendOn>(port);
  router_.Mount("/", handler_.get());
  options.tls = nullptr;
  redirect_ = std::make_unique<net::http::Server>(std::move(shards), &router_, std::move(options));
  const auto place = ParseHostPort(config_.tls_redirect);
  auto bound = redirect_->Listen(place->host, place->port);
  if (!bound) return Err(bound.error());
  redirect_port_ = *bound;
  return Ok();
}

void Tls::StopListening() {
  if (redirect_ != nullptr) redirect_->StopListening();
}

void Tls::CloseIdle() {
  if (redirect_ != nullptr) redirect_->CloseIdle();
}

std::string Tls::DescribeRedirect() const {
  if (redirect_ == nullptr) return {};
  const size_t colon = config_.tls_redirect.rfind(':');
  return "http://" + config_.tls_redirect.substr(0, colon) + ":" + std::to_string(redirect_port_);
}

std::optional<Error> CheckTlsFiles(const Config& config, std::vector<std::string>& warnings) {
  if (!config.speaks_tls()) return std::nullopt;
  auto context = net::TlsContext::Load(FilesOf(config));
  if (!context) return Blame(config, std::move(context.error()));
  for (std::string& warning : (*context)->Warnings()) warnings.push_back(std::move(warning));
  return std::nullopt;
}

}  // namespace trackwire::gateway
