#include "net/http/message.h"

#include <algorithm>

#include "base/text.h"

namespace trackwire::net::http {
namespace {

/// Calls `use(item)` for each trimmed item of a separated list until it returns true.
template <typename Use>
bool AnyItem(std::string_view list, char separator, Use use) {
  while (true) {
    const size_t end = list.find(separator);
    if (use(base::Trim(list.substr(0, end)))) return true;
    if (end == std::string_view::npos) return false;
    list.remove_prefix(end + 1);
  }
}

std::string Decoded(std::string_view text) {
  auto decoded = base::PercentDecode(text, true);
  return decoded ? std::move(*decoded) : std::string(text);
}

}  // namespace

void Headers::Set(std::string_view name, std::string value) {
  std::erase_if(fields_,
                [name](const auto& field) { return base::EqualsIgnoreCase(field.first, name); });
  fields_.emplace_back(std::string(name), std::move(value));
}

std::optional<std::string_view> Headers::Find(std::string_view name) const {
  for (const auto& [field, value] : fields_) {
    if (base::EqualsIgnoreCase(field, name)) return value;
  }
  return std::nullopt;
}

size_t Headers::Count(std::string_view name) const {
  return static_cast<size_t>(std::count_if(
      fields_.begin(), fields_.end(),
      [name](const auto& field) { return base::EqualsIgnoreCase(field.first, name); }));
}

bool Headers::HasToken(std::string_view name, std::string_view token) const {
  return std::any_of(fields_.begin(), fields_.end(), [&](const auto& field) {
    return base::EqualsIgnoreCase(field.first, name) &&
           AnyItem(field.second, ',',
                   [token](std::string_view item) { return base::EqualsIgnoreCase(item, token); });
  });
}

size_t Query::CountFields(std::string_view text) {
  size_t fields = 0;
  AnyItem(text, '&', [&fields](std::string_view pair) {
    fields += pair.empty() ? 0 : 1;
    return false;
  });
  return fields;
}

Query Query::Parse(std::string_view text) {
  Query query;
  query.fields_.reserve(CountFields(text));
  AnyItem(text, '&', [&query](std::string_view pair) {
    if (pair.empty()) return false;
    const size_t equals = pair.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    query.fields_.emplace_back(Decoded(pair.substr(0, equals)), Decoded(value));
    return false;
  });
  return query;
}

std::optional<std::string_view> Query::Find(std::string_view name) const {
  for (auto field = fields_.rbegin(); field != fields_.rend(); ++field) {
    if (field->first == name) return field->second;
  }
  return std::nullopt;
}

std::optional<std::string> Request::Cookie(std::string_view name) const {
  std::optional<std::string> found;
  for (const auto& [field, list] : headers.all()) {
    if (!base::EqualsIgnoreCase(field, "Cookie")) continue;
    const bool hit = AnyItem(list, ';', [&](std::string_view pair) {
      const size_t equals = pair.find('=');
      if (equals == std::string_view::npos || base::Trim(pair.substr(0, equals)) != name) {
        return false;
      }
      std::string_view value = base::Trim(pair.substr(equals + 1));
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
        value = value.substr(1, value.size() - 2);
      }
      found = std::string(value);
      return true;
    });
    if (hit) break;
  }
  return found;
}

Response Response::Text(int status, std::string body) {
  Response response;
  response.status = status;
  response.headers.Add("Content-Type", "text/plain; charset=UTF-8");
  response.body = std::move(body);
  return response;
}

Response Response::Json(int status, std::string body) {
  Response response;
  response.status = status;
  response.headers.Add("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

const char* StatusText(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

bool IsTokenChar(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace trackwire::net::http
