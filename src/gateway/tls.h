#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/tls_metrics.h"
#include "gateway/config.h"
#include "net/http/server.h"
#include "net/tls_context.h"

namespace trackwire::gateway {

/// The gateway's certificate, and the port that sends who comes without TLS on to where it is.
class Tls {
 public:
  /// Reads the files and logs what is odd about them. Errors: `bad_config`, naming the keys.
  static Result<std::unique_ptr<Tls>> Open(const Config& config);

  const std::shared_ptr<net::TlsContext>& context() const { return context_; }
  /// Reads the files again, and logs what came of it; blocks. One thread at a time.
  void Reload();
  /// For people: the certificate's name and end.
  std::string Describe() const;
  /// Any thread.
  api::TlsSample Sample() const;

  /// Answers plain requests by the address of the same on `port`, if tls.redirect asks for it.
  Result<void> Redirect(std::vector<net::Shard*> shards, uint16_t port,
                        net::http::ServerOptions options);
  /// As of the server itself.
  void StopListening();
  void CloseIdle();
  /// For people: where is sent on from; empty: nowhere.
  std::string DescribeRedirect() const;

 private:
  Tls(const Config& config, std::shared_ptr<net::TlsContext> context);
  void LogWarnings() const;

  const Config& config_;
  const std::shared_ptr<net::TlsContext> context_;
  std::atomic<uint64_t> changed_{0};
  std::atomic<uint64_t> unchanged_{0};
  std::atomic<uint64_t> failed_{0};
  std::unique_ptr<net::http::Handler> handler_;
  net::http::Router router_;
  std::unique_ptr<net::http::Server> redirect_;
  uint16_t redirect_port_ = 0;
};

/// What is wrong with the files that `config` names, if anything; in `warnings` what is odd. For
/// `check-config`.
std::optional<Error> CheckTlsFiles(const Config& config, std::vector<std::string>& warnings);

}  // namespace trackwire::gateway
