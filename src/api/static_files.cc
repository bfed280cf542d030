#include "api/static_files.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "api/endpoint.h"
#include "api/security_headers.h"
#include "net/http/negotiation.h"
#include "net/http/stored_file.h"

namespace trackwire::api {

namespace fs = std::filesystem;
using net::http::Body;
using net::http::Exchange;
using net::http::Request;
using net::http::Response;

namespace {

constexpr uint64_t kMaxTotalBytes = 64u << 20;
constexpr std::string_view kAbsentPage =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Trackwire</title>"
    "<h1>Trackwire is running</h1>"
    "<p>The files of the map page are not installed. Build them with <code>script/setup</code>, "
    "or set <code>web.root</code> to the directory they are in.</p>"
    "<p>Everything else works: <a href=\"/api/trackers\">trackers</a>, "
    "<a href=\"/readyz\">readiness</a>, <a href=\"/metrics\">metrics</a>.</p></html>\n";

std::shared_ptr<const std::string> ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return std::make_shared<const std::string>(std::move(content).str());
}

bool EndsWith(std::string_view text, std::string_view ending) {
  return text.size() >= ending.size() && text.substr(text.size() - ending.size()) == ending;
}

bool IsBelow(std::string_view name, const std::string& folder) {
  return !folder.empty() && name.rfind("/" + folder + "/", 0) == 0;
}

}  // namespace

Result<std::unique_ptr<StaticFiles>> StaticFiles::Load(const std::string& root,
                                                       const StaticFilesOptions& options) {
  std::error_code error;
  if (!fs::is_regular_file(fs::path(root) / "index.html", error)) {
    return Err("no_web_files", root + " has no index.html");
  }
  auto files = std::make_unique<StaticFiles>();
  uint64_t total = 0;
  for (fs::recursive_directory_iterator at(root, error), end; !error && at != end;
       at.increment(error)) {
    if (!at->is_regular_file(error)) continue;
    const std::string name = "/" + fs::relative(at->path(), root, error).generic_string();
    if (IsBelow(name, options.without)) continue;
    total += at->file_size(error);
    if (total > kMaxTotalBytes) return Err("too_large", root + " holds more than 64 MB");
    if (EndsWith(name, ".gz")) continue;
    File file;
    file.body = ReadFile(at->path());
    const fs::path packed = at->path().string() + ".gz";
    if (fs::is_regular_file(packed, error)) file.gzip = ReadFile(packed);
    file.type = net::http::MediaType(name);
    file.etag = net::http::ContentEtag(*file.body);
    file.inline_styles = IsBelow(name, options.inline_styles);
    file.immutable = name.rfind("/assets/", 0) == 0;
    files->files_.emplace(name, std::move(file));
  }
  if (error) return Err("no_web_files", root + ": " + error.message());
  return files;
}

std::unique_ptr<StaticFiles> StaticFiles::Absent() {
  auto files = std::make_unique<StaticFiles>();
  File page;
  page.body = std::make_shared<const std::string>(kAbsentPage);
  page.type = net::http::MediaType(".html");
  page.etag = net::http::ContentEtag(*page.body);
  files->files_.emplace("/index.html", std::move(page));
  return files;
}

Body StaticFiles::OnRequest(const Exchange& exchange, const Request& request) {
  exchange.Respond(Answer(request));
  return Body::None();
}

void StaticFiles::OnBody(const Exchange&, const Request&, std::string) {}

Response StaticFiles::Answer(const Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    Response response = ErrorResponse(405, "method_not_allowed", "use GET");
    response.headers.Set("Allow", "GET, HEAD");
    AddSecurityHeaders(request, response.headers);
    return response;
  }
  auto found = files_.find(request.path);
  // A folder is its page, with and without a slash.
  if (found == files_.end()) {
    const bool slash = EndsWith(request.path, "/");
    found = files_.find(request.path + (slash ? "index.html" : "/index.html"));
  }
  if (found == files_.end()) {
    Response response = ErrorResponse(404, "not_found", "there is nothing here");
    AddSecurityHeaders(request, response.headers);
    return response;
  }
  const File& file = found->second;
  Response response;
  response.headers.Add("ETag", file.etag);
  response.headers.Add("Cache-Control",
                       file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  AddPageHeaders(request, response.headers, file.inline_styles);
  if (file.gzip != nullptr) response.headers.Add("Vary", "Accept-Encoding");
  if (net::http::MatchesEtag(request.headers, file.etag)) {
    response.status = 304;
    return response;
  }
  response.headers.Add("Content-Type", file.type);
  const bool packed = file.gzip != nullptr && net::http::TakesGzip(request.headers);
  if (packed) response.headers.Add("Content-Encoding", "gzip");
  response.shared_body = packed ? file.gzip : file.body;
  return response;
}

}  // namespace trackwire::api
