#include "net/http/stored_file.h"

#include <openssl/evp.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "net/http/compression.h"
#include "net/http/negotiation.h"

namespace trackwire::net::http {
namespace {

bool EndsWith(std::string_view text, std::string_view ending) {
  return text.size() >= ending.size() && text.substr(text.size() - ending.size()) == ending;
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

std::string ContentEtag(std::string_view content) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  CHECK(EVP_Digest(content.data(), content.size(), digest, &size, EVP_sha256(), nullptr) == 1);
  constexpr size_t kEnough = 12;
  return "W/\"" + base::Base64UrlEncode({reinterpret_cast<const char*>(digest), kEnough}) + "\"";
}

StoredFile::StoredFile(std::string content, std::string_view type)
    : content_(std::make_shared<const std::string>(std::move(content))),
      type_(type),
      etag_(ContentEtag(*content_)) {
  constexpr int kLevel = 6;
  std::string packed = Gzip(*content_, kLevel);
  if (packed.size() >= content_->size()) return;
  gzip_ = std::make_shared<const std::string>(std::move(packed));
}

Result<StoredFile> StoredFile::Load(const std::string& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return Err("no_file", file + " is no file");
  const uint64_t size = std::filesystem::file_size(file, error);
  if (!error && size > kMaxBytes) return Err("too_large", file + " is longer than 64 MiB");
  std::ifstream in(file, std::ios::binary);
  std::ostringstream content;
  if (size > 0) content << in.rdbuf();
  if (error || !in) return Err("no_file", file + " cannot be read");
  return StoredFile(std::move(content).str(), MediaType(file));
}

Response StoredFile::Answer(const Request& request) const {
  Response response;
  response.headers.Add("ETag", etag_);
  response.headers.Add("Cache-Control", "no-cache");  // kept, but asked for again
  response.headers.Add("X-Content-Type-Options", "nosniff");
  if (gzip_ != nullptr) response.headers.Add("Vary", "Accept-Encoding");
  if (MatchesEtag(request.headers, etag_)) {
    response.status = 304;
    return response;
  }
  response.headers.Add("Content-Type", type_);
  const bool packed = gzip_ != nullptr && TakesGzip(request.headers);
  if (packed) response.headers.Add("Content-Encoding", "gzip");
  response.shared_body = packed ? gzip_ : content_;
  return response;
}

}  // namespace trackwire::net::http
