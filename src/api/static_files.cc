#include "api/static_files.h"

#include <openssl/evp.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "api/endpoint.h"
#include "api/security_headers.h"
#include "base/check.h"
#include "base/text.h"
#include "net/http/negotiation.h"

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

std::string EtagOf(std::string_view content) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  CHECK(EVP_Digest(content.data(), content.size(), digest, &size, EVP_sha256(), nullptr) == 1);
  constexpr size_t kEnough = 12;
  // Weak: of a file that is sent packed and unpacked the bytes differ, not what they say.
  return "W/\"" + base::Base64UrlEncode({reinterpret_cast<const char*>(digest), kEnough}) + "\"";
}

bool EndsWith(std::string_view text, std::string_view ending) {
  return text.size() >= ending.size() && text.substr(text.size() - ending.size()) == ending;
}

bool IsBelow(std::string_view name, const std::string& folder) {
  return !folder.empty() && name.rfind("/" + folder + "/", 0) == 0;
}

}  // namespace

std::string_view MediaType(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".webp", "image/webp"},
      {".jpg", "image/jpeg"},
      {".woff2", "font/woff2"},
      {".txt", "text/plain; charset=utf-8"},
      {".map", "application/json"},
  };
  for (const auto& [ending, type] : kTypes) {
    if (EndsWith(name, ending)) return type;
  }
  return "application/octet-stream";
}

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
    file.type = MediaType(name);
    file.etag = EtagOf(*file.body);
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
  page.type = MediaType(".html");
  page.etag = EtagOf(*page.body);
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
