#include "net/http/parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <limits>

#include "base/check.h"
#include "base/text.h"

namespace trackwire::net::http {
namespace {

namespace beast = boost::beast;
using beast::http::error;

/// Longest method that anything defines, with room; a first line that is none is told from a slow
/// one by it.
constexpr size_t kMaxMethod = 32;
/// A field takes 64 bytes and may be sent in four: the size of the head alone does not bound it.
constexpr size_t kMaxFields = 128;
/// What may stand between two portions of a chunked body: sizes, extensions, trailers. The shortest
/// is that of the last chunk.
constexpr size_t kMaxChunkHeader = 8192;
constexpr size_t kMinChunkLine = 5;
/// And what all of that may come to: this, and so many bytes for each byte of the body. Chunks of a
/// single byte need six.
constexpr size_t kMaxChunkOverhead = 16'384;
constexpr size_t kOverheadPerByte = 16;
/// Empty lines that are forgiven before a request, in bytes.
constexpr size_t kMaxBlank = 4;

bool MayBeginWithMethod(std::string_view data) {
  for (size_t i = 0; i < data.size(); ++i) {
    if (data[i] == ' ') return i > 0;
    if (i == kMaxMethod || !IsTokenChar(data[i])) return false;
  }
  return true;
}

/// Line ends are CR LF and nothing else, and no line is folded onto the next: where two readers
/// could disagree about lines, requests get smuggled.
bool HasCleanLines(std::string_view head) {
  for (size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '\0') return false;
    if (head[i] == '\n' && (i == 0 || head[i - 1] != '\r')) return false;
    if (head[i] != '\r') continue;
    if (i + 1 == head.size() || head[i + 1] != '\n') return false;
    if (i + 2 < head.size() && (head[i + 2] == ' ' || head[i + 2] == '\t')) return false;
  }
  return true;
}

bool HasControls(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  });
}

/// Whether the first line is a sound one of a version that is not ours.
bool NamesOtherVersion(std::string_view head) {
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const size_t space = line.rfind(' ');
  if (space == std::string_view::npos) return false;
  const std::string_view version = line.substr(space + 1);
  return version.size() == 8 && version.starts_with("HTTP/") && version[6] == '.' &&
         version[5] >= '0' && version[5] <= '9' && version[7] >= '0' && version[7] <= '9' &&
         version != "HTTP/1.0" && version != "HTTP/1.1";
}

}  // namespace

/// Beast calls back for each part; what it hands out borrows from the caller's bytes.
struct RequestParser::Machine final : beast::http::basic_parser<true> {
  Machine() : request(std::make_unique<Request>()) {
    header_limit(std::numeric_limits<uint32_t>::max());
    body_limit(boost::none);
  }

  std::unique_ptr<Request> request;
  std::string* body = nullptr;
  size_t limit = 0;
  bool head_complete = false;
  uint64_t chunk_left = 0;  // bytes of the present chunk that did not come yet

  /// Whether the next bytes are no content.
  bool at_chunk_line() const { return chunked() && chunk_left == 0; }

  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target,
                       int version, beast::error_code&) override {
    request->method.assign(method);
    request->target.assign(target);
    request->version_minor = version == 10 ? 0 : 1;
  }
  void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
  void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value,
                     beast::error_code& ec) override {
    // Trailers come after the handler was called; nobody reads them.
    if (head_complete) return;
    if (request->headers.all().size() == kMaxFields) {
      ec = error::header_limit;
      return;
    }
    request->headers.Add(std::string(name), std::string(value));
  }
  void on_header_impl(beast::error_code&) override { head_complete = true; }
  void on_body_init_impl(boost::optional<uint64_t> const&, beast::error_code&) override {}
  size_t on_body_impl(beast::string_view bytes, beast::error_code& ec) override {
    if (bytes.size() > limit - body->size()) {
      ec = error::body_limit;
      return 0;
    }
    body->append(bytes);
    return bytes.size();
  }
  void on_chunk_header_impl(uint64_t size, beast::string_view extensions,
                            beast::error_code& ec) override {
    // Quotes hide line ends from Beast, but not from a proxy that looks for nothing else.
    if (HasControls(extensions)) {
      ec = error::bad_chunk_extension;
      return;
    }
    if (size > limit - body->size()) ec = error::body_limit;
    chunk_left = size;
  }
  size_t on_chunk_body_impl(uint64_t, beast::string_view bytes, beast::error_code& ec) override {
    const size_t taken = on_body_impl(bytes, ec);
    chunk_left -= taken;
    return taken;
  }
  void on_finish_impl(beast::error_code&) override {}
};

namespace {

/// Whether it can name a host, with or without a port; nothing may hide behind an `@` or a comma.
bool IsAuthority(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-._~%!$&'()*+;=:[]").find(c) != std::string_view::npos;
  });
}

/// Whether the body is packed: nothing here unpacks one, so that few bytes never become many.
bool HasPackedBody(const Headers& headers) {
  const auto coding = headers.Find("Content-Encoding");
  if (!coding) return false;
  const bool as_it_is = base::EqualsIgnoreCase(*coding, "identity");
  if (as_it_is && headers.Count("Content-Encoding") == 1) return false;
  return headers.Count("Transfer-Encoding") > 0 ||
         headers.Find("Content-Length").value_or("0") != "0";
}

/// Rules about fields that the parser below leaves to us. 0 when all are kept.
int CheckFields(const Request& request) {
  const Headers& headers = request.headers;
  const size_t hosts = headers.Count("Host");
  if (hosts > 1 || (hosts == 0 && request.version_minor == 1)) return 400;
  if (hosts == 1 && !IsAuthority(*headers.Find("Host"))) return 400;
  const size_t lengths = headers.Count("Content-Length");
  if (lengths > 1) return 400;
  if (lengths == 1) {
    const std::string_view length = *headers.Find("Content-Length");
    const bool digits =
        std::all_of(length.begin(), length.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (length.empty() || !digits) return 400;
  }
  const size_t codings = headers.Count("Transfer-Encoding");
  if (codings > 0) {
    if (codings > 1 || lengths > 0 || request.version_minor == 0) return 400;
    if (!base::EqualsIgnoreCase(*headers.Find("Transfer-Encoding"), "chunked")) return 501;
  }
  return HasPackedBody(headers) ? 415 : 0;
}

/// Fills path and query from the target. Spec: RFC 9112 section 3.2.
bool ReadTarget(Request& request) {
  std::string_view target = request.target;
  if (target == "*") {
    request.path = "*";
    return request.method == "OPTIONS";
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() > scheme.size() &&
        base::EqualsIgnoreCase(target.substr(0, scheme.size()), scheme)) {
      target.remove_prefix(scheme.size());
      const size_t end = target.find_first_of("/?");
      // A proxy may go by the one, and what stands behind it by the other.
      const std::string_view authority = target.substr(0, end);
      if (authority.empty() || !IsAuthority(authority)) return false;
      const auto host = request.headers.Find("Host");
      if (host && !base::EqualsIgnoreCase(*host, authority)) return false;
      target = end == std::string_view::npos ? std::string_view("/") : target.substr(end);
    }
  }
  const size_t question = target.find('?');
  const std::string_view raw_path = target.substr(0, question);
  auto path = DecodePath(raw_path.empty() ? "/" : raw_path);
  if (!path) return false;
  request.path = std::move(*path);
  if (question != std::string_view::npos) {
    const std::string_view query = target.substr(question + 1);
    if (Query::CountFields(query) > Query::kMaxFields) return false;
    request.query = Query::Parse(query);
  }
  return true;
}

}  // namespace

std::optional<std::string> DecodePath(std::string_view raw_path) {
  if (!raw_path.starts_with('/')) return std::nullopt;
  auto path = base::PercentDecode(raw_path, false);
  if (!path) return std::nullopt;
  // An escaped slash would make the decoded path have other segments than the one sent.
  if (std::count(path->begin(), path->end(), '/') !=
      std::count(raw_path.begin(), raw_path.end(), '/')) {
    return std::nullopt;
  }
  std::string_view rest = *path;
  for (const char c : rest) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return std::nullopt;
  }
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view segment = rest.substr(0, rest.find('/'));
    if (segment == "." || segment == "..") return std::nullopt;
    rest.remove_prefix(segment.size());
  }
  return path;
}

RequestParser::RequestParser(size_t max_head_bytes)
    : machine_(std::make_unique<Machine>()), max_head_bytes_(max_head_bytes) {}

RequestParser::~RequestParser() = default;

RequestParser::Progress RequestParser::Fail(int status) {
  error_status_ = status;
  return {Status::kError, 0};
}

RequestParser::Progress RequestParser::ParseHead(std::string_view data) {
  size_t blank = 0;
  if (scanned_ == 0) {
    // An empty line or two before a request is forgiven: RFC 9112 section 2.2.
    while (blank_ + blank < kMaxBlank && data.substr(blank).starts_with("\r\n")) blank += 2;
    blank_ += blank;
    data.remove_prefix(blank);
    if (data == "\r") return {Status::kNeedMore, blank};
    if (!MayBeginWithMethod(data.substr(0, kMaxMethod + 1))) return Fail(400);
  }
  const size_t end = data.find("\r\n\r\n", scanned_ < 3 ? 0 : scanned_ - 3);
  if (end == std::string_view::npos) {
    if (data.size() >= max_head_bytes_) return Fail(431);
    // The first portions are looked at again until the method is known to be one.
    scanned_ = data.size() > kMaxMethod ? data.size() : 0;
    return {Status::kNeedMore, blank};
  }
  const std::string_view head = data.substr(0, end + 4);
  if (head.size() > max_head_bytes_) return Fail(431);
  if (!HasCleanLines(head)) return Fail(400);
  // The first line and the empty one are no fields.
  const auto lines = static_cast<size_t>(std::count(head.begin(), head.end(), '\n'));
  machine_->request->headers.Reserve(std::min(lines - 2, kMaxFields));
  beast::error_code ec;
  const size_t used = machine_->put(boost::asio::const_buffer(head.data(), head.size()), ec);
  if (ec == error::bad_version && NamesOtherVersion(head)) return Fail(505);
  if (ec == error::header_limit) return Fail(431);
  if (ec || used != head.size()) return Fail(400);
  Request& request = *machine_->request;
  if (const int status = CheckFields(request); status != 0) return Fail(status);
  if (!ReadTarget(request)) return Fail(400);
  const Headers& headers = request.headers;
  request.keep_alive = request.version_minor == 1 ? !headers.HasToken("Connection", "close")
                                                  : headers.HasToken("Connection", "keep-alive");
  request.upgrade = headers.HasToken("Connection", "upgrade") && headers.Count("Upgrade") > 0;
  if (const auto length = machine_->content_length()) request.content_length = *length;
  return {Status::kComplete, blank + used};
}

std::unique_ptr<Request> RequestParser::TakeRequest() { return std::move(machine_->request); }

bool RequestParser::body_pending() const { return !machine_->is_done(); }

RequestParser::Progress RequestParser::ParseBody(std::string_view data, std::string& body,
                                                 size_t limit) {
  CHECK(body.size() <= limit);
  machine_->body = &body;
  machine_->limit = limit;
  size_t consumed = 0;
  while (!machine_->is_done()) {
    const auto step = machine_->at_chunk_line() ? TakeChunkLine(data.substr(consumed))
                                                : TakeContent(data.substr(consumed));
    consumed += step.consumed;
    if (step.status != Status::kComplete) return {step.status, consumed};
  }
  return {Status::kComplete, consumed};
}

/// Bytes of the body itself.
RequestParser::Progress RequestParser::TakeContent(std::string_view data) {
  if (data.empty()) return {Status::kNeedMore, 0};
  beast::error_code ec;
  const size_t used = machine_->put(boost::asio::const_buffer(data.data(), data.size()), ec);
  body_bytes_ += used;
  if (ec == error::body_limit) return {Status::kTooLarge, used};
  if (ec && ec != error::need_more) return Fail(400);
  return {Status::kComplete, used};
}

namespace {

/// Whether a quoted string of a chunk's extension has no end on its own line. Beast would look for
/// one on the lines behind it for ever, where a proxy reads chunks and trailers.
bool QuoteStaysOpen(std::string_view data) {
  if (data.starts_with("\r\n")) data.remove_prefix(2);  // of the chunk before
  const size_t end = data.find("\r\n");
  if (end == std::string_view::npos) return false;
  bool open = false;
  for (size_t i = 0; i < end; ++i) {
    if (data[i] == '"') open = !open;
    if (open && data[i] == '\\') ++i;
  }
  return open;
}

}  // namespace

/// What stands before the bytes of a chunk, with the end of the line of those before it; behind the
/// last chunk all that is left.
RequestParser::Progress RequestParser::TakeChunkLine(std::string_view data) {
  // No body ends with less. Beast stops the program over the beginning of a last chunk that comes
  // in three bytes and then one more.
  if (data.size() < kMinChunkLine) return {Status::kNeedMore, 0};
  const std::string_view line = data.substr(0, kMaxChunkHeader);
  beast::error_code ec;
  const size_t used = machine_->put(boost::asio::const_buffer(line.data(), line.size()), ec);
  if (ec == error::need_more) {
    if (QuoteStaysOpen(line)) return Fail(400);
    return line.size() < kMaxChunkHeader ? Progress{Status::kNeedMore, used} : Fail(400);
  }
  if (ec == error::body_limit) return {Status::kTooLarge, used};
  if (ec) return Fail(400);
  // In the trailer lines mean what they mean in a head.
  if (machine_->is_done() && !HasCleanLines(line.substr(0, used))) return Fail(400);
  overhead_ += used;
  const bool wasteful = overhead_ > kMaxChunkOverhead + kOverheadPerByte * body_bytes_;
  return wasteful ? Fail(400) : Progress{Status::kComplete, used};
}

}  // namespace trackwire::net::http
