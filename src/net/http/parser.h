#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http/message.h"

namespace trackwire::net::http {

/// Takes one request apart: Boost.Beast's parser behind stricter rules.
///
/// The caller keeps the bytes that were not consumed and offers them again with what follows.
/// One object a request. Thread-compatible.
/// Spec: RFC 9112.
class RequestParser {
 public:
  enum class Status : uint8_t {
    kNeedMore,
    kComplete,
    kError,     ///< error_status() says how to answer; nothing more may be fed
    kTooLarge,  ///< the body passes its limit
  };
  struct Progress {
    Status status;
    size_t consumed;
  };

  explicit RequestParser(size_t max_head_bytes);
  ~RequestParser();

  /// Takes the head, which it wants in one piece: consumes nothing but empty lines before it until
  /// `data` holds all of it.
  Progress ParseHead(std::string_view data);
  /// The head without remote_address and secure. Once, after ParseHead() was complete.
  std::unique_ptr<Request> TakeRequest();

  /// Whether a body follows the head that is not read yet.
  bool body_pending() const;
  /// Takes the body, undoing chunks, and appends it to `body`, which never grows past `limit`.
  Progress ParseBody(std::string_view data, std::string& body, size_t limit);

  /// 400, 415, 431, 501 or 505.
  int error_status() const { return error_status_; }

 private:
  struct Machine;

  Progress Fail(int status);
  Progress TakeContent(std::string_view data);
  Progress TakeChunkLine(std::string_view data);

  std::unique_ptr<Machine> machine_;
  size_t max_head_bytes_;
  size_t scanned_ = 0;     // of the head's bytes, already searched for its end
  size_t blank_ = 0;       // bytes of empty lines before it
  size_t body_bytes_ = 0;  // of the body
  size_t overhead_ = 0;    // what came between its chunks
  int error_status_ = 0;
};

/// The path of a request target, percent-decoded. Nothing for what could mean one thing here and
/// another elsewhere: broken escapes, control characters, encoded slashes, segments `.` and `..`.
std::optional<std::string> DecodePath(std::string_view raw_path);

}  // namespace trackwire::net::http
