// A client's bytes as HTTP requests: in one piece and in any pieces they give the same requests and
// the same error; what was accepted reads the same to a slow parser of RFC 9112, which every plain
// request must satisfy the product with. The first byte says how the bytes are cut, the second how
// long heads and bodies may be.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "net/http/parser.h"
#include "tests/fuzz/pieces.h"

using namespace trackwire;             // NOLINT
using namespace trackwire::net::http;  // NOLINT

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// What one request was, and how reading it ended.
struct Seen {
  enum class End : uint8_t { kComplete, kNeedMore, kTooLarge, kRefused };

  End end = End::kNeedMore;
  int status = 0;
  std::string method, target, path;
  Fields fields, query;
  int minor = 1;
  bool keep_alive = false, upgrade = false, head_complete = false;
  std::optional<uint64_t> length;
  std::string body;
  friend bool operator==(const Seen&, const Seen&) = default;
};

struct Limits {
  size_t head = 0;
  size_t body = 0;
};

/// Offers bytes to the parser as a connection does: what it did not consume comes again.
class Reader {
 public:
  explicit Reader(const Limits& limits) : limits_(limits) {}

  void Feed(std::string_view bytes) {
    waiting_ += bytes;
    while (!ended_ && Step()) {
    }
  }
  std::vector<Seen> Finish() {
    if (!ended_) seen_.push_back(std::move(now_));
    return std::move(seen_);
  }
  /// What was consumed together with the last complete request, and what was not.
  size_t consumed() const { return consumed_; }

 private:
  using Status = RequestParser::Status;

  /// False when more bytes are needed.
  bool Step() {
    if (waiting_.empty()) return false;
    if (parser_ == nullptr) parser_ = std::make_unique<RequestParser>(limits_.head);
    const fuzz::ExactCopy offered(waiting_);
    if (!now_.head_complete) {
      const auto progress = Take(parser_->ParseHead(offered.view()));
      if (progress != Status::kComplete) return false;
      KeepHead(*parser_->TakeRequest());
      if (parser_->body_pending()) return !waiting_.empty();
    } else {
      const auto progress = Take(parser_->ParseBody(offered.view(), now_.body, limits_.body));
      CHECK(now_.body.size() <= limits_.body);
      if (progress != Status::kComplete) return false;
    }
    CHECK(!parser_->body_pending());
    now_.end = Seen::End::kComplete;
    End();
    ended_ = false;
    parser_.reset();
    return true;
  }

  Status Take(RequestParser::Progress progress) {
    CHECK(progress.consumed <= waiting_.size());
    waiting_.erase(0, progress.consumed);
    consumed_ += progress.consumed;
    if (progress.status == Status::kError) {
      now_.end = Seen::End::kRefused;
      now_.status = parser_->error_status();
      static constexpr int kAnswers[] = {400, 415, 431, 501, 505};
      CHECK(std::count(std::begin(kAnswers), std::end(kAnswers), now_.status) == 1);
      now_.body.clear();
      End();
    } else if (progress.status == Status::kTooLarge) {
      // How much of the body was kept by then is nobody's business.
      now_.end = Seen::End::kTooLarge;
      now_.body.clear();
      End();
    }
    return progress.status;
  }

  void KeepHead(const Request& request) {
    now_.head_complete = true;
    now_.method = request.method;
    now_.target = request.target;
    now_.path = request.path;
    now_.fields = request.headers.all();
    now_.query = request.query.all();
    now_.minor = request.version_minor;
    now_.keep_alive = request.keep_alive;
    now_.upgrade = request.upgrade;
    now_.length = request.content_length;
    CHECK(now_.fields.size() <= 128 && now_.query.size() <= Query::kMaxFields);
  }

  void End() {
    seen_.push_back(std::exchange(now_, {}));
    ended_ = true;
  }

  Limits limits_;
  std::unique_ptr<RequestParser> parser_;
  std::string waiting_;
  Seen now_;
  std::vector<Seen> seen_;
  size_t consumed_ = 0;
  bool ended_ = false;
};

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool Only(std::string_view text, std::string_view extra) {
  return std::all_of(text.begin(), text.end(), [extra](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           extra.find(c) != std::string_view::npos;
  });
}
constexpr std::string_view kToken = "!#$%&'*+-.^_`|~";

std::string Strip(std::string_view text, std::string_view blanks = " \t") {
  const size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(blanks) - first + 1));
}

std::vector<std::string> Split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  for (size_t end; (end = text.find(separator)) != std::string_view::npos;) {
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(end + separator.size());
  }
  parts.emplace_back(text);
  return parts;
}

/// Reads one request after the other off the front of a text, line by line.
class Reference {
 public:
  explicit Reference(std::string_view text) : rest_(text) {}

  /// The next request, if its head is there and can be read at all.
  std::optional<Seen> Next() {
    // Two empty lines before a request are forgiven.
    for (int i = 0; i < 2 && rest_.starts_with("\r\n"); ++i) rest_.remove_prefix(2);
    const size_t end = rest_.find("\r\n\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    const auto lines = Split(rest_.substr(0, end), "\r\n");
    head_size_ = end + 4;
    rest_.remove_prefix(head_size_);
    const auto words = Split(lines[0], " ");
    if (words.size() != 3) return std::nullopt;
    Seen seen;
    seen.method = words[0];
    seen.target = words[1];
    if (words[2] != "HTTP/1.0" && words[2] != "HTTP/1.1") return std::nullopt;
    seen.minor = words[2].back() - '0';
    for (size_t i = 1; i < lines.size(); ++i) {
      const size_t colon = lines[i].find(':');
      if (colon == std::string::npos) return std::nullopt;
      seen.fields.emplace_back(lines[i].substr(0, colon), Strip(lines[i].substr(colon + 1)));
    }
    seen.head_complete = true;
    seen.keep_alive = seen.minor == 1 ? !Has(seen, "connection", "close")
                                      : Has(seen, "connection", "keep-alive");
    seen.upgrade = Has(seen, "connection", "upgrade") && !Values(seen, "upgrade").empty();
    Body(seen);
    return seen;
  }

  static std::vector<std::string> Values(const Seen& seen, const std::string& name) {
    std::vector<std::string> values;
    for (const auto& [field, value] : seen.fields) {
      if (Lower(field) == name) values.push_back(value);
    }
    return values;
  }

  size_t head_size() const { return head_size_; }

 private:
  static bool Has(const Seen& seen, const std::string& name, const std::string& token) {
    for (const std::string& value : Values(seen, name)) {
      for (const std::string& item : Split(value, ",")) {
        if (Lower(Strip(item)) == token) return true;
      }
    }
    return false;
  }

  /// RFC 9112 section 6.3, for the requests that the product lets through.
  void Body(Seen& seen) {
    const auto lengths = Values(seen, "content-length");
    seen.end = Seen::End::kComplete;
    if (!Values(seen, "transfer-encoding").empty()) {
      Chunks(seen);
    } else if (!lengths.empty()) {
      uint64_t length = 0;
      for (const char c : lengths[0]) length = length * 10 + static_cast<uint64_t>(c - '0');
      seen.length = length;
      const size_t here = std::min<uint64_t>(length, rest_.size());
      seen.body = rest_.substr(0, here);
      rest_.remove_prefix(here);
      if (here < length) seen.end = Seen::End::kNeedMore;
    }
  }

  void Chunks(Seen& seen) {
    for (;;) {
      const size_t end = rest_.find("\r\n");
      if (end == std::string_view::npos) break;
      const std::string line(rest_.substr(0, end));
      const size_t digits = std::min(line.find_first_not_of("0123456789abcdefABCDEF"), line.size());
      if (digits == 0 || digits > 16) break;
      const uint64_t size = std::stoull(line.substr(0, digits), nullptr, 16);
      rest_.remove_prefix(end + 2);
      if (size == 0) return Trailer(seen);
      const size_t here = std::min<uint64_t>(size, rest_.size());
      seen.body += rest_.substr(0, here);
      rest_.remove_prefix(here);
      if (here < size || !rest_.starts_with("\r\n")) break;
      rest_.remove_prefix(2);
    }
    seen.end = Seen::End::kNeedMore;
  }

  void Trailer(Seen& seen) {
    for (;;) {
      const size_t end = rest_.find("\r\n");
      if (end == std::string_view::npos) break;
      rest_.remove_prefix(end + 2);
      if (end == 0) return;
    }
    seen.end = Seen::End::kNeedMore;
  }

  std::string_view rest_;
  size_t head_size_ = 0;
};

/// A request without anything that a strict server may take offence at.
bool IsPlain(const Seen& seen, size_t head_size, const Limits& limits) {
  if (head_size > limits.head || seen.fields.size() > 128) return false;
  if (seen.method.empty() || seen.method.size() > 32 || !Only(seen.method, kToken)) return false;
  if (!seen.target.starts_with('/') || !Only(seen.target, "/-_~=&") ||
      std::count(seen.target.begin(), seen.target.end(), '&') > 200) {
    return false;
  }
  for (const auto& [name, value] : seen.fields) {
    if (name.empty() || !Only(name, kToken) || !Only(value, " /-_.;=\"()")) return false;
    const std::string lower = Lower(name);
    // Lists with a grammar of their own.
    if (lower == "connection" || lower == "content-encoding" || lower == "proxy-connection" ||
        lower == "upgrade") {
      return false;
    }
  }
  const auto hosts = Reference::Values(seen, "host");
  if (hosts.size() != 1 || !Only(hosts[0], ".-")) return false;
  const auto lengths = Reference::Values(seen, "content-length");
  const auto codings = Reference::Values(seen, "transfer-encoding");
  if (lengths.size() + codings.size() > 1) return false;
  if (!codings.empty()) return seen.minor == 1 && Lower(codings[0]) == "chunked";
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return lengths.empty() ||
         (!lengths[0].empty() && lengths[0].size() < 19 &&
          std::all_of(lengths[0].begin(), lengths[0].end(), digit));
}

/// What the product let through is what the reference reads, body and boundaries too.
void CheckAccepted(const Seen& seen, const std::optional<Seen>& expected, const Limits& limits) {
  CHECK(expected.has_value());
  CHECK(seen.method == expected->method && seen.target == expected->target);
  CHECK(seen.minor == expected->minor && seen.fields == expected->fields);
  CHECK(seen.keep_alive == expected->keep_alive && seen.upgrade == expected->upgrade);
  CHECK(seen.length == expected->length);
  CHECK(!seen.method.empty() && Only(seen.method, kToken));
  const auto hosts = Reference::Values(seen, "host");
  CHECK(hosts.size() == 1 || (seen.minor == 0 && hosts.empty()));
  const auto lengths = Reference::Values(seen, "content-length");
  const auto codings = Reference::Values(seen, "transfer-encoding");
  CHECK(lengths.size() + codings.size() <= 1);
  CHECK(codings.empty() || (seen.minor == 1 && Lower(codings[0]) == "chunked"));
  if (seen.end == Seen::End::kComplete) {
    CHECK(expected->end == Seen::End::kComplete && seen.body == expected->body);
  } else if (seen.end == Seen::End::kNeedMore) {
    CHECK(expected->end == Seen::End::kNeedMore && expected->body.starts_with(seen.body));
  } else if (seen.end == Seen::End::kTooLarge) {
    CHECK(expected->body.size() > limits.body || expected->end == Seen::End::kNeedMore);
  }
}

std::vector<Seen> Read(fuzz::Pieces pieces, const Limits& limits) {
  Reader reader(limits);
  while (!pieces.empty()) reader.Feed(pieces.Next());
  return reader.Finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const Limits limits{data[1] % 2 == 0 ? 16'384U : 64U + data[1], data[1] % 4 < 2 ? 100'000U : 20U};
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto whole = Read(fuzz::Pieces::Whole(bytes), limits);
  CHECK(Read(fuzz::Pieces(data[0], bytes), limits) == whole);

  Reference reference(bytes);
  for (const Seen& seen : whole) {
    const auto expected = reference.Next();
    if (seen.head_complete) CheckAccepted(seen, expected, limits);
    if (expected && IsPlain(*expected, reference.head_size(), limits)) {
      // Nothing before it was refused, so this one must not be: only its body may be.
      CHECK(seen.head_complete);
    }
  }
  return 0;
}
