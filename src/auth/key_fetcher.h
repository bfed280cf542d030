#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"

namespace trackwire::auth {

/// Reads the text of a key set from where an operator said it is. Nothing that a client sends ever
/// reaches it.
class KeyFetcher {
 public:
  virtual ~KeyFetcher() = default;
  /// The whole text. Blocks for a bounded time; one thread at a time.
  virtual Result<std::string> Fetch() = 0;
  /// Ends a running Fetch() soon and lets later ones fail. Any thread.
  virtual void Cancel() = 0;
};

/// Reads the file `path` each time. Errors: `key_unreadable`, `too_large`.
std::unique_ptr<KeyFetcher> MakeFileFetcher(std::string path, size_t max_bytes);

struct UrlFetcherOptions {
  /// From the start to the last byte, names looked up and TLS included.
  std::chrono::milliseconds timeout{4'000};
  size_t max_bytes = 256 * 1'024;
  /// Authorities in PEM form to trust instead of the system's; empty: the system's.
  std::string ca_file;
};

/// Whether keys may be asked for there: an `https` URL, or an `http` one of this machine itself
/// (127.0.0.0/8, [::1], localhost); `bad_url` says what is wrong. A name and password in it would
/// show up in logs, so they are refused.
Result<void> CheckKeyUrl(const std::string& url);

/// Asks `url` by GET. Answers other than 200 are errors, redirections too: keys come from the
/// place that was configured or not at all. Errors: `bad_url`, and from Fetch() `bad_status`,
/// `too_large`, `cancelled`, `unreachable` (with the reason; time-outs and TLS too).
Result<std::unique_ptr<KeyFetcher>> MakeUrlFetcher(const std::string& url,
                                                   const UrlFetcherOptions& options);

}  // namespace trackwire::auth
