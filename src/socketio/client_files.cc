#include "socketio/client_files.h"

#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include "engineio/request_check.h"
#include "net/http/compression.h"
#include "net/http/negotiation.h"

namespace trackwire::socketio {

namespace fs = std::filesystem;
using net::http::Body;
using net::http::Exchange;
using net::http::Request;
using net::http::Response;

namespace {

constexpr std::string_view kBuilds[] = {"socket.io.js", "socket.io.min.js", "socket.io.esm.min.js",
                                        "socket.io.msgpack.min.js"};
constexpr std::string_view kMapEnding = ".map";
constexpr uintmax_t kMaxFileBytes = 4'000'000;
/// All eight are packed in thirty milliseconds; level 9 takes three times that for a hundredth.
constexpr int kLevel = 6;

/// Nothing when there is no such file.
Result<std::shared_ptr<const std::string>> Read(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return std::shared_ptr<const std::string>();
  const uintmax_t size = fs::file_size(path, error);
  if (error) return Err("no_client_files", path.string() + ": " + error.message());
  if (size > kMaxFileBytes) return Err("too_large", path.string() + " is larger than 4 MB");
  std::string content(static_cast<size_t>(size), '\0');
  std::ifstream file(path, std::ios::binary);
  if (!file.read(content.data(), static_cast<std::streamsize>(size))) {
    return Err("no_client_files", path.string() + " cannot be read");
  }
  return std::make_shared<const std::string>(std::move(content));
}

/// The version that a build says of itself in its first lines; empty when it says none.
std::string_view VersionOf(std::string_view script) {
  constexpr std::string_view kMark = "Socket.IO v";
  constexpr size_t kWithin = 200;
  constexpr size_t kLongest = 40;
  const size_t at = script.substr(0, kWithin).find(kMark);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = script.substr(at + kMark.size());
  const size_t end = rest.find_first_not_of(
      "0123456789.-+abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
  return end > kLongest ? std::string_view() : rest.substr(0, end);
}

/// Tells files apart that say no version.
std::string Checksum(std::string_view bytes) {
  return std::to_string(crc32(crc32(0, nullptr, 0), reinterpret_cast<const Bytef*>(bytes.data()),
                              static_cast<uInt>(bytes.size())));
}

}  // namespace

Result<ClientFiles> ClientFiles::Load(const std::string& folder) {
  ClientFiles files;
  std::string version;
  std::string checksums;
  for (const std::string_view build : kBuilds) {
    for (const std::string& name : {std::string(build), std::string(build) += kMapEnding}) {
      auto body = Read(fs::path(folder) / name);
      if (!body) return Err(std::move(body.error()));
      if (*body == nullptr) continue;
      if (version.empty()) version = VersionOf(**body);
      checksums += (checksums.empty() ? "" : "-") + Checksum(**body);
      std::string packed = net::http::Gzip(**body, kLevel);
      std::shared_ptr<const std::string> gzip;
      if (packed.size() < (*body)->size()) {
        gzip = std::make_shared<const std::string>(std::move(packed));
      }
      files.files_.emplace(name, File{std::move(*body), std::move(gzip)});
    }
  }
  if (files.files_.empty()) {
    return Err("no_client_files", folder + " has no socket.io.min.js and none of its like");
  }
  files.etag_ = "W/\"" + (version.empty() ? checksums : version) + "\"";
  return files;
}

Response ClientFiles::Answer(std::string_view name, const Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    Response refusal = Response::Text(405, "use GET\n");
    refusal.headers.Add("Allow", "GET, HEAD");
    return refusal;
  }
  const File& file = files_.find(name)->second;
  Response response;
  response.headers.Add("Cache-Control", "public, max-age=0");
  response.headers.Add("ETag", etag_);
  response.headers.Add("Vary", "Accept-Encoding");
  if (net::http::MatchesEtag(request.headers, etag_)) {
    response.status = 304;
    return response;
  }
  response.headers.Add("Content-Type", name.ends_with(kMapEnding)
                                           ? "application/json; charset=utf-8"
                                           : "application/javascript; charset=utf-8");
  response.headers.Add("X-Content-Type-Options", "nosniff");
  const bool packed = file.gzip != nullptr && net::http::TakesGzip(request.headers);
  if (packed) response.headers.Add("Content-Encoding", "gzip");
  response.shared_body = packed ? file.gzip : file.body;
  return response;
}

ClientFilesHandler::ClientFilesHandler(ClientFiles files, const engineio::Options& options,
                                       net::http::Handler& next)
    : files_(std::move(files)),
      path_(options.path),
      origins_(options.cors),
      response_headers_(options.response_headers),
      next_(next) {}

Body ClientFilesHandler::OnRequest(const Exchange& exchange, const Request& request) {
  const std::string_view path = request.path;
  const bool below = path.starts_with(path_);
  const std::string_view name = below ? path.substr(path_.size()) : std::string_view();
  // The other handler answers what a browser asks before, and opens WebSockets wherever they want.
  if (!files_.Has(name) || request.method == "OPTIONS" || engineio::WantsWebSocket(request)) {
    return next_.OnRequest(exchange, request);
  }
  Response response = files_.Answer(name, request);
  origins_.AddHeaders(request, response.headers);
  if (response_headers_) response_headers_(request, response.headers);
  exchange.Respond(std::move(response));
  return Body::None();
}

void ClientFilesHandler::OnBody(const Exchange& exchange, const Request& request,
                                std::string body) {
  next_.OnBody(exchange, request, std::move(body));
}

void ClientFilesHandler::OnBodyTooLarge(const Exchange& exchange, const Request& request) {
  next_.OnBodyTooLarge(exchange, request);
}

}  // namespace trackwire::socketio
