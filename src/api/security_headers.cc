#include "api/security_headers.h"

#include <string>

namespace trackwire::api {
namespace {

std::string PagePolicy(bool inline_styles) {
  return std::string("default-src 'none'; script-src 'self'; style-src 'self'") +
         (inline_styles ? " 'unsafe-inline'" : "") +
         "; connect-src 'self'; img-src 'self' data: blob:; font-src 'self'; worker-src 'self'; "
         "manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
         "frame-ancestors 'none'";
}

/// An answer that is no page shows and loads nothing, should a browser be made to open it.
constexpr const char* kDataPolicy = "default-src 'none'; frame-ancestors 'none'";
constexpr const char* kPermissions =
    "camera=(), microphone=(), payment=(), usb=(), serial=(), bluetooth=(), hid=(), midi=(), "
    "display-capture=(), geolocation=(self), fullscreen=(self)";
constexpr const char* kTlsForAYear = "max-age=31536000";

void AddCommon(const net::http::Request& request, net::http::Headers& headers) {
  headers.Add("X-Content-Type-Options", "nosniff");
  headers.Add("Referrer-Policy", "same-origin");
  headers.Add("Cross-Origin-Resource-Policy", "same-origin");
  if (request.secure) headers.Add("Strict-Transport-Security", kTlsForAYear);
}

}  // namespace

void AddSecurityHeaders(const net::http::Request& request, net::http::Headers& headers) {
  AddCommon(request, headers);
  headers.Add("Content-Security-Policy", kDataPolicy);
}

void AddPageHeaders(const net::http::Request& request, net::http::Headers& headers,
                    bool inline_styles) {
  AddCommon(request, headers);
  headers.Add("Content-Security-Policy", PagePolicy(inline_styles));
  headers.Add("Cross-Origin-Opener-Policy", "same-origin");
  headers.Add("Permissions-Policy", kPermissions);
}

}  // namespace trackwire::api
