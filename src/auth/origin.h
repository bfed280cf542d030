#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace trackwire::auth {

/// One entry of `cors.origins`: `https://example.org`, `https://*.example.org` (one label
/// below it), `http://localhost:*` (any port), or `*`.
class OriginPattern {
 public:
  /// Errors: code `bad_origin`.
  static Result<OriginPattern> Parse(std::string_view text);
  bool Matches(std::string_view origin) const;
  bool any() const { return any_; }

 private:
  bool any_ = false;
  std::string scheme_;
  std::string host_;  ///< without the leading `*.`
  bool subdomains_ = false;
  std::string port_;  ///< empty: the scheme's own; `*`: any
};

/// Which pages of other sites may talk to us. Immutable; any thread.
class OriginList {
 public:
  /// Errors: code `bad_origin`, naming the entry.
  static Result<OriginList> Parse(const std::vector<std::string>& entries);

  /// Whether a request with this Origin and Host may be served. Requests without Origin do not come
  /// from a page; those of our own pages have our own host.
  bool Allows(std::optional<std::string_view> origin, std::string_view host) const;
  /// As Allows(), for an origin on the list only.
  bool Lists(std::string_view origin) const;
  /// As Lists(), by an entry other than `*`.
  bool Names(std::string_view origin) const;
  /// Whether the cookies of a request with this Origin and Host count: as Allows(), but `*` lets
  /// nobody's cookies in, or any page could act as its visitor.
  bool AllowsCookies(std::optional<std::string_view> origin, std::string_view host) const;
  /// `*` is listed: everybody, but without credentials.
  bool any() const { return any_; }
  bool empty() const { return patterns_.empty(); }

 private:
  std::vector<OriginPattern> patterns_;
  bool any_ = false;
};

}  // namespace trackwire::auth
