#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "net/http/message.h"

namespace trackwire::net::http {

/// The head of an answer, as far as whoever hands it on needs it.
struct AnswerHead {
  /// Status and those headers that are not about the connection it came over: without Connection
  /// and what it names, Content-Length, Date and the like. No body.
  Response response;
  size_t head_bytes = 0;
  size_t body_bytes = 0;
  bool keep_alive = false;
};

enum class AnswerError : uint8_t {
  kTooLarge,  ///< the head
  kMalformed,
  kNoLength,  ///< its body has no Content-Length: chunks and ends by closing are not taken
};

/// Nothing yet when `data` ends within the head. For answers of servers of our own kind, to
/// anything but HEAD. Spec: RFC 9112.
Result<std::optional<AnswerHead>, AnswerError> ParseAnswerHead(std::string_view data,
                                                               size_t max_head_bytes);

/// Whether a header field is about one connection only and not to be handed on. `headers` are all
/// of its message. Spec: RFC 9110 section 7.6.1.
bool IsHopByHop(std::string_view name, const Headers& headers);

}  // namespace trackwire::net::http
