#include "engineio/cookie.h"

#include <algorithm>
#include <string_view>

namespace trackwire::engineio {
namespace {

bool IsTokenByte(char c) {
  return c > 0x20 && c < 0x7f &&
         std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
}

bool IsAttribute(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7f && c != ';'; });
}

const char* ToString(SessionCookie::SameSite same_site) {
  switch (same_site) {
    case SessionCookie::SameSite::kLax:
      return "Lax";
    case SessionCookie::SameSite::kStrict:
      return "Strict";
    case SessionCookie::SameSite::kNone:
      return "None";
  }
  return "";
}

}  // namespace

bool IsValid(const SessionCookie& cookie) {
  return std::all_of(cookie.name.begin(), cookie.name.end(), IsTokenByte) &&
         IsAttribute(cookie.path) && IsAttribute(cookie.domain);
}

std::string SetCookie(const SessionCookie& cookie, const std::string& value) {
  std::string text = cookie.name + "=" + value;
  if (cookie.max_age) text += "; Max-Age=" + std::to_string(cookie.max_age->count());
  if (!cookie.domain.empty()) text += "; Domain=" + cookie.domain;
  if (!cookie.path.empty()) text += "; Path=" + cookie.path;
  if (cookie.http_only) text += "; HttpOnly";
  if (cookie.secure) text += "; Secure";
  return text + "; SameSite=" + ToString(cookie.same_site);
}

}  // namespace trackwire::engineio
