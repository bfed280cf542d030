#pragma once

#include <curl/curl.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/result.h"

namespace trackwire::outbound {

/// Which addresses a transfer may connect to, and whether one was refused.
struct AddressGuard {
  bool allow_private = false;
  bool refused = false;
};

/// A handle of curl's with what all our transfers have in common: the guard asked about every
/// address, no proxy, no redirect, no signals, http and https alone. Not movable: curl keeps
/// pointers into it.
class Easy {
 public:
  Easy(bool allow_private, const std::string& user_agent, const std::string& ca_file);
  ~Easy();
  Easy(const Easy&) = delete;
  Easy& operator=(const Easy&) = delete;

  CURL* get() const { return easy_; }
  template <typename T>
  void Set(CURLoption option, T value) {
    CHECK(curl_easy_setopt(easy_, option, value) == CURLE_OK);
  }
  /// Errors: `bad_url` for a URL or header that cannot be sent.
  Result<void> SetUrl(const std::string& url);
  Result<void> SetHeaders(const std::vector<std::pair<std::string, std::string>>& headers);

  bool refused() const { return guard_.refused; }
  /// What a transfer that ended so failed of: `forbidden_address`, `timeout`, `bad_url` or
  /// `unreachable`.
  Error ErrorOf(CURLcode code) const;

 private:
  CURL* easy_;
  curl_slist* headers_ = nullptr;
  AddressGuard guard_;
  std::array<char, CURL_ERROR_SIZE> reason_{};
};

}  // namespace trackwire::outbound
