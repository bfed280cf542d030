#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engineio/cors.h"
#include "engineio/options.h"
#include "net/http/server.h"

namespace trackwire::socketio {

/// The client for browsers, as the folder `dist` of the npm package `socket.io-client` has it: four
/// builds and the source map of each, with fixed names. Held in memory, plain and packed.
class ClientFiles {
 public:
  /// Reads those of the files that `folder` has. Errors: `no_client_files` when there is none,
  /// `too_large` for one above 4 MB. Blocks.
  static Result<ClientFiles> Load(const std::string& folder);

  bool Has(std::string_view name) const { return files_.find(name) != files_.end(); }
  size_t count() const { return files_.size(); }
  /// The answer to GET or HEAD of a file it has: 304 to who has this version, 405 to other methods.
  net::http::Response Answer(std::string_view name, const net::http::Request& request) const;

 private:
  struct File {
    std::shared_ptr<const std::string> body;
    std::shared_ptr<const std::string> gzip;
  };

  std::map<std::string, File, std::less<>> files_;
  std::string etag_;
};

/// Serves them below a path, with the headers that the server's other answers have there, and
/// leaves everything else to the handler behind it.
class ClientFilesHandler final : public net::http::Handler {
 public:
  /// The path is that of `options`. `next` must outlive it.
  ClientFilesHandler(ClientFiles files, const engineio::Options& options,
                     net::http::Handler& next);

  net::http::Body OnRequest(const net::http::Exchange& exchange,
                            const net::http::Request& request) override;
  void OnBody(const net::http::Exchange& exchange, const net::http::Request& request,
              std::string body) override;
  void OnBodyTooLarge(const net::http::Exchange& exchange,
                      const net::http::Request& request) override;

 private:
  const ClientFiles files_;
  const std::string path_;
  const engineio::OriginPolicy origins_;
  const std::function<void(const net::http::Request&, net::http::Headers&)> response_headers_;
  net::http::Handler& next_;
};

}  // namespace trackwire::socketio
