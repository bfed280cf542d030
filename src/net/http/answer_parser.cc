#include "net/http/answer_parser.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string>

#include "base/text.h"

namespace trackwire::net::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr size_t kMaxFields = 128;

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// `HTTP/1.1 200 OK`
bool ParseStatusLine(std::string_view line, AnswerHead& head) {
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  constexpr size_t kDigits = 3;
  if (!line.starts_with(kVersion)) return false;
  line.remove_prefix(kVersion.size());
  const auto status = ParseNumber<int>(line.substr(0, kDigits));
  if (!status || *status < 100 || (line.size() > kDigits && line[kDigits] != ' ')) return false;
  head.response.status = *status;
  return true;
}

bool ParseField(std::string_view line, Headers& headers) {
  const size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  const std::string_view name = line.substr(0, colon);
  if (!std::all_of(name.begin(), name.end(), IsTokenChar)) return false;
  headers.Add(std::string(name), std::string(base::Trim(line.substr(colon + 1))));
  return true;
}

/// Whose body is of what length.
std::optional<AnswerError> ReadLength(const Headers& headers, AnswerHead& head) {
  const int status = head.response.status;
  if (headers.Find("Transfer-Encoding")) return AnswerError::kNoLength;
  if (status < 200 || status == 204 || status == 304) return std::nullopt;
  const auto field = headers.Find("Content-Length");
  if (!field || headers.Count("Content-Length") != 1) return AnswerError::kNoLength;
  const auto length = ParseNumber<size_t>(*field);
  if (!length) return AnswerError::kMalformed;
  head.body_bytes = *length;
  return std::nullopt;
}

}  // namespace

bool IsHopByHop(std::string_view name, const Headers& headers) {
  static constexpr std::string_view kNames[] = {
      "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection",
      "TE",         "Trailer",    "Transfer-Encoding",  "Upgrade"};
  const auto is = [name](std::string_view other) { return base::EqualsIgnoreCase(name, other); };
  return std::any_of(std::begin(kNames), std::end(kNames), is) ||
         headers.HasToken("Connection", name);
}

Result<std::optional<AnswerHead>, AnswerError> ParseAnswerHead(std::string_view data,
                                                               size_t max_head_bytes) {
  const size_t end = data.substr(0, max_head_bytes).find(kHeadEnd);
  if (end == std::string_view::npos) {
    if (data.size() >= max_head_bytes) return Err(AnswerError::kTooLarge);
    return std::optional<AnswerHead>();
  }
  AnswerHead head;
  head.head_bytes = end + kHeadEnd.size();
  Headers headers;
  std::string_view rest = data.substr(0, end + kLineEnd.size());
  for (bool first = true; !rest.empty(); first = false) {
    const size_t line_end = rest.find(kLineEnd);
    const std::string_view line = rest.substr(0, line_end);
    rest.remove_prefix(line_end + kLineEnd.size());
    const bool good = first ? ParseStatusLine(line, head) : ParseField(line, headers);
    if (!good || headers.all().size() > kMaxFields) return Err(AnswerError::kMalformed);
  }
  if (const auto error = ReadLength(headers, head)) return Err(*error);
  head.keep_alive = !headers.HasToken("Connection", "close");
  for (const auto& [name, value] : headers.all()) {
    const bool ours = IsHopByHop(name, headers) || base::EqualsIgnoreCase(name, "Content-Length") ||
                      base::EqualsIgnoreCase(name, "Date");
    if (!ours) head.response.headers.Add(name, value);
  }
  return std::optional<AnswerHead>(std::move(head));
}

}  // namespace trackwire::net::http
