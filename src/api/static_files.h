#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http/server.h"

namespace trackwire::api {

struct StaticFilesOptions {
  std::string without = {};        ///< a folder of the root that is left out, if any
  std::string inline_styles = {};  ///< a folder whose pages may make style elements
};

/// Serves the web page from memory: read at the start, shared by all answers.
///
/// Files under `assets/` carry a hash of their content in their name and are cached for ever;
/// others are asked for again by ETag. A file `x` with a sibling `x.gz` is sent packed to whoever
/// accepts that. A folder with an index.html is that page.
class StaticFiles final : public net::http::Handler {
 public:
  /// Reads all files below `root`. Errors: `no_web_files` when there is no index.html,
  /// `too_large` above 64 MB in all. Blocks.
  static Result<std::unique_ptr<StaticFiles>> Load(const std::string& root,
                                                   const StaticFilesOptions& options = {});
  /// Says in a small page that the web files are not there.
  static std::unique_ptr<StaticFiles> Absent();

  net::http::Body OnRequest(const net::http::Exchange& exchange,
                            const net::http::Request& request) override;
  void OnBody(const net::http::Exchange& exchange, const net::http::Request& request,
              std::string body) override;
  size_t file_count() const { return files_.size(); }

  /// The answer to a request for a file; for tests too.
  net::http::Response Answer(const net::http::Request& request) const;

 private:
  struct File {
    std::shared_ptr<const std::string> body;
    std::shared_ptr<const std::string> gzip;  ///< nothing: not packed
    std::string type;
    std::string etag;
    bool immutable = false;
    bool inline_styles = false;
  };

  std::map<std::string, File, std::less<>> files_;  ///< by path with a leading slash
};

}  // namespace trackwire::api
