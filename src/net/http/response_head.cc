#include "net/http/response_head.h"

#include <cstdio>
#include <ctime>

namespace trackwire::net::http {
namespace {

/// The Date field's value, made anew once a second. Spec: RFC 9110 section 5.6.7.
const std::string& DateNow() {
  thread_local std::time_t made_at = 0;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != made_at) {
    std::tm utc{};
    gmtime_r(&now, &utc);
    char buffer[40];
    static const char* const kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char* const kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const int size = std::snprintf(buffer, sizeof(buffer), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   kDays[utc.tm_wday], utc.tm_mday, kMonths[utc.tm_mon],
                                   utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
    text.assign(buffer, static_cast<size_t>(size));
    made_at = now;
  }
  return text;
}

}  // namespace

void AppendField(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  for (const char c : value) {
    const bool control = (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
    out.push_back(control ? ' ' : c);
  }
  out.append("\r\n");
}

std::string ResponseHead(const Response& response, bool keep_alive,
                         std::chrono::milliseconds idle_timeout) {
  std::string head = "HTTP/1.1 ";
  head.reserve(256);
  head.append(std::to_string(response.status)).append(" ");
  head.append(StatusText(response.status)).append("\r\n");
  for (const auto& [name, value] : response.headers.all()) AppendField(head, name, value);
  AppendField(head, "Date", DateNow());
  if (response.status >= 200 && response.status != 204 && response.status != 304) {
    AppendField(head, "Content-Length", std::to_string(response.content().size()));
  }
  AppendField(head, "Connection", keep_alive ? "keep-alive" : "close");
  const auto idle = std::chrono::duration_cast<std::chrono::seconds>(idle_timeout);
  if (keep_alive && idle.count() > 0) {
    AppendField(head, "Keep-Alive", "timeout=" + std::to_string(idle.count()));
  }
  head.append("\r\n");
  return head;
}

}  // namespace trackwire::net::http
